import * as pulumi from "@pulumi/pulumi";
import type { Guard } from "../types";
import { claim, type Claim, type Program } from "./claim";
import { refuseForeignArchitecture } from "./architecture";
import { client, DEADLINES, NoAnswer, orMissing } from "./client";
import type { Connection } from "./connection";
import { changedFields, parseFields, type FieldHashes } from "./fields";
import { LABEL } from "./labels";
import { mayStopThisTime, namesToStop, permissionToStop } from "./permission";
import type { Place } from "./place";

/**
 * Hooks that the engine calls around the create and delete of our containers, networks and images.
 *
 * Each has one constant name, because the state remembers the name: a hook that is not registered under the remembered
 * name blocks every later delete. What a hook needs to know of a resource is looked up here by the resource's name.
 * Nothing in a hook may wait for another resource: that resource may be waiting for the hook.
 */
export interface HookSubject {
    /** Known as soon as the provider's address is; a plain machine's at once. */
    connection?: Connection;
    guard?: Guard;
    /** Host name of a container, by which people know a guarded one. */
    hostname?: string;
    /**
     * Our mark on it; filled like `connection`. Never read from the labels: with one label that is not known yet, such as the hash of a
     * secret that is about to change, a preview knows none of them.
     */
    mark?: string;
    /** Hashes of the fields as the program wants them; filled while the inputs resolve. */
    fields?: FieldHashes;
    /** Volumes: one of this name may be taken over, whoever made it. */
    adopt?: boolean;
    /** Image reference, for the image hook. */
    image?: string;
    /** Processes that the container may have. */
    pidsLimit?: number;
}

/** What a resource is called in the program, where it is, and whose. Images belong to nobody. */
type Subject = Pick<Place, "logical" | "connection"> & Partial<Pick<Place, "mark">>;

const subjects = new Map<string, HookSubject & Program>();

/** Makes a resource known to the hooks. */
export function hookSubject({ logical, connection, mark }: Subject, subject: HookSubject): void {
    // Asked for here: in a package, hooks run outside of the program that they belong to.
    const program: Program = { preview: pulumi.runtime.isDryRun(), project: pulumi.getProject(), stack: pulumi.getStack() };
    subjects.set(logical, Object.assign(subject, program));
    // Not awaited on purpose: a hook uses what is known by then.
    connection.apply((known) => (subject.connection = known));
    mark?.apply((known) => (subject.mark = known));
}

type Hook = "claimName" | "guardReplacement" | "limitProcesses" | "requireImage";
let hooks: Record<Hook, pulumi.ResourceHook> | undefined;

/** Registers the hooks once per program. Programs whose last workload went away must still call it: the state names the hooks. */
export function registerHooks() {
    hooks ??= {
        claimName: new pulumi.ResourceHook("groundwork:claim-name", claimName, { onDryRun: true }),
        guardReplacement: new pulumi.ResourceHook("groundwork:guard-replacement", guardReplacement, { onDryRun: true }),
        limitProcesses: new pulumi.ResourceHook("groundwork:limit-processes", limitProcesses),
        requireImage: new pulumi.ResourceHook("groundwork:require-image", requireImage),
    };
    return hooks;
}

/** Before a container, a network or a volume is made: is its name free, or of an interrupted update of ours? */
async function claimName(args: pulumi.ResourceHookArgs): Promise<void> {
    const subject = subjects.get(args.name);
    const name = await plain<string>(args.newInputs?.name);
    if (!subject?.connection || !name) return;
    const wanted = {
        kind: args.type.split(":").at(-1)!.toLowerCase() as Claim["kind"],
        name,
        mark: subject.mark,
        fields: subject.fields,
        adopt: subject.adopt,
        replaced: replaced.has(args.name),
        refuseStop:
            subject.guard && !mayStop(subject.guard, args.name, subject.hostname)
                ? () => leftoverRuns(args.name, subject, name)
                : undefined,
    };
    await claim(subject.connection, wanted, subject);
}

async function leftoverRuns(name: string, subject: HookSubject, container: string): Promise<string> {
    const status = await runningStatus(subject, container);
    return (
        `${subject.guard!.subject} runs in the container ${container}${status}, which an interrupted update left behind; ` +
        `to replace it, ${permission(subject.guard!, subject.hostname ?? name)}`
    );
}

function permission({ setting }: Guard, name: string): string {
    return `set ${setting}: true (or ${permissionToStop(name)} for one run)`;
}

