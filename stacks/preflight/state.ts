import * as pulumi from "@pulumi/pulumi";
import { DOCKER_HOST_TYPE } from "../hosts";
import { refusal } from "../refusal";
import type { SystemName } from "../rules";

/** What the state says about what is deployed. */
export interface Deployed {
    /** Host -> id of the Docker Engine that the stack was deployed to. */
    engineIds: Map<string, string>;
    /** Systems with anything in the state. */
    systems: Map<SystemName, DeployedSystem>;
}

/** Names on the host. */
export interface DeployedSystem {
    containers: string[];
    volumes: string[];
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
    const result: Deployed = { engineIds: new Map(), systems: new Map() };
    for (const [urn, { type, outputs }] of Object.entries(resources)) {
        const [, , qualifiedType, name] = urn.split("::") as [string, string, string, string];
        if (type === DOCKER_HOST_TYPE && typeof outputs.engineId === "string") {
            result.engineIds.set(name.replace(/^host-/, ""), outputs.engineId);
        }
        const system = SYSTEM_OF[qualifiedType.split("$")[0]!];
        if (!system) continue;
        const entry = result.systems.get(system) ?? { containers: [], volumes: [] };
        result.systems.set(system, entry);
        if (type === "docker:index/container:Container") entry.containers.push(String(outputs.name));
        if (type === "docker:index/volume:Volume") entry.volumes.push(String(outputs.name));
    }
    return result;
}
