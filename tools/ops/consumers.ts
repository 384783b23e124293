import { executeQuietly } from "./execute";
import { Stop } from "./stop";
import { verb } from "./verb";
import type { Workload } from "./workloads";

/**
 * The containers of the same system and host that mount what the backup container mounts: those that run, and those that an
 * interrupted restore has stopped.
 */
export function consumersOf(backup: Workload, all: Workload[], stoppedEarlier: string[] = []): Workload[] {
    const sources = new Set(sourcesOf(backup));
    return all.filter(
        (workload) =>
            workload.id !== backup.id &&
            workload.system === backup.system &&
            workload.host.address === backup.host.address &&
            (workload.info.State === "running" || stoppedEarlier.includes(workload.name)) &&
            sourcesOf(workload).some((source) => sources.has(source)),
    );
}

function sourcesOf({ info }: Workload): string[] {
    return (info.Mounts ?? []).map(({ Type, Name, Source }) => `${Type} ${Type === "volume" ? Name : Source}`);
}

/** Beside the backups, because it must outlive this process, this machine's power, and the container. */
const NOTE = '"$BACKUP_DIRECTORY/.stopped-for-restore"';

/** Names of the containers that a restore has stopped and not started again. */
export async function stoppedEarlier(backup: Pick<Workload, "id" | "host" | "name">): Promise<string[]> {
    const { code, output } = await executeQuietly(backup, ["sh", "-c", `[ ! -e ${NOTE} ] || cat ${NOTE}`]);
    if (code !== 0) throw new Stop(`it cannot be seen in ${backup.name} whether a restore was interrupted: ${output.trim()}`);
    return output.split("\n").filter(Boolean);
}

/** Whatever happens, what ran before runs afterwards; should this process be killed, after the next restore or `make up`. */
export async function whileStopped<T>(
    backup: Workload,
    consumers: Workload[],
    interruption: AbortSignal,
    work: () => Promise<T>,
): Promise<T> {
    if (consumers.length > 0) await note(backup, consumers);
    const stopped = new Set<Workload>();
    try {
        for (const workload of consumers) {
            interruption.throwIfAborted();
            stopped.add(workload);
            await stop(workload);
        }
        interruption.throwIfAborted();
        return await work();
    } finally {
        const started = await Promise.all([...consumers].reverse().map((one) => start(one, stopped.has(one))));
        if (consumers.length > 0 && started.every(Boolean)) await forgetStopped(backup);
    }
}

/** Nothing is left of the restore that stopped them. */
export async function forgetStopped(backup: Pick<Workload, "id" | "host">): Promise<void> {
    await executeQuietly(backup, ["sh", "-c", `rm -f ${NOTE}`]);
}

async function note(backup: Workload, consumers: Workload[]): Promise<void> {
    const names = consumers.map(({ name }) => name);
    const { code, output } = await executeQuietly(backup, ["sh", "-c", `printf '%s\\n' "$@" > ${NOTE}`, "sh", ...names]);
    if (code !== 0) throw new Stop(`nothing can be written beside the backups in ${backup.name}: ${output.trim()}; nothing was changed`);
}

async function stop(workload: Workload): Promise<void> {
    console.log(`stopping ${workload.name}`);
    await container(workload)
        .stop()
        .catch((problem: DockerProblem) => {
            if (problem.statusCode !== NOT_MODIFIED) throw problem;
        });
}

async function start(workload: Workload, wasStopped: boolean): Promise<boolean> {
    console.log(`starting ${workload.name}`);
    try {
        await container(workload).start();
    } catch (problem) {
        const { statusCode, message } = problem as DockerProblem;
        if (statusCode === NOT_MODIFIED) return !wasStopped || restart(workload);
        console.error(`error: ${workload.name} does not start: ${message}`);
        return false;
    }
    return true;
}

/** Somebody has started it meanwhile, so it may have the replaced database open, and would write to that for ever. */
async function restart(workload: Workload): Promise<boolean> {
    console.log(`restarting ${workload.name}: somebody has started it meanwhile, perhaps with the data that was there before`);
    await container(workload).restart();
    return true;
}

interface DockerProblem {
    statusCode?: number;
    message: string;
}

/** It was stopped, or running, already. */
const NOT_MODIFIED = 304;

const PATIENCE = 180_000;

export async function waitUntilWell(workload: Workload, interruption: AbortSignal): Promise<void> {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 1000))) {
        if (interruption.aborted) return;
        const { Running, Health } = (await container(workload).inspect()).State;
        if (Running && (!Health || Health.Status === "healthy")) return;
    }
    throw new Stop(
        `${workload.name} is not healthy ${PATIENCE / 1000} s after its start: look at ${verb("logs", { ROLE: workload.name })}`,
    );
}

/** By name: an update may have replaced it meanwhile. */
function container({ host, name }: Workload) {
    return host.docker.getContainer(name);
}
