import * as pulumi from "@pulumi/pulumi";
import { isMarkKey } from "../../components/workload/docker/labels";
import { DOCKER_HOST_TYPE } from "../hosts";
import { refusal } from "../refusal";
import type { SystemName } from "../rules";

/** What the state says about what is deployed. */
export interface Deployed {
    /** Host -> id of the Docker Engine that the stack was deployed to. */
    engineIds: Map<string, string>;
    /** Systems with anything in the state. */
    systems: Map<SystemName, DeployedSystem>;
    volumes: DeployedVolume[];
    /** Names on the hosts of containers and volumes. */
    names: Set<string>;
    /** Keys of the marks on what this state made: nobody else has them, and nothing may print them. */
    keys: string[];
}

export interface DeployedVolume {
    /** On the host. */
    name: string;
    /** In the program. */
    logical: string;
    system: SystemName;
    /** Name of the host in the config; undefined when the last update did not write it down yet. */
    host?: string;
    /** It was taken over from another state. */
    adopted?: boolean;
}

/** Names on the host. */
export interface DeployedSystem {
    containers: string[];
    volumes: string[];
}

/** What a component `DockerHost` writes down. */
export interface DockerHostOutputs {
    engineId?: string;
    /** Logical names. The state itself does not tell on which host a volume is. */
    volumes?: string[];
    /** Those of them that were taken over from another state: their marks are not ours. */
    adopted?: string[];
}

/** URN -> type and outputs, secrets readable: nothing of it may be logged. */
export type StateResources = Record<string, { type: string; outputs: Record<string, unknown> }>;

/** Type of a component at the top of the stack -> the system that it is part of. */
const SYSTEM_OF: Record<string, SystemName> = {
    "groundwork:index:OpenPectus": "openpectus",
    "groundwork:index:OpenPectusEngine": "openpectus",
    "groundwork:index:Lightning": "lightning",
};

/** Asks the engine for the state of this stack. It makes no resource, and sees the state as it was when the run began. */
export async function readState(): Promise<Deployed> {
    const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
    try {
        const { outputs } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName })) as {
            outputs?: StateResources;
        };
        return deployed(outputs ?? {});
    } catch (problem) {
        throw refusal(`the state of stack ${stackName} cannot be read: ${(problem as Error).message}`);
    }
}

export function deployed(resources: StateResources): Deployed {
    const entries = Object.entries(resources).map(([urn, resource]) => ({ ...resource, ...partsOf(urn) }));
    const hosts = entries.filter(({ type }) => type === DOCKER_HOST_TYPE).map(hostOf);
    const result: Deployed = { engineIds: engineIdsOf(hosts), systems: new Map(), volumes: [], names: new Set(), keys: keysOf(entries) };
    for (const { type, outputs, name: logical, system } of entries) {
        if (!system) continue;
        const entry = result.systems.get(system) ?? { containers: [], volumes: [] };
        result.systems.set(system, entry);
        const [isContainer, isVolume] = [type === "docker:index/container:Container", type === "docker:index/volume:Volume"];
        if (!isContainer && !isVolume) continue;
        const name = String(outputs.name);
        result.names.add(name);
        (isContainer ? entry.containers : entry.volumes).push(name);
        if (isVolume) result.volumes.push({ name, logical, system, ...placeOf(logical, hosts) });
    }
    return result;
}

function partsOf(urn: string): { name: string; system?: SystemName } {
    const [, , qualifiedType, name] = urn.split("::") as [string, string, string, string];
    return { name, system: SYSTEM_OF[qualifiedType.split("$")[0]!] };
}

type DeployedHost = { name: string } & DockerHostOutputs;

function hostOf({ name, outputs }: { name: string; outputs: DockerHostOutputs }): DeployedHost {
    return { ...outputs, name: name.replace(/^host-/, "") };
}

function placeOf(logical: string, hosts: DeployedHost[]): Pick<DeployedVolume, "host" | "adopted"> {
    const host = hosts.find(({ volumes }) => volumes?.includes(logical));
    return { host: host?.name, ...(host?.adopted?.includes(logical) && { adopted: true }) };
}

function engineIdsOf(hosts: DeployedHost[]): Map<string, string> {
    return new Map(hosts.flatMap(({ name, engineId }) => (engineId === undefined ? [] : [[name, engineId] as const])));
}

/** One for each component. */
function keysOf(entries: { type: string; name: string; outputs: Record<string, unknown> }[]): string[] {
    return entries
        .filter(({ type, name }) => isMarkKey(type, name))
        .map(({ outputs }) => outputs.result)
        .filter((key): key is string => typeof key === "string");
}
