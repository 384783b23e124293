import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lockedImage } from "../../../components/images";
import type { Docker } from "./docker";
import type { Runs, Status } from "./lightning";
import { until } from "./wait";

const DATABASE = "lightning_prod";
const EXPORTS = "/srv/exports";

/** Lightning as somebody deploys it after the guide: containers by hand, one `.env` file, a database whose roles have other names. */
export class HandMadeLightning {
    readonly user = "postgres";
    readonly database = DATABASE;
    readonly env: string;

    private constructor(
        private readonly docker: Docker,
        private readonly name: string,
        directory: string,
        private readonly images: { web: string; worker: string },
    ) {
        this.env = join(directory, "old.env");
    }

    container(role: "web" | "worker" | "postgres"): string {
        return `${this.name}-${role}`;
    }

    static async create(
        place: { project: string; directory: string; docker: Docker },
        images: { web: string; worker: string },
    ): Promise<HandMadeLightning> {
        const old = new HandMadeLightning(place.docker, `${place.project}-old`, place.directory, images);
        const keys = generateKeyPairSync("rsa", {
            modulusLength: 2048,
            publicKeyEncoding: { type: "spki", format: "pem" },
            privateKeyEncoding: { type: "pkcs1", format: "pem" },
        });
        const base64 = (text: string) => Buffer.from(text).toString("base64");
        const variables = old.variables(base64(keys.privateKey));
        writeFileSync(
            old.env,
            Object.entries(variables)
                .map((pair) => `${pair.join("=")}\n`)
                .join(""),
            { mode: 0o600 },
        );
        const exports = join(place.directory, "old-exports");
        mkdirSync(exports);
        chownSync(exports, 1000, 1000);
        await place.docker.cli("network", "create", old.name);
        await old.startDatabase();
        await old.startWeb(exports);
        await old.startWorker({ ...variables, WORKER_LIGHTNING_PUBLIC_KEY: base64(keys.publicKey) });
        return old;
    }

    private variables(privateKey: string): Record<string, string> {
        return {
            DATABASE_URL: `postgresql://${this.user}:hello@postgres:5432/${DATABASE}`,
            DISABLE_DB_SSL: "true",
            PRIMARY_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
            SECRET_KEY_BASE: randomBytes(48).toString("base64"),
            WORKER_SECRET: randomBytes(32).toString("base64"),
            WORKER_RUNS_PRIVATE_KEY: privateKey,
            LISTEN_ADDRESS: "0.0.0.0",
            PORT: "4000",
            URL_HOST: "localhost",
            ORIGINS: "//localhost",
            STORAGE_PATH: EXPORTS,
        };
    }

    private run(role: "web" | "worker" | "postgres", ...args: string[]): Promise<string> {
        const place = ["--name", this.container(role), "--network", this.name, "--network-alias", role];
        return this.docker.cli("run", "--detach", ...place, ...args);
    }

    private async startDatabase(): Promise<void> {
        const env = ["--env", "POSTGRES_PASSWORD=hello", "--env", `POSTGRES_DB=${DATABASE}`];
        await this.run("postgres", ...env, lockedImage("postgres").reference);
        const ready = ["exec", this.container("postgres"), "pg_isready", "--host=127.0.0.1"];
        await until("the old database", async () => (await this.docker.tryCli(...ready)).code === 0);
    }

    private async startWeb(exports: string): Promise<void> {
        const migrate = ["run", "--rm", "--network", this.name, "--env-file", this.env, this.images.web, "/app/bin/migrate"];
        await this.docker.cli(...migrate);
        const grown = `
            insert into users (email, role) values ('ada@example.org', 'superuser');
            create role reporting; create role department;
            grant select on all tables in schema public to reporting;
            alter table runs owner to department;`;
        await this.docker.exec(this.container("postgres"), "psql", "-U", this.user, "-d", DATABASE, "-qc", grown);
        await this.run("web", "--env-file", this.env, "--volume", `${exports}:${EXPORTS}`, this.images.web);
        await until("the old web", () => this.status());
        await this.docker.exec(this.container("web"), "sh", "-c", `echo a,b > ${EXPORTS}/history.csv`);
    }

    private async startWorker(variables: Record<string, string>): Promise<void> {
        const env = ["WORKER_SECRET", "WORKER_LIGHTNING_PUBLIC_KEY"].flatMap((name) => ["--env", `${name}=${variables[name]}`]);
        await this.run("worker", ...env, "--env", "WORKER_LIGHTNING_SERVICE_URL=ws://web:4000/worker", this.images.worker);
        await until("the old worker", async () => (await this.status()).workers.length === 1);
        await this.ask("/stand-in/runs?count=3&seconds=0.1", "--request", "POST");
        await until("three runs", async () => ((await this.ask("/stand-in/runs")) as Runs).states.success === 3);
    }

    private async ask(path: string, ...options: string[]): Promise<unknown> {
        const page = `http://127.0.0.1:4000${path}`;
        return JSON.parse(await this.docker.exec(this.container("web"), "curl", "--silent", "--fail", ...options, page));
    }

    status(): Promise<Status> {
        return this.ask("/stand-in/status") as Promise<Status>;
    }

    /** Fingerprint of what is encrypted in its database. */
    async credential(): Promise<string> {
        return ((await this.ask("/stand-in/credential")) as { sha256: string }).sha256;
    }

    async remove(): Promise<void> {
        const containers = (["web", "worker", "postgres"] as const).map((role) => this.container(role));
        await this.docker.tryCli("rm", "--force", "--volumes", ...containers);
        await this.docker.tryCli("network", "rm", this.name);
    }
}
