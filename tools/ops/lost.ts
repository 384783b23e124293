import type { Environment } from "./environment";
import { hostsOf, onAll, type Host } from "./hosts";
import { exportState, pulumi } from "./pulumi";
import { isContainer, isVolume, physicalName, type Resource } from "./state";
import { Stop } from "./stop";
import { ownFilter } from "./workloads";

/**
 * A run that was stopped while it deleted leaves things in the state that are gone, or stopped, on their host. The next
 * update would take them for running and change nothing; so the state is told about them, and the update makes them again.
 */
export async function forgetLost(env: Environment): Promise<void> {
    const deployment = (await exportState(env, { showSecrets: true }))?.deployment;
    const resources = deployment?.resources ?? [];
    const present = (await onAll(await hostsOf(deployment), (host) => presentOn(host, env))).flat();
    const lost = lostResources(resources, new Set(present));
    if (lost.length === 0) return;
    console.log(`recovery: a stopped run left ${lost.map(physicalName).join(", ")} gone or stopped; telling the state`);
    const targets = lost.flatMap(({ urn }) => ["--target", urn]);
    const code = await pulumi(["refresh", "--yes", "--skip-preview", "--suppress-outputs", "--stack", env.stack, ...targets]);
    if (code !== 0) throw new Stop("the state could not be brought up to date; the reason is above", code);
}

/** Ids of running containers and of networks, names of volumes. */
async function presentOn({ docker }: Host, env: Environment): Promise<string[]> {
    const filters = ownFilter(env);
    const [containers, networks, { Volumes: volumes }] = await Promise.all([
        docker.listContainers({ filters }),
        docker.listNetworks({ filters }),
        docker.listVolumes({ filters }),
    ]);
    return [...containers.map(({ Id }) => Id), ...networks.map(({ Id }) => Id), ...(volumes ?? []).map(({ Name }) => Name)];
}

export function lostResources(resources: Resource[], present: Set<string>): Resource[] {
    return resources.filter((resource) => isPhysical(resource) && resource.id !== undefined && !present.has(resource.id));
}

function isPhysical(resource: Resource): boolean {
    return isContainer(resource) || isVolume(resource) || resource.type === "docker:index/network:Network";
}
