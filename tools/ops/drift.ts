import type { ContainerInspectInfo } from "dockerode";
import { orMissing } from "../../components/workload/docker/client";
import { addressOf, anotherMachine, hostsOf, onEach, unreachable, type Host } from "./hosts";
import { anothers } from "./ownership";
import { isContainer, isNetwork, isVolume, type Deployment, type Resource } from "./state";

/** A container of the state, with what the engine that should have it says about it; `info` is missing when it is gone. */
export interface Deployed {
    resource: Resource;
    host: Host;
    info?: ContainerInspectInfo;
}

/** What the state and the hosts together say. */
export interface Sight {
    /** In the order of the state: what others depend on comes first. */
    containers: Deployed[];
    /** Networks, volumes and images that are gone. Images count only where a container is gone that needs one. */
    lost: { resource: Resource; host: Host }[];
    /** Volumes that another state made in the place of those that are gone. */
    foreign: { resource: Resource; host: Host }[];
    /** Why nothing was looked at on a host. */
    notLookedAt: string[];
}

/** How many questions one engine is asked at a time: over ssh each is a connection of its own. */
const AT_A_TIME = 4;

/**
 * Looks for everything that the state knows on the engine that should have it. An engine that does not answer, or is another than the one
 * with what is deployed, is left alone: the configuration may name another by now, and the program, which knows it, judges that.
 */
export async function look(deployment: Deployment): Promise<Sight> {
    const resources = deployment.resources ?? [];
    const on = ({ address }: Host) => resources.filter((one) => isPhysical(one) && addressOf(one, resources) === address);
    const hosts = (await hostsOf(deployment)).filter((host) => on(host).length > 0);
    const { answers, silent } = await onEach(hosts, (host) => lookAt(host, on(host), resources));
    return {
        containers: answers.flatMap(({ containers }) => containers),
        lost: answers.flatMap(({ lost }) => lost),
        foreign: answers.flatMap(({ foreign }) => foreign),
        notLookedAt: [...silent.map(unreachable), ...answers.flatMap(({ notLookedAt }) => notLookedAt)],
    };
}

async function lookAt(host: Host, resources: Resource[], all: Resource[]): Promise<Sight> {
    const { docker } = host;
    const [another, networks, { Volumes }] = await Promise.all([anotherMachine(host), docker.listNetworks(), docker.listVolumes()]);
    if (another) return { containers: [], lost: [], foreign: [], notLookedAt: [another] };
    const volumes = Volumes ?? [];
    const present = new Set([...networks.map(({ Id }) => Id), ...volumes.map(({ Name }) => Name)]);
    const containers = await inTurns(resources.filter(isContainer), async (resource) => ({
        resource,
        host,
        info: await orMissing(docker.getContainer(resource.id!).inspect()),
    }));
    const gone = resources.filter((resource) => (isVolume(resource) || isNetwork(resource)) && !present.has(resource.id!));
    const images = containers.every(({ info }) => info) ? [] : await lostImages(host, resources);
    const here = (found: Resource[]) => found.map((resource) => ({ resource, host }));
    const foreign = anothers(resources, all, volumes);
    return { containers, lost: here([...gone, ...images]), foreign: here(foreign), notLookedAt: [] };
}

async function lostImages({ docker }: Host, resources: Resource[]): Promise<Resource[]> {
    const present = await inTurns(resources.filter(isImage), async (resource) => ({
        resource,
        // The state has the name of the image behind its id.
        info: await orMissing(docker.getImage(/^sha256:[0-9a-f]{64}/.exec(resource.id!)?.[0] ?? resource.id!).inspect()),
    }));
    return present.filter(({ info }) => !info).map(({ resource }) => resource);
}

async function inTurns<T, R>(all: T[], ask: (one: T) => Promise<R>): Promise<R[]> {
    const answers: R[] = [];
    for (let at = 0; at < all.length; at += AT_A_TIME) answers.push(...(await Promise.all(all.slice(at, at + AT_A_TIME).map(ask))));
    return answers;
}

function isPhysical(resource: Resource): boolean {
    const known = resource.id !== undefined && !resource.delete;
    return known && [isContainer, isVolume, isNetwork, isImage].some((is) => is(resource));
}

function isImage({ type }: Resource): boolean {
    return type === "docker:index/remoteImage:RemoteImage";
}
