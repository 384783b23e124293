import { spawn } from "node:child_process";
import { join } from "node:path";

/** The checkout under test. */
export const root = join(__dirname, "..", "..", "..");

export interface Result {
    code: number | null;
    stdout: string;
    stderr: string;
    seconds: number;
}

export interface RunOptions {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    input?: string;
    /** Seconds after which the process and its children are killed. Default: 300. */
    timeout?: number;
}

/** Runs a program in a process group of its own, so that a timeout ends what it started, too. Never throws. */
export function tryRun(command: string, args: string[], options: RunOptions = {}): Promise<Result> {
    const start = Date.now();
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { cwd: options.cwd ?? root, env: options.env ?? process.env, detached: true });
        let stdout = "";
        let stderr = "";
        const kill = () => {
            stderr += `\nkilled after ${options.timeout ?? 300} s`;
            try {
                process.kill(-child.pid!, "SIGKILL");
            } catch {
                // It ended by itself in the meantime.
            }
        };
        const timer = setTimeout(kill, (options.timeout ?? 300) * 1000);
        child.stdout.on("data", (chunk) => (stdout += chunk));
        child.stderr.on("data", (chunk) => (stderr += chunk));
        child.on("error", reject);
        child.on("close", (code) => {
            clearTimeout(timer);
            resolve({ code, stdout, stderr, seconds: (Date.now() - start) / 1000 });
        });
        child.stdin.on("error", () => undefined); // a program that reads no input may close it first
        child.stdin.end(options.input ?? "");
    });
}

/** Runs a program that must succeed; returns what it printed. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<string> {
    const result = await tryRun(command, args, options);
    if (result.code !== 0) {
        throw new Error(`${[command, ...args].join(" ")}: exit code ${result.code}\n${result.stdout}${result.stderr}`);
    }
    return result.stdout;
}
