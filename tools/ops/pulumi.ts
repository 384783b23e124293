import { spawn } from "node:child_process";
import type { Environment } from "./environment";
import { isSecret, type Exported } from "./state";
import { Stop } from "./stop";

export interface Result {
    code: number;
    stdout: string;
    stderr: string;
}

/** Runs the CLI with its output on the terminal; resolves to its exit code. */
export function pulumi(args: string[], extra: NodeJS.ProcessEnv = {}): Promise<number> {
    return new Promise((resolve, reject) => {
        const child = spawn("pulumi", args, { stdio: "inherit", env: { ...process.env, ...extra } });
        // Ctrl-C reaches the CLI by itself; it ends in its own time and this process with it.
        const wait = () => undefined;
        process.on("SIGINT", wait);
        child.on("error", (problem) => reject(cliProblem(problem)));
        child.on("close", (code) => {
            process.off("SIGINT", wait);
            resolve(code ?? 1);
        });
    });
}

/** Runs the CLI and keeps what it says, which may be secret: never print it as it is. */
export function capture(args: string[], input?: string): Promise<Result> {
    return new Promise((resolve, reject) => {
        const child = spawn("pulumi", args, { stdio: ["pipe", "pipe", "pipe"] });
        const result: Result = { code: 1, stdout: "", stderr: "" };
        child.stdout.setEncoding("utf8").on("data", (text: string) => (result.stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (result.stderr += text));
        child.stdin.on("error", () => undefined);
        child.on("error", (problem) => reject(cliProblem(problem)));
        child.on("close", (code) => resolve({ ...result, code: code ?? 1 }));
        child.stdin.end(input ?? "");
    });
}

/** The state; undefined when the backend does not know the stack. With `showSecrets` it must not leave this process. */
export async function exportState({ stack }: Environment, options: { showSecrets?: boolean } = {}): Promise<Exported | undefined> {
    const secrets = options.showSecrets ? ["--show-secrets"] : [];
    const { code, stdout, stderr } = await capture(["stack", "export", "--stack", stack, ...secrets]);
    if (code === 0) return JSON.parse(stdout) as Exported;
    if (/no stack named/.test(stderr)) return undefined;
    throw new Stop(`the state of stack ${stack} cannot be read: ${lastLine(stderr)}`);
}

/**
 * Before anything is changed by hand for an update: one that the program refuses, or whose preview fails, is to leave everything as it is.
 */
export async function mustBeDeployable({ stack }: Environment): Promise<void> {
    console.log("mending: something is not as deployed; looking first whether the update can be made");
    const quiet = ["--suppress-outputs", "--suppress-progress", "--non-interactive", "--color", "never"];
    const { code, stdout, stderr } = await capture(["preview", "--stack", stack, "--parallel", "32", ...quiet]);
    if (code === 0) return;
    // A preview shows no secrets.
    console.error(`${stdout}${stderr}`.trim());
    throw new Stop("the update cannot be made, so nothing was mended: the reason is above", code);
}

/** The state with what `hostsOf` needs. Secrets are read only where a host has any: that takes as long again, and few have. */
export async function exportForHosts(env: Environment): Promise<Exported | undefined> {
    const exported = await exportState(env);
    const providers = exported?.deployment.resources?.filter(({ type }) => type === "pulumi:providers:docker") ?? [];
    const sealed = providers.some(({ inputs }) => Object.values(inputs ?? {}).some(isSecret));
    return sealed ? exportState(env, { showSecrets: true }) : exported;
}

export async function importState({ stack }: Environment, state: Exported): Promise<void> {
    await mustSucceed(["stack", "import", "--stack", stack], JSON.stringify(state));
}

/** Runs the CLI without its output, unless it fails. */
export async function mustSucceed(args: string[], input?: string): Promise<void> {
    const { code, stderr } = await capture(args, input);
    if (code !== 0) throw new Stop(`pulumi ${args.join(" ")} failed: ${lastLine(stderr)}`);
}

export function lastLine(text: string): string {
    return text.trim().split("\n").at(-1) ?? "";
}

function cliProblem(problem: NodeJS.ErrnoException): Error {
    return problem.code === "ENOENT"
        ? new Stop("there is no `pulumi` on the PATH: use the make verb, or run `make toolchain` first")
        : problem;
}
