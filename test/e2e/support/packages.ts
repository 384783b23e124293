import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunOptions, run, tryRun } from "./process";

/** One at a time: apt-get gives up when another one is at work, and suites run side by side. */
const LOCKED = [join(tmpdir(), "groundwork-test-apt.lock"), "apt-get"];
const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };

/** Installs Debian packages that the tests need beside those of the program, by a file that each brings. */
export async function install(...packages: [name: string, file: string][]): Promise<void> {
    const missing = packages.filter(([, file]) => !existsSync(file)).map(([name]) => name);
    if (missing.length === 0) return;
    await aptGet(["install", "--yes", "-qq", "--no-install-recommends", ...missing], { timeout: 900 });
}

/** Runs apt-get; a machine that has no lists yet, or old ones, gets new ones. */
export async function aptGet(args: string[], options: RunOptions = {}): Promise<void> {
    if ((await tryRun("flock", [...LOCKED, ...args], { env, ...options })).code === 0) return;
    await run("flock", [...LOCKED, "update", "-qq"], { env });
    await run("flock", [...LOCKED, ...args], { env, ...options });
}
