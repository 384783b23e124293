import type * as pulumi from "@pulumi/pulumi";
import type { Connection } from "./connection";

/** What a job needs at run time; everything in it is a plain value. */
export interface JobInputs {
    connection: Connection;
    /** Name of the container while it runs. */
    name: string;
    image: string;
    entrypoint?: string[];
    command?: string[];
    environment: string[];
    uploads: { file: string; content: string; permissions: string }[];
    mounts: { volume?: string; hostPath?: string; target: string; readOnly?: boolean }[];
    /** Network id -> aliases. The first is joined at the start, the others before it. */
    networks: { id: string; aliases?: string[] }[];
    labels: Record<string, string>;
    user?: string;
    privileges: { capDrop: string[]; capAdd: string[]; pidsLimit: number; readOnly: boolean; tmpfs: string[]; networkMode: string };
    memory: number;
    /** Seconds. */
    timeout: number;
    /** Hash over everything whose change runs the job again. */
    trigger: string;
    /** Set by an update. */
    rerun?: boolean;
}

/**
 * Runs a job as part of an update. A dynamic provider is stored as text and run by a helper process, so everything
 * it uses is inside this one object, and packages are imported inside the functions (a captured class or module cannot
 * be stored). The Docker provider cannot do it: `attach` without `mustRun` does not fail on a non-zero exit code.
 */
