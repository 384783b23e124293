import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import type { Guard } from "../types";
import { client } from "./client";
import type { Connection } from "./connection";
import { changedFields, parseFields, type FieldHashes } from "./fields";
import { LABEL } from "./labels";

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
    /** Hashes of the fields as the program wants them; filled while the inputs resolve. */
    fields?: FieldHashes;
    /** Image reference, for the image hook. */
    image?: string;
}

const subjects = new Map<string, HookSubject>();

/** Makes a resource known to the hooks. `name` is its logical name. */
export function hookSubject(name: string, subject: HookSubject, connection: pulumi.Output<Connection>): void {
    subjects.set(name, subject);
    // Not awaited on purpose: a hook uses the address when it is known by then.
    connection.apply((known) => (subject.connection = known));
}

let hooks: { removeLeftover: pulumi.ResourceHook; guardReplacement: pulumi.ResourceHook; requireImage: pulumi.ResourceHook } | undefined;

/** Registers the hooks once per program. Programs whose last workload went away must still call it: the state names the hooks. */
export function registerHooks() {
    hooks ??= {
        removeLeftover: new pulumi.ResourceHook("groundwork:remove-leftover", removeLeftover),
        guardReplacement: new pulumi.ResourceHook("groundwork:guard-replacement", guardReplacement, { onDryRun: true }),
        requireImage: new pulumi.ResourceHook("groundwork:require-image", requireImage),
    };
    return hooks;
}

/**
 * A killed update leaves containers and networks that the state does not know; creating them again fails on the name.
 * The engine is about to create this name, so whatever has it and carries our labels is such a leftover.
 */
async function removeLeftover(args: pulumi.ResourceHookArgs): Promise<void> {
    const subject = subjects.get(args.name);
    const name = await plain<string>(args.newInputs?.name);
    if (!subject?.connection || !name) return;
    const docker = await client(subject.connection);
    await (args.type.endsWith(":Network") ? removeLeftoverNetwork(docker, name) : removeLeftoverContainer(docker, name));
}

async function removeLeftoverContainer(docker: Docker, name: string): Promise<void> {
    const found = await docker
        .getContainer(name)
        .inspect()
        .catch(() => undefined);
    if (!isOurs(found?.Config.Labels)) return;
    await pulumi.log.info(`removing the container ${name}, left by an interrupted update`);
    // Never volumes: `v: false` keeps anonymous ones too.
    await docker.getContainer(name).remove({ force: true, v: false });
}

async function removeLeftoverNetwork(docker: Docker, name: string): Promise<void> {
    const found = (await docker
        .getNetwork(name)
        .inspect()
        .catch(() => undefined)) as Docker.NetworkInspectInfo | undefined;
    if (!isOurs(found?.Labels)) return;
    // What hangs on a network depends on it in the state, so it is a leftover as well.
    for (const container of Object.values(found?.Containers ?? {})) await removeLeftoverContainer(docker, container.Name);
    await pulumi.log.info(`removing the network ${name}, left by an interrupted update`);
    await docker.getNetwork(name).remove();
}

function isOurs(labels: Record<string, string> | undefined): boolean {
    return labels?.[LABEL.project] === pulumi.getProject() && labels[LABEL.stack] === pulumi.getStack();
}

/** Whether a guarded container may be stopped: by its settings, or for this one run (`all`, or a list of logical names). */
export function mayStop(name: string, guard: Guard | undefined): boolean {
    const allowed = (process.env.GROUNDWORK_ALLOW_STOP ?? "").split(",").map((word) => word.trim());
    return guard?.allowRestart === true || allowed.includes("all") || allowed.includes(name);
}

/** Refuses, already in the preview, to stop a guarded container. */
async function guardReplacement(args: pulumi.ResourceHookArgs): Promise<void> {
    const subject = subjects.get(args.name);
    if (mayStop(args.name, subject?.guard)) return;
    const old = (await plain<{ name?: string; labels?: { label: string; value: string }[] }>(args.oldInputs)) ?? {};
    if (!subject?.guard) {
        throw new Error(
            `${args.name} is deployed, but its block is gone from the configuration, so it would be stopped: put the block back; ` +
                `only if it may stop, run the update with GROUNDWORK_ALLOW_STOP=${args.name}`,
        );
    }
    const label = old.labels?.find((entry) => entry.label === LABEL.config)?.value;
    const changed = changedFields(parseFields(label), subject.fields ?? {});
    const reason = changed.length > 0 ? `${changed.join(", ")} changed` : "something it depends on is replaced, or the stack is destroyed";
    const status = await runningStatus(subject, old.name);
    throw new Error(
        `${subject.guard.subject} is deployed and would be restarted: ${reason}${status}; ` +
            `set ${subject.guard.setting}: true to allow it (or GROUNDWORK_ALLOW_STOP=${args.name} for one run)`,
    );
}

/** One line from inside the running container; nothing when it cannot be had. */
async function runningStatus({ connection, guard }: HookSubject, name: string | undefined): Promise<string> {
    if (!connection || !guard?.statusCommand || !name) return "";
    try {
        const docker = await client(connection);
        const exec = await docker.getContainer(name).exec({ Cmd: guard.statusCommand, AttachStdout: true, AttachStderr: false });
        const stream = await exec.start({});
        const chunks: Buffer[] = [];
        const { PassThrough } = await import("node:stream");
        const out = new PassThrough().on("data", (chunk: Buffer) => chunks.push(chunk));
        docker.modem.demuxStream(stream, out, new PassThrough());
        await new Promise((resolve, reject) => {
            stream.on("end", resolve).on("error", reject);
            setTimeout(() => reject(new Error("timeout")), 8000).unref();
        });
        const line = Buffer.concat(chunks).toString().trim().split("\n")[0];
        return line ? ` (${line})` : "";
    } catch {
        return "";
    }
}

/** Our own images are built, not pulled: say how to get a missing one instead of failing in a pull. */
async function requireImage(args: pulumi.ResourceHookArgs): Promise<void> {
    const subject = subjects.get(args.name);
    if (!subject?.connection || !subject.image?.startsWith("groundwork/")) return;
    const docker = await client(subject.connection);
    const missing = await docker
        .getImage(subject.image)
        .inspect()
        .then(
            () => false,
            (problem: { statusCode?: number }) => problem.statusCode === 404,
        );
    if (missing) {
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
