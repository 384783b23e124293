/**
 * A copy of the checkout, in which a suite uses `make` as a person does. Its project has a name of its own, so that it
 * shares nothing with an environment that the same checkout has deployed on this machine; state and passphrase are
 * in a temporary directory. Only the cache (toolchain, images) is the machine's.
 */
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import YAML from "yaml";
import { Docker } from "./docker";
import { type Operation, summarize } from "./operation";
import { type Result, root, run, type RunOptions, tryRun } from "./process";

export type Block = Record<string, unknown>;

export class Checkout {
    readonly name = "dev";

    private constructor(
        readonly project: string,
        /** Room for everything of this suite. */
        readonly directory: string,
        readonly docker: Docker,
        /** What its commands run with. */
        readonly environment: NodeJS.ProcessEnv,
    ) {}

    static async create(label: string, options: { docker?: Docker; env?: NodeJS.ProcessEnv } = {}): Promise<Checkout> {
        const project = `gw-${label}-${randomBytes(3).toString("hex")}`;
        const directory = mkdtempSync(join(tmpdir(), `${project}-`));
        const env = { ...process.env, GROUNDWORK_STATE: join(directory, "state"), ...options.env };
        for (const name of Object.keys(env)) if (name.startsWith("PULUMI_") || name === "STACK") delete env[name as keyof typeof env];
        const checkout = new Checkout(project, directory, options.docker ?? new Docker(), { ...env, PULUMI_DEBUG_COMMANDS: "true" });
        await checkout.copy();
        return checkout;
    }

    /** Where the copy is. */
    get path(): string {
        return join(this.directory, "groundwork");
    }

    get prefix(): string {
        return `${this.project}-${this.name}`;
    }

    get stateDirectory(): string {
        return join(this.directory, "state");
    }

    private get configFile(): string {
        return join(this.path, `Pulumi.${this.name}.yaml`);
    }

    private async copy(): Promise<void> {
        mkdirSync(this.path);
        const tar = `git ls-files --cached --others --exclude-standard -z | xargs -0 ls -d 2>/dev/null | tar -cf - -T - | tar -xf - -C '${this.path}'`;
        await run("bash", ["-c", tar], { cwd: root });
        symlinkSync(join(root, "node_modules"), join(this.path, "node_modules"));
        this.edit("Pulumi.yaml", (text) => text.replace(/^name: .*/m, `name: ${this.project}`));
        await this.commit();
    }

    /** Changes a file of the copy. */
    edit(file: string, change: (text: string) => string): void {
        const before = readFileSync(join(this.path, file), "utf8");
        const after = change(before);
        if (after === before) throw new Error(`the edit of ${file} changed nothing`);
        writeFileSync(join(this.path, file), after);
    }

    /** Brings a file back to what the checkout itself has. */
    restore(file: string): void {
        copyFileSync(join(root, file), join(this.path, file));
    }

    /** Makes what is there now the state that `git status` compares with. */
    async commit(): Promise<void> {
        const git = (...args: string[]) =>
            run("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], { cwd: this.path });
        await git("init", "--quiet");
        writeFileSync(join(this.path, ".git", "info", "exclude"), "node_modules\n");
        await git("add", "--all");
        await git("commit", "--quiet", "--allow-empty", "--message", "test");
    }

    /** What a person would see as changed. */
    async gitStatus(): Promise<string> {
        return (await run("git", ["status", "--porcelain"], { cwd: this.path })).trim();
    }

    /** Replaces the configuration: blocks without the project's name before them. */
    configure(blocks: Block): void {
        const config = Object.fromEntries(Object.entries(blocks).map(([block, value]) => [`${this.project}:${block}`, value]));
        writeFileSync(this.configFile, YAML.stringify({ config }));
    }

    /** The configuration as it stands now, encrypted values included. */
    configuration(): Record<string, Block> {
        const { config } = YAML.parse(readFileSync(this.configFile, "utf8"));
        return Object.fromEntries(Object.entries(config as Record<string, Block>).map(([block, value]) => [block.split(":")[1], value]));
    }

    /** Encrypts a value into the configuration, as a person does. */
    async setSecret(path: string, value: string): Promise<void> {
        await this.make("pulumi", { ARGS: `config set --stack ${this.name} --secret --path ${this.project}:${path}` }, { input: value });
        // The file gets it at the next run of whatever command.
        await this.make("pulumi", { ARGS: "version" });
    }

    /** Runs a verb; `variables` as on the command line: `{ SYSTEM: "openpectus" }`. */
    tryMake(verb: string, variables: Record<string, string> = {}, options: RunOptions = {}): Promise<Result> {
        const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
        return tryRun("make", ["--silent", verb, ...words], { timeout: 900, ...options, cwd: this.path, env: this.environment });
    }

    /** The same for a verb that must succeed; returns what it printed on standard output. */
    async make(verb: string, variables: Record<string, string> = {}, options: RunOptions = {}): Promise<string> {
        const { code, stdout, stderr } = await this.tryMake(verb, variables, options);
        if (code !== 0) throw new Error(`make ${verb}: exit code ${code}\n${stdout}${stderr}`);
        return stdout;
    }

    /** `make up` and `make preview`, with what the engine did. */
    up = (...args: string[]): Promise<Operation> => this.operate("up", {}, args);
    /** `make up` with variables: `{ EMPTY_DATA: "yes" }`. */
    upWith = (variables: Record<string, string>): Promise<Operation> => this.operate("up", variables, []);
    preview = (...args: string[]): Promise<Operation> => this.operate("preview", {}, args);
    /** `pulumi up` without what `make up` does around it. */
    update = (...args: string[]): Promise<Operation> =>
        this.operate("pulumi", {}, ["up", "--stack", this.name, "--yes", "--skip-preview", "--parallel", "32", ...args]);

    private async operate(verb: string, variables: Record<string, string>, args: string[]): Promise<Operation> {
        const log = join(this.directory, `events-${randomBytes(3).toString("hex")}.json`);
        const words = [...args, "--event-log", log, "--non-interactive", "--color", "never"].join(" ");
        const result = await this.tryMake(verb, { ...variables, ARGS: words });
        const events = existsSync(log) ? readFileSync(log, "utf8") : "";
        rmSync(log, { force: true });
        return { ...result, output: result.stdout + result.stderr, ...summarize(events) };
    }

    /** A command line, as a person types it in the checkout. */
    run(line: string): Promise<Result> {
        return tryRun("bash", ["-c", line], { cwd: this.path, env: this.environment, timeout: 900 });
    }

    /** A command line in a shell that was set up as the README says for plain `pulumi`. */
    shell(line: string): Promise<Result> {
        return tryRun("bash", ["-c", `eval "$(make -s env)" && ${line}`], { cwd: this.path, env: this.environment });
    }

    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    async state(options: { showSecrets?: boolean } = {}): Promise<any> {
        return JSON.parse(
            await this.make("pulumi", { ARGS: `stack export --stack ${this.name}${options.showSecrets ? " --show-secrets" : ""}` }),
        );
    }

    /** The outputs of one system, secrets readable. */
    async outputs(system: string): Promise<Record<string, string>> {
        const args = `stack output --json --show-secrets --stack ${this.name}`;
        return JSON.parse(await this.make("pulumi", { ARGS: args }))[system];
    }

    /** Takes everything of this suite off the machine, whatever became of it. For `after` hooks. */
    async remove(): Promise<void> {
        await this.docker.removeObjectsOf(this);
        rmSync(this.directory, { recursive: true, force: true });
    }
}
