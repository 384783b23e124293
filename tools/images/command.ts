import { spawn, spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { finished } from "node:stream/promises";
import { Refusal } from "./refusal";

/** Tells a person something; results alone go to standard output. */
export function say(text: string): void {
    process.stderr.write(`${text}\n`);
}

/** Says what is going to take time and, at the end, how long it took. */
export async function step<T>(text: string, work: () => Promise<T>): Promise<T> {
    const began = Date.now();
    say(`${text} ...`);
    const result = await work();
    say(`${text}: done in ${Math.round((Date.now() - began) / 1000)} s`);
    return result;
}

/** Runs a shell pipeline; its output is kept in a log and its end shown only if it fails. `$1`, `$2`, ... are `args`. */
export async function pipeline(text: string, args: string[], options: { env?: NodeJS.ProcessEnv } = {}): Promise<void> {
    const directory = mkdtempSync(path.join(tmpdir(), "groundwork-images."));
    const log = path.join(directory, "log");
    const stream = createWriteStream(log);
    const child = spawn("bash", ["-o", "pipefail", "-euc", text, "images", ...args], { env: { ...process.env, ...options.env } });
    child.stdout.pipe(stream, { end: false });
    child.stderr.pipe(stream, { end: false });
    const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
    stream.end();
    await finished(stream);
    if (code !== 0) {
        const tail = readFileSync(log, "utf8").trimEnd().split("\n").slice(-40).join("\n");
        throw new Refusal(`${tail}\nthat failed; the whole log is ${log}`);
    }
    rmSync(directory, { recursive: true });
}

/** Milliseconds for a daemon to say that it is there; the docker command itself would wait for ever. */
const DEADLINE = 20_000;

/** Standard output of a docker command, or undefined if it failed. */
export function docker(...args: string[]): string | undefined {
    const timeout = args.includes("version") ? DEADLINE : undefined;
    const { status, stdout, error } = spawnSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout });
    if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
        throw new Refusal("the docker command is not installed: it comes with Docker, or as docker-cli or docker.io from Debian");
    }
    return status === 0 ? stdout.trim() : undefined;
}

/** Whether the daemon has an image of this name. */
export function exists(image: string): boolean {
    return docker("image", "inspect", "--format", "{{.Id}}", image) !== undefined;
}

/** Fails with what to do if no daemon answers. */
export function requireDaemon(): void {
    if (docker("version", "--format", "{{.Server.Version}}") === undefined) {
        throw new Refusal("no Docker daemon answers: start one, or name one in DOCKER_HOST or with docker context use");
    }
}
