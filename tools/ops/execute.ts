import { PassThrough, Writable } from "node:stream";
import type { Workload } from "./workloads";

/** Runs a command in a container with its output on the terminal, and resolves to its exit code. */
export async function execute({ id, host }: Workload, command: string[]): Promise<number> {
    const { code } = await runInside({ id, host }, command, process.stdout, process.stderr);
    return code;
}

/** The same, with what it wrote to stdout and stderr kept. */
export async function executeQuietly(
    workload: Pick<Workload, "id" | "host">,
    command: string[],
): Promise<{ code: number; output: string }> {
    const chunks: Buffer[] = [];
    const collect = new PassThrough().on("data", (chunk: Buffer) => chunks.push(chunk));
    const { code } = await runInside(workload, command, collect, collect);
    return { code, output: Buffer.concat(chunks).toString() };
}

async function runInside(
    { id, host }: Pick<Workload, "id" | "host">,
    command: string[],
    out: Writable,
    err: Writable,
): Promise<{ code: number }> {
    const exec = await host.docker.getContainer(id).exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    host.docker.modem.demuxStream(stream, out, err);
    await new Promise((resolve, reject) => stream.on("end", resolve).on("close", resolve).on("error", reject));
    return { code: (await exec.inspect()).ExitCode ?? 1 };
}

/** Connects the terminal to a command in a container: what is typed goes in, what is drawn comes out. */
export async function executeInteractively({ id, host }: Workload, command: string[]): Promise<number> {
    const { stdin, stdout } = process;
    const options = {
        Cmd: command,
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: true,
        Env: [`TERM=${process.env.TERM ?? "xterm"}`],
    };
    const exec = await host.docker.getContainer(id).exec(options);
    const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
    const resize = () => void exec.resize({ h: stdout.rows, w: stdout.columns }).catch(() => undefined);
    stdin.setRawMode(true);
    stdin.pipe(stream);
    stream.pipe(stdout);
    resize();
    stdout.on("resize", resize);
    await new Promise((resolve) => stream.on("end", resolve).on("close", resolve));
    stdout.off("resize", resize);
    stdin.setRawMode(false);
    stdin.unpipe(stream);
    stdin.pause();
    return (await exec.inspect()).ExitCode ?? 1;
}
