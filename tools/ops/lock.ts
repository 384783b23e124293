import { readdirSync, readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Environment } from "./environment";

/** What Pulumi writes into the lock file of a `file://` backend. */
export interface Lock {
    pid: number;
    username: string;
    hostname: string;
    timestamp: string;
}

/** The folder of a `file://` backend; undefined for every other kind, whose locks are not ours to judge. */
export function backendFolder(url: string | undefined): string | undefined {
    if (!url?.startsWith("file://")) return undefined;
    const path = decodeURIComponent(url.slice("file://".length).replace(/\?.*$/, ""));
    return resolve(path.replace(/^~(?=\/|$)/, homedir()));
}

export function readLocks(folder: string, { project, stack }: Environment): Lock[] {
    const directory = join(folder, ".pulumi", "locks", "organization", project, stack);
    let files: string[];
    try {
        files = readdirSync(directory);
    } catch {
        return [];
    }
    return files.filter((file) => file.endsWith(".json")).map((file) => parseLock(readFileSync(join(directory, file), "utf8")));
}

/** A lock file that cannot be read belongs to nobody: its writer died while writing it. */
export function parseLock(text: string): Lock {
    try {
        return JSON.parse(text) as Lock;
    } catch {
        return { pid: 0, username: "", hostname: hostname(), timestamp: "" };
    }
}

export type Verdict = "dead" | "alive" | "elsewhere";

/** Whether the run behind a lock still exists. A lock of another machine cannot be judged from here. */
export function judge(lock: Lock, here = hostname(), runs = runsPulumi): Verdict {
    if (lock.hostname !== here) return "elsewhere";
    return lock.pid > 0 && runs(lock.pid) ? "alive" : "dead";
}

function runsPulumi(pid: number): boolean {
    try {
        process.kill(pid, 0);
    } catch (problem) {
        if ((problem as NodeJS.ErrnoException).code === "ESRCH") return false;
    }
    try {
        return isRunningPulumi(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
        // No /proc on this system: be careful and take the process for Pulumi.
        return true;
    }
}

/**
 * What `/proc/<pid>/stat` says: `123 (pulumi) S …`. A process number may have been given to another program since, so the
 * name counts; and a killed process stays as a zombie (`Z`) where nobody collects it, as in many containers.
 */
export function isRunningPulumi(stat: string): boolean {
    return /^\d+ \(pulumi[^)]*\) [^ZX]/.test(stat);
}
