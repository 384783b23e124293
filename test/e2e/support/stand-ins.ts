import { generateKeyPairSync, randomBytes } from "node:crypto";
import { lockedImage } from "../../../components/images";
import { Docker } from "./docker";
import { fetchUrl } from "./https";
import type { Runs, Status } from "./lightning";
import { freePort, until } from "./wait";

export const keyPair = () =>
    generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A run, its steps and its log, as they are in the database. */
export interface RunResult {
    state: string;
    worker_name: string | null;
    error_type: string | null;
    error_message: string | null;
    steps: { job_id: string; exit_reason: string; error_type: string | null; output: unknown }[];
    logs: { source: string; level: string; message: string }[];
}

/** The stand-ins without a component around them: database and web in containers, workers on the network of this machine. */
export class StandIns {
    readonly docker = new Docker();
    readonly secret = randomBytes(32).toString("base64");
    readonly keys = keyPair();
    private readonly name = `groundwork-protocol-${randomBytes(3).toString("hex")}`;
    private readonly workers: string[] = [];
    private port = 0;

    private constructor(private readonly images: { web: string; worker: string }) {}

    static async create(images: { web: string; worker: string }): Promise<StandIns> {
        const standIns = new StandIns(images);
        try {
            await standIns.start();
        } catch (error) {
            await standIns.remove();
            throw error;
        }
        return standIns;
    }

    /** Address of web. */
    get url(): string {
        return `http://127.0.0.1:${this.port}`;
    }

    container(role: string): string {
        return `${this.name}-${role}`;
    }

    private async start(): Promise<void> {
        const { docker, name } = this;
        this.port = await freePort();
        await docker.cli("network", "create", name);
        const database = ["--env", "POSTGRES_PASSWORD=hello", "--env", "POSTGRES_DB=lightning"];
        const place = (role: string) => ["--network", name, "--network-alias", role, "--name", this.container(role)];
        await docker.cli("run", "--detach", ...place("postgres"), ...database, lockedImage("postgres").reference);
        await until("the database", async () => {
            return (await docker.tryCli("exec", this.container("postgres"), "pg_isready", "--host=127.0.0.1")).code === 0;
        });
        const variables = environment(this.webVariables());
        await docker.cli("run", "--rm", "--network", name, ...variables, this.images.web, "/app/bin/migrate");
        const publish = ["--publish", `127.0.0.1:${this.port}:4000`];
        await docker.cli("run", "--detach", ...place("web"), ...publish, ...variables, this.images.web);
        await until("web", async () => (await fetchUrl(`${this.url}/health_check`)).status === 200);
    }

    private webVariables(): Record<string, string> {
        return {
            DATABASE_URL: "postgresql://postgres:hello@postgres:5432/lightning",
            DISABLE_DB_SSL: "true",
            LISTEN_ADDRESS: "0.0.0.0",
            PRIMARY_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
            SECRET_KEY_BASE: randomBytes(48).toString("base64"),
            WORKER_MAX_RUN_DURATION_SECONDS: "30",
            WORKER_RUNS_PRIVATE_KEY: base64(this.keys.privateKey),
            WORKER_SECRET: this.secret,
        };
    }

    /** Starts a worker that web knows, unless other variables are given; returns the name of its container, and its port. */
    async startWorker(variables: Record<string, string> = {}, image = this.images.worker): Promise<{ container: string; port: number }> {
        const port = await freePort();
        const container = this.container(`worker-${this.workers.length + 1}`);
        this.workers.push(container);
        const own = {
            WORKER_SECRET: this.secret,
            WORKER_LIGHTNING_PUBLIC_KEY: base64(this.keys.publicKey),
            WORKER_LIGHTNING_SERVICE_URL: `ws://127.0.0.1:${this.port}/worker`,
            WORKER_PORT: String(port),
            ...variables,
        };
        await this.docker.cli("run", "--detach", "--network", "host", "--name", container, ...environment(own), image);
        return { container, port };
    }

    /** Resolves when a container has ended, with its exit code. */
    async ended(container: string): Promise<number> {
        return Number(await this.docker.cli("wait", container));
    }

    private async json<T>(path: string, json?: unknown): Promise<T> {
        const answer = await fetchUrl(`${this.url}/stand-in/${path}`, json === undefined ? {} : { method: "POST", json });
        if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.body}`);
        return JSON.parse(answer.body) as T;
    }

    status(): Promise<Status> {
        return this.json("status");
    }

    runs(): Promise<Runs> {
        return this.json("runs");
    }

    run(id: string): Promise<RunResult> {
        return this.json(`runs/${id}`);
    }

    /** A new run of this workflow. */
    async enqueue(workflow: object): Promise<string> {
        return (await this.json<{ runs: string[] }>("runs", workflow)).runs[0]!;
    }

    /** Resolves when the run has this state. */
    async inState(state: string, id: string): Promise<RunResult> {
        return until(`run in state ${state}`, async () => {
            const run = await this.run(id);
            if (run.state === state) return run;
            throw new Error(JSON.stringify(run).slice(0, 500));
        });
    }

    sql(statement: string): Promise<string> {
        const client = ["psql", "--username=postgres", "--dbname=lightning", "--quiet", "-At", "-c", statement];
        return this.docker.exec(this.container("postgres"), ...client);
    }

    /** Removes the workers that were started, however they ended. */
    async removeWorkers(): Promise<void> {
        const workers = this.workers.splice(0);
        if (workers.length > 0) await this.docker.tryCli("rm", "--force", "--volumes", ...workers);
    }

    async remove(): Promise<void> {
        await this.removeWorkers();
        await this.docker.tryCli("rm", "--force", "--volumes", this.container("web"), this.container("postgres"));
        await this.docker.tryCli("network", "rm", this.name);
    }
}

function environment(variables: Record<string, string>): string[] {
    return Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
}
