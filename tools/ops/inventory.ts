import type { Environment } from "./environment";
import { executeQuietly } from "./execute";
import { addressOf, anotherMachine, hostsOf, onAll, type Host } from "./hosts";
import { anothers, anothersVolumes, ownership } from "./ownership";
import { exportState } from "./pulumi";
import { guardedContainers, isVolume, type GuardedResource, type Resource } from "./state";
import { Stop } from "./stop";

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

export interface Inventory {
    hosts: Host[];
    volumes: Data[];
    busy: Busy[];
    /** URNs of containers that must not be interrupted, running or not. */
    guarded: string[];
}

/** What the hosts say now, of what this state made. */
export async function inventory(env: Environment, forceData: boolean): Promise<Inventory> {
    const deployment = (await exportState(env, { showSecrets: true }))?.deployment;
    const resources = deployment?.resources ?? [];
    const hosts = await hostsOf(deployment);
    if (resources.length === 0) return { hosts, volumes: [], busy: [], guarded: [] };
    await onAll(hosts, refuseAnotherMachine);
    const guarded = guardedContainers(resources).filter(({ allowRestart }) => !allowRestart);
    const busy = guarded.length > 0 ? await busyOn(hosts, guarded) : [];
    const volumes = forceData ? (await onAll(hosts, (host) => volumesOn(host, resources))).flat() : [];
    return { hosts, volumes, busy, guarded: guarded.map(({ resource }) => resource.urn) };
}

/** What is not found there would leave the state, and run on where it is. */
async function refuseAnotherMachine(host: Host): Promise<void> {
    const another = await anotherMachine(host);
    if (!another) return;
    const fix = `set its address back (DOCKER_HOST and the docker context count where none is set); if that machine is lost, see engineId in ${REFERENCE}`;
    throw new Stop(`${another}; nothing was changed: ${fix}`);
}

const REFERENCE = "docs/reference/hosts.md";

/** One that is nowhere to be found may be running under another name, or on an engine that was not asked. */
async function busyOn(hosts: Host[], guarded: GuardedResource[]): Promise<Busy[]> {
    const containers = (await onAll(hosts, containersOn)).flat();
    const asked = guarded.map(async ({ resource, container, subject, statusCommand }) => {
        const found = containers.find(({ id }) => id === resource.id) ?? containers.find(({ names }) => names.includes(`/${container}`));
        if (!found) return [{ subject, status: "not found on its Docker Engine" }];
        return found.running ? [{ subject, status: await statusOf(found, statusCommand) }] : [];
    });
    return (await Promise.all(asked)).flat();
}

async function containersOn(host: Host) {
    const containers = await host.docker.listContainers({ all: true });
    return containers.map(({ Id: id, Names: names, State }) => ({ id, names, running: State === "running", host }));
}

async function statusOf(container: { id: string; host: Host }, command: string[] | undefined): Promise<string> {
    if (!command) return "running";
    const { code, output } = await executeQuietly(container, command);
    return (code === 0 && output.trim().split("\n")[0]) || "running, and does not say what it does";
}

/** The volumes of the state, adopted ones too, and those of an interrupted update. */
async function volumesOn(host: Host, resources: Resource[]): Promise<Data[]> {
    const volumes = (await host.docker.listVolumes()).Volumes ?? [];
    const here = resources.filter((resource) => isVolume(resource) && addressOf(resource, resources) === host.address);
    const foreign = anothers(here, resources, volumes);
    if (foreign.length > 0) throw new Stop(anothersVolumes(foreign));
    const known = new Set(here.map(({ id }) => id));
    const isOurs = ownership(resources);
    return volumes
        .filter(({ Name, Labels }) => known.has(Name) || isOurs(Name, Labels))
        .map(({ Name }) => ({ name: Name, host }))
        .sort((a, b) => a.name.localeCompare(b.name));
}

export function nameOf({ name, host }: Data): string {
    return host.name === "default" ? `volume ${name}` : `volume ${name} (host ${host.name})`;
}
