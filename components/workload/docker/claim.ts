import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import { client, NoAnswer } from "./client";
import type { Connection } from "./connection";
import { parseFields, type FieldHashes } from "./fields";
import { LABEL } from "./labels";

/** A name on a host that is about to be taken. */
export interface Claim {
    kind: "container" | "network" | "volume";
    name: string;
    /** Our mark on it; undefined in a preview of the first update, when the key is not made yet. */
    mark?: string;
    /** Hashes that a container of ours would have, from before there were marks. */
    fields?: FieldHashes;
    /** Volumes: take it over, whoever made it. */
    adopt?: boolean;
    /** Containers: why it must not be stopped, if it runs; undefined when it may. */
    refuseStop?: () => Promise<string>;
    /** Containers: whether this run replaces one that the state knows. */
    replaced?: boolean;
}

/** Who wants the name, and whether in earnest. */
export interface Program {
    preview: boolean;
    project: string;
    stack: string;
}

/** What has the name now. */
interface Found {
    labels: Record<string, string>;
    running?: boolean;
    /** Names of containers on a network. */
    attached?: string[];
}

/**
 * Makes a name free for what is about to be created. A killed update leaves containers and networks that its state does not know;
 * those are removed. Everything else that has the name is refused, whoever it belongs to.
 */
export async function claim(connection: Connection, wanted: Claim, program: Program): Promise<void> {
    const { preview } = program;
    const docker = await client(connection);
    const found = await look(docker, wanted).catch((problem: Error) => {
        if (!preview || !(problem instanceof NoAnswer)) throw problem;
        // A preview in a pull request reaches no host. It shows the plan all the same.
        void pulumi.log.warn(`${problem.message}; whether the name ${wanted.name} is free was not looked at`);
        return undefined;
    });
    if (!found) return;
    if (!isOurs(found, wanted)) {
        if (wanted.kind === "volume" && wanted.adopt) return takeOver(docker, wanted.name, makerOf(found.labels, program));
        throw new Error(refusal(wanted, makerOf(found.labels, program), connection));
    }
    // A volume of ours is what an interrupted update was about to use.
    if (wanted.kind === "volume") return;
    // In a preview, what is to be replaced is still there.
    if (found.running && wanted.refuseStop && !(preview && wanted.replaced)) throw new Error(await wanted.refuseStop());
    if (!preview) await removeLeftover(docker, wanted, found);
}

/** Two programs that write into one volume destroy it. One that is stopped may be started again. */
async function takeOver(docker: Docker, volume: string, maker: string): Promise<void> {
    const users = await docker.listContainers({ all: true, filters: { volume: [volume] } });
    if (users.length > 0) {
        const names = users.map(({ Names }) => Names[0]!.replace(/^\//, "")).join(", ");
        throw new Error(`the volume ${volume} cannot be taken over, because ${names} uses it: stop and remove that container first`);
    }
    await pulumi.log.info(`taking over the volume ${volume}, made by ${maker}`);
}

async function removeLeftover(docker: Docker, { kind, name }: Claim, { attached = [] }: Found): Promise<void> {
    if (attached.length > 0) {
        throw new Error(
            `the network ${name} was left by an interrupted update, and ${attached.join(", ")} use it: ` +
                `look what they are, then \`docker network disconnect -f ${name} <container>\``,
        );
    }
    await pulumi.log.info(`removing the ${kind} ${name}, left by an interrupted update`);
    if (kind === "network") await docker.getNetwork(name).remove();
    // Never volumes: `v: false` keeps anonymous ones too.
    else await docker.getContainer(name).remove({ force: true, v: false });
}

async function look(docker: Docker, { kind, name }: Claim): Promise<Found | undefined> {
    try {
        switch (kind) {
            case "container": {
                const { Config, State } = await docker.getContainer(name).inspect();
                return { labels: Config.Labels ?? {}, running: State.Running };
            }
            case "network": {
                const network = (await docker.getNetwork(name).inspect()) as Docker.NetworkInspectInfo;
                return { labels: network.Labels ?? {}, attached: Object.values(network.Containers ?? {}).map((one) => one.Name) };
            }
            case "volume":
                return { labels: (await docker.getVolume(name).inspect()).Labels ?? {} };
        }
    } catch (problem) {
        if ((problem as { statusCode?: number }).statusCode === 404) return undefined;
        throw problem;
    }
}

/** Made by this state: by its mark, or by a configuration hash, which has a key of the state as well. */
export function isOurs({ labels }: Pick<Found, "labels">, { mark, fields = {} }: Pick<Claim, "mark" | "fields">): boolean {
    const its = labels[LABEL.mark];
    if (its !== undefined) return its !== "" && its === mark;
    const before = parseFields(labels[LABEL.config]);
    return Object.keys(fields).some((field) => fields[field] === before[field]);
}

function refusal({ kind, name }: Claim, maker: string, { host }: Connection): string {
    const fix = {
        container: "stop and remove it if nobody needs it",
        network: "remove it if nobody needs it",
        volume: `add "${name}" to the setting adopt if its data is meant for this environment`,
    }[kind];
    return (
        `the ${kind} ${name} exists on the Docker Engine ${host} and was made by ${maker}, not by this state: ` +
        `use the state that made it, choose another prefix, or ${fix}`
    );
}

export function makerOf(labels: Record<string, string>, program: Pick<Program, "project" | "stack">): string {
    const { [LABEL.project]: project, [LABEL.stack]: stack } = labels;
    if (project === undefined) return "something else";
    return project === program.project && stack === program.stack
        ? `another state of project ${project}, stack ${stack}`
        : `project ${project}, stack ${stack}`;
}