const provider: pulumi.dynamic.ResourceProvider<JobInputs, { trigger: string; name: string }> = {
    async create(inputs) {
        const runJob = async (job: JobInputs): Promise<void> => {
            const { default: Docker } = await import("dockerode");
            const tar = await import("tar-stream");
            const { Duplex, PassThrough } = await import("node:stream");
            const { Agent } = await import("node:http");
            const { spawn } = await import("node:child_process");

            const { host, ca, cert, key } = job.connection;
            const { hostname, pathname, port, protocol, username } = new URL(host);
            const secure = Boolean(ca || cert);
            // As in client.ts, through the `ssh` program, with the same options.
            const throughSsh = () => {
                const patience = ["BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=10", "ServerAliveCountMax=3"];
                const sshOptions = patience.flatMap((option) => ["-o", option]);
                const login = [...sshOptions, ...(username ? ["-l", username] : []), ...(port ? ["-p", port] : []), "--", hostname];
                const ssh = spawn("ssh", [...login, "docker", "system", "dial-stdio"], { stdio: ["pipe", "pipe", "inherit"] });
                const socket = Duplex.from({ writable: ssh.stdin, readable: ssh.stdout });
                ssh.on("error", (problem) => socket.destroy(problem));
                return socket.on("close", () => ssh.kill());
            };
            const options = {
                "unix:": { socketPath: pathname },
                "ssh:": { protocol: "http", host: "docker", port: 80, agent: Object.assign(new Agent(), { createConnection: throughSsh }) },
                "tcp:": {
                    protocol: secure ? "https" : "http",
                    host: hostname,
                    port: Number(port || (secure ? 2376 : 2375)),
                    ca,
                    cert,
                    key,
                },
            }[protocol];
            const docker = new Docker(options as ConstructorParameters<typeof Docker>[0]);

            // As in client.ts: every call has its deadline, a stream until it begins; a job lasts as long as its own limit allows.
            type Problem = Error & { statusCode?: number };
            type Answer = (problem: Problem | null, result?: unknown) => void;
            const deadlines = { question: 20_000, work: 120_000 };
            const dial = docker.modem.dial.bind(docker.modem);
            docker.modem.dial = (call: { method: string; path: string }, answer: Answer) => {
                // Declared before it is captured: whatever stores this text insists.
                let timer: NodeJS.Timeout | undefined;
                const limit = call.method === "GET" || /\/attach\b/.test(call.path) ? deadlines.question : deadlines.work;
                const end: Answer = (problem, result) => {
                    clearTimeout(timer);
                    const silent = problem && problem.statusCode === undefined;
                    answer(silent ? new Error(`the Docker Engine ${host} does not answer: ${problem.message}`) : problem, result);
                    answer = () => undefined;
                };
                const late = () => end(new Error(`nothing came within ${limit / 1000} s`));
                if (!/\/wait\b/.test(call.path)) timer = setTimeout(late, limit);
                dial(call, end);
            };

            // A run that was killed leaves its container behind.
            const leftover = docker.getContainer(job.name);
            const found = await leftover.inspect().catch((problem: Problem) => {
                if (problem.statusCode === 404) return undefined;
                throw problem;
            });
            const ours = Object.entries(job.labels).every(([label, value]) => found?.Config.Labels[label] === value);
            if (found && !ours) {
                throw new Error(
                    `the container ${job.name} exists on the Docker Engine ${host} and was not made by this state: ` +
                        "stop and remove it if nobody needs it, or choose another prefix",
                );
            }
            if (found) await leftover.remove({ force: true, v: false });

            const [first, ...others] = job.networks;
            const container = await docker.createContainer({
                name: job.name,
                Image: job.image,
                Entrypoint: job.entrypoint,
                Cmd: job.command,
                Env: job.environment,
                User: job.user,
                Labels: job.labels,
                HostConfig: {
                    Binds: job.mounts.map((m) => `${m.volume ?? m.hostPath}:${m.target}:${m.readOnly ? "ro" : "rw"}`),
                    Memory: job.memory * 1024 * 1024,
                    MemorySwap: job.memory * 1024 * 1024,
                    NetworkMode: first?.id ?? job.privileges.networkMode,
                    SecurityOpt: ["no-new-privileges:true"],
                    CapDrop: job.privileges.capDrop,
                    CapAdd: job.privileges.capAdd,
                    PidsLimit: job.privileges.pidsLimit,
                    ReadonlyRootfs: job.privileges.readOnly,
                    Tmpfs: Object.fromEntries(job.privileges.tmpfs.map((path) => [path, ""])),
                    LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
                },
                NetworkingConfig: first && { EndpointsConfig: { [first.id]: { Aliases: first.aliases } } },
            });
            try {
                for (const { id, aliases } of others) {
                    await docker.getNetwork(id).connect({ Container: container.id, EndpointConfig: { Aliases: aliases } });
                }
                if (job.uploads.length > 0) {
                    const pack = tar.pack();
                    for (const { file, content, permissions } of job.uploads) {
                        pack.entry({ name: file.replace(/^\//, ""), mode: parseInt(permissions, 8) }, content);
                    }
                    pack.finalize();
                    await container.putArchive(pack, { path: "/" });
                }
                // Attached before the start and read to its end: a log asked for afterwards can lack the last lines.
                const lines: string[] = [];
                const collect = new PassThrough().on("data", (chunk: Buffer) => {
                    lines.push(chunk.toString());
                    while (lines.length > 200) lines.shift();
                });
                const stream = await container.attach({ stream: true, stdout: true, stderr: true });
                docker.modem.demuxStream(stream, collect, collect);
                const ended = new Promise((resolve) => stream.on("end", resolve).on("close", resolve));
                await container.start();
                let timer: NodeJS.Timeout | undefined;
                const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), job.timeout * 1000)));
                const result = await Promise.race([container.wait() as Promise<{ StatusCode: number }>, late]);
                clearTimeout(timer);
                if (result === "late") await container.kill().catch(() => undefined);
                // An engine that has fallen silent ends no stream either.
                await (result === "late" ? Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000))]) : ended);
                const tail = lines.join("").trimEnd().split("\n").slice(-20).join("\n");
                if (result === "late") throw new Error(`job ${job.name} did not end within ${job.timeout} s; its last lines:\n${tail}`);
                if (result.StatusCode !== 0) throw new Error(`job ${job.name} exited with ${result.StatusCode}; its last lines:\n${tail}`);
            } finally {
                await container.remove({ force: true, v: true }).catch(() => undefined);
            }
        };
        // What a job protects or prepares may not run yet, and it alone cannot tell that from what has failed.
        const firstRun = inputs.rerun ? [] : ["JOB_FIRST_RUN=yes"];
        await runJob({ ...inputs, environment: [...inputs.environment, ...firstRun] });
        return { id: inputs.name, outs: { trigger: inputs.trigger, name: inputs.name } };
    },
    async diff(_id, olds, news) {
        // Only the trigger counts: a changed address of the host, or a changed text of this provider, is no reason to run again.
        return { changes: olds.trigger !== news.trigger, replaces: [] };
    },
    async update(_id, _olds, news) {
        const { outs } = await provider.create!({ ...news, rerun: true });
        return { outs: outs as { trigger: string; name: string } };
    },
};

// Under another name: what refers to an exported constant is stored as a reference to this module, which nobody else may load.
export { provider as jobProvider };
