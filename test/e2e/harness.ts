/**
 * A stack of our own for one suite: the real CLI with the real plugins against a real Docker daemon, but state,
 * passphrase and configuration in a temporary directory, and names that nothing else on the machine has.
 */
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import YAML from "yaml";
import { Docker } from "./support/docker";
import { type Operation, summarize } from "./support/operation";
import { type Result, root, run, type RunOptions, tryRun } from "./support/process";

export interface StackOptions {
    /** Folder with the `Pulumi.yaml` of the program, relative to the checkout. Default: the checkout itself. */
    program?: string;
    /** Beginning of the stack's name; a random end makes it unique. */
    name: string;
    /** The same name, in a backend of its own. */
    namesake?: Stack;
    /** The `config` block of `Pulumi.<stack>.yaml`. */
    config?: Record<string, unknown>;
    /** Path of a key -> secret, set with `pulumi config set --path --secret`. */
    secrets?: Record<string, string>;
    env?: NodeJS.ProcessEnv;
    docker?: Docker;
}

let toolchain: Promise<NodeJS.ProcessEnv> | undefined;

/** The environment that `make` gives the CLI, with the toolchain first on PATH. */
export function toolchainEnvironment(): Promise<NodeJS.ProcessEnv> {
    return (toolchain ??= readToolchainEnvironment());
}

async function readToolchainEnvironment(): Promise<NodeJS.ProcessEnv> {
    const script = `variables=$(tools/toolchain/ensure) && eval "$variables" && env --null`;
    const printed = await run("bash", ["-c", script], { timeout: 1200 });
    const entries = printed
        .split("\0")
        .filter(Boolean)
        .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]);
    return Object.fromEntries(entries);
}

export class Stack {
    readonly docker: Docker;

    private constructor(
        readonly project: string,
        readonly name: string,
        /** Everything this stack has on disk: state, passphrase, configuration, and room for the test's own files. */
        readonly directory: string,
        readonly program: string,
        readonly env: NodeJS.ProcessEnv,
        docker: Docker,
    ) {
        this.docker = docker;
    }

    static async create(options: StackOptions): Promise<Stack> {
        const program = resolve(root, options.program ?? ".");
        const project = YAML.parse(readFileSync(join(program, "Pulumi.yaml"), "utf8")).name;
        const name = options.namesake?.name ?? `${options.name}-${randomBytes(3).toString("hex")}`;
        const directory = mkdtempSync(join(tmpdir(), `groundwork-${name}-`));
        mkdirSync(join(directory, "state"));
        const passphraseFile = join(directory, "passphrase");
        writeFileSync(passphraseFile, randomBytes(16).toString("hex"), { mode: 0o600 });
        const env = {
            ...(await toolchainEnvironment()),
            PULUMI_BACKEND_URL: `file://${directory}/state`,
            PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DEBUG_COMMANDS: "true", // for --event-log
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            GROUNDWORK_CONFIG_FILE: join(directory, `Pulumi.${name}.yaml`), // where the program looks whether secrets are encrypted
            ...options.env,
        };
        const stack = new Stack(project, name, directory, program, env, options.docker ?? new Docker());
        await stack.initialize(options);
        return stack;
    }

    /** Physical names of what the stack makes begin with this. */
    get prefix(): string {
        return `${this.project}-${this.name}`;
    }

    get stateDirectory(): string {
        return join(this.directory, "state");
    }

    /** The files that could be committed. */
    get path(): string {
        return root;
    }

    private get configFile(): string {
        return join(this.directory, `Pulumi.${this.name}.yaml`);
    }

    /** `stack init` writes its salt beside `Pulumi.yaml`, so it works on a copy of that file. */
    private async initialize(options: StackOptions): Promise<void> {
        const copy = join(this.directory, "init");
        mkdirSync(copy);
        copyFileSync(join(this.program, "Pulumi.yaml"), join(copy, "Pulumi.yaml"));
        await run("pulumi", ["-C", copy, "stack", "init", this.name, "--non-interactive"], { env: this.env });
        const salt = join(copy, `Pulumi.${this.name}.yaml`);
        writeFileSync(this.configFile, existsSync(salt) ? readFileSync(salt) : "");
        await this.configure(options.config ?? {}, options.secrets);
    }

    /** Replaces the whole configuration. */
    async configure(config: Record<string, unknown>, secrets: Record<string, string> = {}): Promise<void> {
        const { encryptionsalt } = YAML.parse(readFileSync(this.configFile, "utf8")) ?? {};
        writeFileSync(this.configFile, YAML.stringify({ encryptionsalt, config }));
        for (const [path, value] of Object.entries(secrets)) {
            const args = ["config", "set", "--path", "--secret", "--config-file", this.configFile, path];
            await this.pulumi(args, { input: value });
        }
    }

    /** Any command of the CLI on this stack; it must succeed. */
    async pulumi(args: string[], options: RunOptions = {}): Promise<string> {
        return run("pulumi", [...args, "--stack", this.name, "--non-interactive"], { cwd: this.program, env: this.env, ...options });
    }

    preview(...args: string[]): Promise<Operation> {
        return this.operate("preview", args);
    }

    up(...args: string[]): Promise<Operation> {
        return this.operate("up", ["--skip-preview", "--yes", ...args]);
    }

    /** `runProgram`: needed where the state names delete hooks. `preview`: looks before it deletes, as the CLI does by itself. */
    destroy({ runProgram = true, preview = false } = {}): Promise<Operation> {
        return this.operate("destroy", ["--yes", ...(preview ? [] : ["--skip-preview"]), ...(runProgram ? ["--run-program"] : [])]);
    }

    private async operate(verb: string, args: string[]): Promise<Operation> {
        const log = join(this.directory, `events-${randomBytes(3).toString("hex")}.json`);
        const fixed = ["--stack", this.name, "--config-file", this.configFile, "--event-log", log];
        const command = [verb, ...fixed, "--non-interactive", "--color", "never", "--parallel", "32", ...args];
        const result = await tryRun("pulumi", command, { cwd: this.program, env: this.env, timeout: 400 });
        const events = existsSync(log) ? readFileSync(log, "utf8") : "";
        rmSync(log, { force: true });
        return { ...result, output: result.stdout + result.stderr, ...summarize(events) };
    }

    /** What stands behind a verb of `make`: `tools/ops/<verb>.ts`. */
    verb(name: string, env: NodeJS.ProcessEnv = {}): Promise<Result> {
        const script = join(root, "tools", "ops", `${name}.ts`);
        return tryRun(process.execPath, ["--import", "tsx", script], { cwd: this.program, env: { ...this.env, STACK: this.name, ...env } });
    }

    /** Changes the state, as time would. */
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    async rewrite(change: (state: any) => void): Promise<void> {
        const state = await this.state({ showSecrets: true });
        change(state);
        await this.pulumi(["stack", "import"], { input: JSON.stringify(state) });
    }

    async outputs(): Promise<Record<string, string>> {
        return JSON.parse(await this.pulumi(["stack", "output", "--json", "--show-secrets"]));
    }

    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    async state(options: { showSecrets?: boolean } = {}): Promise<any> {
        return JSON.parse(await this.pulumi(["stack", "export", ...(options.showSecrets ? ["--show-secrets"] : [])]));
    }

    /** Takes everything of this stack off the machine, whatever became of it, and nothing else. For `after` hooks. */
    async remove(): Promise<void> {
        await this.docker.removeObjectsOf(this);
        rmSync(this.directory, { recursive: true, force: true });
    }
}
