import type { Environment } from "./environment";
import { executeQuietly } from "./execute";
import { addressOf, hostsOf, onAll, type Host } from "./hosts";
import { ownership } from "./ownership";
import { exportState } from "./pulumi";
import { guardedContainers, isVolume, type Guarded, type Resource } from "./state";

/** A volume on a host. */
export interface Data {
    name: string;
    host: Host;
}

/** What runs and must not be interrupted, with what it says of itself. */
export interface Busy {
    subject: string;
    status: string;
}

/** What the hosts say now, of what this state made. */
export async function inventory(env: Environment, forceData: boolean): Promise<{ hosts: Host[]; volumes: Data[]; busy: Busy[] }> {
    const deployment = (await exportState(env, { showSecrets: true }))?.deployment;
    const resources = deployment?.resources ?? [];
    const hosts = await hostsOf(deployment);
    if (resources.length === 0) return { hosts, volumes: [], busy: [] };
    const guarded = guardedContainers(resources).filter(({ allowRestart }) => !allowRestart);
    const busy = guarded.length > 0 ? (await onAll(hosts, (host) => busyOn(host, guarded))).flat() : [];
    const volumes = forceData ? (await onAll(hosts, (host) => volumesOn(host, resources))).flat() : [];
    return { hosts, volumes, busy };
}

async function busyOn(host: Host, guarded: Guarded[]): Promise<Busy[]> {
    const running = await host.docker.listContainers();
    const found = guarded.flatMap((one) => {
        const container = running.find(({ Names }) => Names.includes(`/${one.container}`));
        return container ? [{ ...one, id: container.Id }] : [];
    });
    return Promise.all(
        found.map(async ({ id, subject, statusCommand }) => ({ subject, status: await statusOf({ id, host }, statusCommand) })),
    );
}

async function statusOf(container: { id: string; host: Host }, command: string[] | undefined): Promise<string> {
    if (!command) return "running";
    const { code, output } = await executeQuietly(container, command);
    return (code === 0 && output.trim().split("\n")[0]) || "running, and does not say what it does";
}

/** The volumes of the state, adopted ones too, and those of an interrupted update. */
async function volumesOn(host: Host, resources: Resource[]): Promise<Data[]> {
    const { Volumes: volumes } = await host.docker.listVolumes();
    const here = resources.filter((resource) => isVolume(resource) && addressOf(resource, resources) === host.address);
    const known = new Set(here.map(({ id }) => id));
    const isOurs = ownership(resources);
    return (volumes ?? []).filter(({ Name, Labels }) => known.has(Name) || isOurs(Name, Labels)).map(({ Name }) => ({ name: Name, host }));
}

export function nameOf({ name, host }: Data): string {
    return host.name === "default" ? `volume ${name}` : `volume ${name} (host ${host.name})`;
}
