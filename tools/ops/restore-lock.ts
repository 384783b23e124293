import { PassThrough } from "node:stream";
import { executeQuietly } from "./execute";
import { Stop } from "./stop";
import { verb } from "./verb";
import type { Workload } from "./workloads";

type Backup = Pick<Workload, "id" | "host">;

/** In the backup container, where every operator and every machine meets. */
const LOCK = '"$BACKUP_DIRECTORY/.restore.lock"';

/** Also true while the script goes on without whoever called it. A process number may have been given away since. */
const SCRIPT_RUNS = 'script=$(cat /run/backup.restoring 2>/dev/null) && grep -qsxz restore "/proc/$script/cmdline"';

/**
 * Runs as long as its standard input is open: however the caller ends, a killed one too, so does this. Then it ends a script that is still
 * preparing; one that is putting the backup in place is waited for. Only then is the lock free.
 */
const HOLD = `exec 8>>${LOCK} && flock --wait 2 8 || exit 1
touch ${LOCK}
echo held
cat >/dev/null
backup cancel
while ${SCRIPT_RUNS}; do sleep 0.2; done`;

const SINCE = `since() { date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ; }
if [ -e ${LOCK} ] && ! flock --shared --nonblock ${LOCK} true; then since ${LOCK}
elif ${SCRIPT_RUNS}; then since /run/backup.restoring; fi`;

/** Since when a restore is under way, if one is. A container in which that cannot be asked cannot run one either. */
export async function restoringSince(backup: Backup): Promise<string | undefined> {
    const { code, output } = await executeQuietly(backup, ["sh", "-c", SINCE]).catch((problem: Error & { statusCode?: number }) => {
        if (problem.statusCode === undefined) throw problem;
        return { code: 1, output: "" };
    });
    return (code === 0 && output.trim()) || undefined;
}

/** For verbs that start or stop programs: in the middle of a restore these would go on with the database that is replaced. */
export async function refuseDuringRestore(system: string, backup: Backup): Promise<void> {
    const since = await restoringSince(backup);
    if (since === undefined) return;
    const again = verb("restore", { SYSTEM: system, FILE: "<file>" });
    throw new Stop(`a restore of ${system} is under way since ${since}: wait for it; if it was interrupted, run ${again} again`);
}

/** Keeps every other restore, and the verbs that start or stop programs, away meanwhile. */
export async function withRestoreLock<T>(backup: Workload, work: () => Promise<T>): Promise<T> {
    const release = await hold(backup);
    try {
        return await work();
    } finally {
        await release();
    }
}

async function hold(backup: Workload): Promise<() => Promise<void>> {
    const { id, host, system, name } = backup;
    const exec = await host.docker.getContainer(id).exec({
        Cmd: ["sh", "-c", HOLD],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    const ended = new Promise<void>((resolve) => stream.on("end", resolve).on("close", resolve).on("error", resolve));
    const words = new PassThrough();
    host.docker.modem.demuxStream(stream, words, words);
    const first = await Promise.race([new Promise<string>((resolve) => words.once("data", (chunk) => resolve(String(chunk)))), ended]);
    if (first?.trim() !== "held") {
        await refuseDuringRestore(system, backup);
        throw new Stop(`a restore cannot begin in ${name}: ${first?.trim() ?? "its lock is not to be had"}`);
    }
    return async () => (stream.end(), await ended);
}
