import * as pulumi from "@pulumi/pulumi";
import { makeCommand, type Verb } from "../../components/make-command";
import { error, warning, type Problem } from "../../components/problem";
import type { DockerHostSettings } from "../hosts";

/** A host, the id of the engine that answers there now, and that of the one to which the stack was deployed. */
export interface Identity {
    host: string;
    address: string;
    settings: DockerHostSettings;
    answers: string;
    deployedTo?: string;
    /** Whether the state has containers: then they were not taken down before. */
    runs: boolean;
}

/**
 * A provider with another address counts as the same provider: what it made would stay where it is, and be looked for, and started again,
 * on the new machine.
 */
export function checkIdentity({ host, address, settings, answers, deployedTo, runs }: Identity): Problem[] {
    const path = `hosts.${host}.docker`;
    if (settings.engineId !== undefined && settings.engineId !== answers) {
        const fix = `correct the address, or engineId if ${answers} is meant`;
        return [error(`${path}.engineId`, `the Docker Engine at ${address} is another one, with the id ${answers}`, fix)];
    }
    if (deployedTo === undefined || deployedTo === answers) return [];
    if (settings.engineId === undefined) return [error(`${path}.host`, otherMachine(address, answers, deployedTo), wayOut(path, answers))];
    if (!runs) return [];
    const problem = `this update moves the address alone: nothing is made on the new machine, and what runs on ${deployedTo} runs on`;
    return [warning(`${path}.engineId`, problem, `run ${command("down")} and ${command("up")} after it`)];
}

function otherMachine(address: string, answers: string, deployedTo: string): string {
    return `the Docker Engine at ${address} is another machine (${answers}) than the one with everything that is deployed (${deployedTo})`;
}

function command(verb: Verb): string {
    return `\`${makeCommand(pulumi.getStack(), verb)}\``;
}

function wayOut(path: string, answers: string): string {
    return `first ${command("down")} with the old address, and move the data; then set ${path}.engineId: ${answers} and run ${command("up")}`;
}
