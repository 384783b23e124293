import { writeSync } from "node:fs";
import type { ContainerInfo, NetworkInspectInfo } from "dockerode";
import { LABEL } from "../../components/workload/docker/labels";
import { environment, type Environment } from "./environment";
import { anotherMachine, hostsOf, onEach, unreachable, type Host } from "./hosts";
import { backendFolder, judge, readLocks, type Lock } from "./lock";
import { mend } from "./mend";
import { ownership } from "./ownership";
import { exportForHosts, exportState, importState, mustSucceed } from "./pulumi";
import { isGuarded, pendingCreations, withoutPending, type Exported, type Resource } from "./state";
import { run, Stop } from "./stop";
import { verb } from "./verb";
import { ownFilter } from "./workloads";

/**
 * Clears away what a killed run left behind, so that the next one starts clean: its lock, its half-done creations, and
 * the containers and networks that the state does not know. Never a volume. Silent when there is nothing to do. `stopped`
 * tells whether there was such a run.
 *
 * Only for a `file://` backend: with any other one the run may be somebody else's, and alive.
 */
export async function recover(env: Environment): Promise<{ stopped: boolean }> {
    const folder = backendFolder(process.env.PULUMI_BACKEND_URL);
    if (!folder) return { stopped: false };
    const released = await releaseLocks(folder, env);
    const exported = await exportState(env);
    if (!exported) return { stopped: false };
    const dropped = await dropPending(exported, env);
    // Without a trace of a stopped run the hosts are left alone: what is there may belong to another state.
    const stopped = released || dropped;
    if (stopped) await removeStrays(env);
    return { stopped };
}

async function releaseLocks(folder: string, env: Environment): Promise<boolean> {
    const locks = readLocks(folder, env);
    for (const lock of locks) refuseUnlessDead(lock, env);
    if (locks.length === 0) return false;
    console.log(`recovery: releasing the lock of a run that is gone (${locks.map(describeLock).join(", ")})`);
    await mustSucceed(["cancel", "--yes", "--stack", env.stack]);
    return true;
}

function refuseUnlessDead(lock: Lock, { stack }: Environment): void {
    const verdict = judge(lock);
    if (verdict === "alive")
        throw new Stop(`stack ${stack} is being updated right now (${describeLock(lock)}): wait for that run to end, or stop it`);
    if (verdict === "elsewhere") {
        throw new Stop(
            `stack ${stack} is locked from another machine (${describeLock(lock)}): ` +
                `if that run is surely gone, release the lock with ${verb("pulumi", { ARGS: "cancel --yes" })}`,
        );
    }
}

function describeLock({ pid, username, hostname, timestamp }: Lock): string {
    return pid > 0 ? `process ${pid} of ${username}@${hostname}, since ${timestamp}` : "unreadable lock file";
}

async function dropPending(exported: Exported, env: Environment): Promise<boolean> {
    const { harmless, others } = pendingCreations(exported.deployment);
    if (others.length > 0) {
        const urns = others.map(({ resource }) => resource.urn).join(", ");
        throw new Stop(
            `a run was stopped while it created ${urns}, which may exist by now: run ${verb("pulumi", { ARGS: "refresh" })} and say what became of it`,
        );
    }
    if (harmless.length === 0) return false;
    console.log(`recovery: forgetting ${harmless.length} half-done creation(s) of a stopped run; they will be made again`);
    await importState(env, withoutPending(exported, harmless));
    return true;
}

/** What this state made on the hosts and does not know. Never a volume. */
export async function removeStrays(env: Environment): Promise<void> {
    const deployment = (await exportState(env, { showSecrets: true }))?.deployment;
    const resources = deployment?.resources ?? [];
    const { silent } = await onEach(await hostsOf(deployment), (host) => removeStraysOn(host, env, resources));
    for (const one of silent) console.log(`recovery: not looked at: ${unreachable(one)}`);
}

async function removeStraysOn(host: Host, env: Environment, resources: Resource[]): Promise<void> {
    const { name: hostName, docker } = host;
    if (await anotherMachine(host)) return;
    const filters = ownFilter(env);
    const [containers, networks] = await Promise.all([docker.listContainers({ all: true, filters }), docker.listNetworks({ filters })]);
    const where = hostName === "default" ? "" : ` on host ${hostName}`;
    for (const { id, name, busy } of strays(containers.map(identify), resources)) {
        if (busy) {
            // The update knows whether it may stop, and refuses otherwise.
            console.log(`recovery: leaving container ${name}${where}, which a stopped run left behind: it must not be interrupted`);
            continue;
        }
        console.log(`recovery: removing container ${name}${where}, which a stopped run left behind`);
        await docker.getContainer(id).remove({ force: true, v: false });
    }
    for (const { id, name } of strays(networks.map(identifyNetwork), resources)) {
        console.log(`recovery: removing network ${name}${where}, which a stopped run left behind`);
        await docker.getNetwork(id).remove();
    }
}

export interface Item {
    id: string;
    name: string;
    labels: Record<string, string>;
    /** It runs, and must not be stopped without permission. */
    busy?: boolean;
}

/** Those that carry the mark of this state, and that it knows neither by id nor (as jobs are known) by name. */
export function strays(items: Item[], resources: Resource[]): Item[] {
    const known = new Set(resources.map(({ id }) => id));
    const isOurs = ownership(resources);
    return items.filter(({ id, name, labels }) => !known.has(id) && !known.has(name) && isOurs(name, labels));
}

function identify({ Id, Names, Labels, State }: ContainerInfo): Item {
    const name = Names[0]!.replace(/^\//, "");
    return { id: Id, name, labels: Labels, busy: State === "running" && Labels[LABEL.guarded] === "true" };
}

function identifyNetwork({ Id, Name, Labels }: NetworkInspectInfo): Item {
    return { id: Id, name: Name, labels: Labels ?? {} };
}

/** Tells whoever opened it (`tools/up`) how to go on. */
const ANSWER = 3;

/** At once, because reading the state takes most of the time, and there is hardly ever anything to recover from. */
async function beforeUp(): Promise<void> {
    const env = environment();
    const read = () => exportForHosts(env);
    const [{ stopped }, early] = await Promise.all([recover(env), read()]);
    const deployment = (stopped ? await read() : early)?.deployment;
    const flags = needsPreview(deployment?.resources ?? []) ? "" : "--skip-preview";
    await mend(env, deployment);
    writeSync(ANSWER, flags);
}

/**
 * The preview does most of the work twice; `make preview` shows it. But where something must not be stopped or deleted without a word
 * from its owner, the refusal has to come before the first change, not in the middle of an update.
 */
export function needsPreview(resources: Resource[]): boolean {
    return resources.some((resource) => resource.protect || isGuarded(resource));
}

if (require.main === module) run(beforeUp);