/** Whether a guarded container may be stopped: by its settings, or for this one run. */
export function mayStop(guard: Guard | undefined, ...names: (string | undefined)[]): boolean {
    return guard?.allowRestart === true || mayStopThisTime(...names);
}

/** Guarded containers that the state knows, and that this run deletes, which comes before their successors are made. */
const replaced = new Set<string>();

/** Refuses, already in the preview, to stop a guarded container. */
async function guardReplacement(args: pulumi.ResourceHookArgs): Promise<void> {
    replaced.add(args.name);
    const subject = subjects.get(args.name);
    const old = (await plain<Old>(args.oldInputs)) ?? {};
    if (mayStop(subject?.guard, ...namesToStop(args.name, subject?.hostname, old.hostname))) return;
    if (!subject?.guard) {
        const name = old.hostname ?? args.name;
        throw new Error(
            `${labelOf(old, LABEL.role) ?? "container"} "${name}" is deployed, but its block is gone from the configuration, so it would be ` +
                `stopped: put the block back; only if it may stop, run the update with ${permissionToStop(name)}`,
        );
    }
    const changed = changedFields(parseFields(labelOf(old, LABEL.config)), subject.fields ?? {});
    const reason = changed.length > 0 ? `${changed.join(", ")} changed` : "something it depends on is replaced, or the stack is destroyed";
    const status = await runningStatus(subject, old.name);
    throw new Error(
        `${subject.guard.subject} is deployed and would be restarted: ${reason}${status}; ` +
            `set ${subject.guard.setting}: true to allow it (or ${permissionToStop(subject.hostname ?? args.name)} for one run)`,
    );
}

/** What the state has of a container. */
interface Old {
    name?: string;
    hostname?: string;
    labels?: { label: string; value: string }[];
}

function labelOf({ labels }: Old, name: string): string | undefined {
    return labels?.find(({ label }) => label === name)?.value;
}

/** The Docker provider cannot set a limit of processes. Set on the new container, Docker keeps it over every restart. */
async function limitProcesses(args: pulumi.ResourceHookArgs): Promise<void> {
    const { connection, pidsLimit } = subjects.get(args.name) ?? {};
    if (!connection || !args.id) return;
    const docker = await client(connection);
    await docker.getContainer(args.id).update({ PidsLimit: pidsLimit });
}

/** Long enough for one line; a person waits for it. */
const STATUS_DEADLINE = 8000;

/** One line from inside the running container, or that its engine does not answer; nothing when it cannot be had. */
async function runningStatus({ connection, guard }: HookSubject, name: string | undefined): Promise<string> {
    if (!connection || !guard?.statusCommand || !name) return "";
    try {
        const docker = await client(connection, { ...DEADLINES, question: STATUS_DEADLINE });
        const exec = await docker.getContainer(name).exec({ Cmd: guard.statusCommand, AttachStdout: true, AttachStderr: false });
        const stream = await exec.start({});
        const chunks: Buffer[] = [];
        const { PassThrough } = await import("node:stream");
        const out = new PassThrough().on("data", (chunk: Buffer) => chunks.push(chunk));
        docker.modem.demuxStream(stream, out, new PassThrough());
        await new Promise((resolve, reject) => {
            stream.on("end", resolve).on("error", reject);
            setTimeout(() => reject(new Error("timeout")), STATUS_DEADLINE).unref();
        });
        const line = Buffer.concat(chunks).toString().trim().split("\n")[0];
        return line ? ` (${line})` : "";
    } catch (problem) {
        return problem instanceof NoAnswer ? ` (${problem.message})` : "";
    }
}

/** An image must fit the processor. Our own images are built, not pulled: say how to get a missing one instead of failing in a pull. */
async function requireImage(args: pulumi.ResourceHookArgs): Promise<void> {
    const subject = subjects.get(args.name);
    if (!subject?.connection || !subject.image) return;
    const docker = await client(subject.connection);
    await refuseForeignArchitecture(docker, subject.image);
    if (!subject.image.startsWith("groundwork/")) return;
    if (!(await orMissing(docker.getImage(subject.image).inspect()))) {
        throw new Error(
            `image ${subject.image} is not on the Docker Engine ${subject.connection.host}: run \`make images\` ` +
                "(for another machine: `make images HOST=<address>`, or `make images PUSH=<registry>` and set the image in the config)",
        );
    }
}

/** Hook inputs hold Outputs where values are secret. Their values are in the state already, so nothing is waited for. */
async function plain<T>(value: unknown): Promise<T | undefined> {
    if (value === undefined || value === null) return undefined;
    const output = pulumi.output(value) as unknown as { promise(): Promise<T> };
    return output.promise();
}
