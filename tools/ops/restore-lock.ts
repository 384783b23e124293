import { randomUUID } from "node:crypto";
import { PassThrough } from "node:stream";
import { executeQuietly } from "./execute";
import { Stop } from "./stop";
import { verb } from "./verb";
import type { Workload } from "./workloads";

type Backup = Pick<Workload, "id" | "host">;

/** In the backup container, where every operator and every machine meets. */
const LOCK = '"$BACKUP_DIRECTORY/.restore.lock"';

/** Also true while the script goes on without whoever called it: each has a file that it locks for as long as it lives. */
const SCRIPT_RUNS = `script_runs() {
    for mark in /run/backup.restoring.*; do [ ! -e "$mark" ] || flock --shared --nonblock "$mark" true || return 0; done
    return 1
}`;

/**
 * Runs as long as its standard input is open: however the caller ends, a killed one too, so does this. Then it ends a script that is still
 * preparing; one that is putting the backup in place is waited for. Only then is the lock free.
 */
const HOLD = `${SCRIPT_RUNS}
exec 8>>${LOCK} && flock --wait 2 8 || exit 1
touch ${LOCK}
echo held
cat >/dev/null
backup cancel "$1"
while script_runs; do sleep 0.2; done`;

const SINCE = `${SCRIPT_RUNS}
since() { date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ; }
if [ -e ${LOCK} ] && ! flock --shared --nonblock ${LOCK} true; then since ${LOCK}
elif script_runs; then since "$mark"; fi`;

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

/** Keeps every other restore, and the verbs that start or stop programs, away meanwhile. The id is for the script. */
export async function withRestoreLock<T>(backup: Workload, work: (id: string) => Promise<T>): Promise<T> {
    const id = randomUUID();
    const release = await hold(backup, id);
    try {
        return await work(id);
    } finally {
        await release();
    }
}

async function hold(backup: Workload, restoration: string): Promise<() => Promise<void>> {
    const { id, host, system, name } = backup;
    const exec = await host.docker.getContainer(id).exec({
        Cmd: ["sh", "-c", HOLD, "restore-lock", restoration],
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
