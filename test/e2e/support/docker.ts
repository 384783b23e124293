import { type Result, run, tryRun } from "./process";

/** The Docker Engine under test, asked through the `docker` client, as a person would. */
export class Docker {
    /** `env` selects another engine, as for the client (`DOCKER_HOST`, `DOCKER_CERT_PATH`, ...). */
    constructor(private readonly env: NodeJS.ProcessEnv = {}) {}

    async cli(...args: string[]): Promise<string> {
        return (await run("docker", args, { env: { ...process.env, ...this.env } })).trim();
    }

    tryCli(...args: string[]): Promise<Result> {
        return tryRun("docker", args, { env: { ...process.env, ...this.env } });
    }

    private async lines(...args: string[]): Promise<string[]> {
        return (await this.cli(...args)).split("\n").filter(Boolean);
    }

    /** What carries the labels of a stack, or a name that begins with its prefix (which nothing else has). */
    async objectsOf(stack: { project: string; name: string }): Promise<Record<"container" | "network" | "volume", string[]>> {
        const prefix = `${stack.project}-${stack.name}`;
        const find = async (list: string[], format: string) => {
            const byLabel = await this.lines(
                ...list,
                ...["--filter", `label=groundwork.stack=${stack.name}`, "--filter", `label=groundwork.project=${stack.project}`],
                ...["--format", format],
            );
            const named = (await this.lines(...list, "--filter", `name=${prefix}`, "--format", format)).filter((name) =>
                name.startsWith(`${prefix}-`),
            );
            return [...new Set([...byLabel, ...named])].sort();
        };
        return {
            container: await find(["ps", "--all"], "{{.Names}}"),
            network: await find(["network", "ls"], "{{.Name}}"),
            volume: await find(["volume", "ls"], "{{.Name}}"),
        };
    }

    /** Removes what belongs to a stack, whatever state it is in. */
    async removeObjectsOf(stack: { project: string; name: string }): Promise<void> {
        const { container, network, volume } = await this.objectsOf(stack);
        if (container.length) await this.cli("rm", "--force", ...container);
        if (network.length) await this.cli("network", "rm", ...network);
        if (volume.length) await this.cli("volume", "rm", "--force", ...volume);
    }

    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    async inspect(kind: "container" | "network" | "volume" | "image", name: string): Promise<any> {
        return JSON.parse(await this.cli(kind, "inspect", name))[0];
    }

    /** Standard output and standard error of a container. */
    async logs(container: string): Promise<string> {
        const { stdout, stderr } = await this.tryCli("logs", container);
        return stdout + stderr;
    }

    async exec(container: string, ...command: string[]): Promise<string> {
        return this.cli("exec", container, ...command);
    }
}
