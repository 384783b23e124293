import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Postgres, type PostgresArgs } from "../../../../components/postgres";
import lock from "../../../../images.lock.json";
import { record, valueOf, type Recording } from "../recorder";

describe("postgres: component", () => {
    let recording: Recording;

    beforeEach(async () => (recording = await record()));

    async function postgres(args: Partial<PostgresArgs> = {}): Promise<Postgres> {
        const defaults = { system: "op", network: "net-id", database: "db", superuser: "admin", user: "me", dataProtection: false };
        const made = new Postgres("op-db", { ...defaults, ...args });
        await pulumi.runtime.disconnect();
        return made;
    }

    const inputs = (name: string) => recording.get(name).inputs;

    /** The list is a secret as soon as one file in it is. */
    const uploads = (name: string) => (inputs(name).uploads as { secret: { file: string; content: string; permissions: string }[] }).secret;

    /** Resources that make images and hashes are the workload layer's own. */
    const children = () =>
        recording.requested
            .filter(({ name }) => !/-(config-key|image-[0-9a-f]{8})$/.test(name))
            .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`)
            .sort();

    it("is a volume, two passwords, a check, backups, a server and the role of the programs", async () => {
        await postgres();
        assert.deepEqual(children(), [
            "Backup op-db-backup",
            "Container op-db-backup-backup",
            "Container op-db-postgres",
            "Job op-db-backup-before-change",
            "Job op-db-owner",
            "Job op-db-version-check",
            "Postgres op-db",
            "RandomPassword op-db-password",
            "RandomPassword op-db-user-password",
            "Volume op-db-backup-backups",
            "Volume op-db-data",
        ]);
    });

    it("runs the server on its network alone, with data in the volume", async () => {
        await postgres();
        const { name, image, command, envs, volumes, networksAdvanced, ports, stopSignal, memory } = inputs("op-db-postgres");
        assert.deepEqual(
            { name, image, ports, stopSignal, memory },
            {
                name: "project-stack-op-db-postgres",
                image: imageResource(lock.postgres.image),
                ports: [],
                stopSignal: "SIGINT",
                memory: 1024,
            },
        );
        assert.deepEqual(command, [
            "postgres",
            ...["-c", "max_connections=100", "-c", "shared_buffers=256MB", "-c", "dynamic_shared_memory_type=sysv"],
        ]);
        assert.deepEqual(envs, [
            "PGDATA=/var/lib/postgresql/data/pgdata",
            "POSTGRES_DB=db",
            "POSTGRES_PASSWORD_FILE=/run/secrets/postgres-password",
            "POSTGRES_USER=admin",
        ]);
        assert.deepEqual(volumes, [{ volumeName: "project-stack-op-db-data", containerPath: "/var/lib/postgresql/data", readOnly: false }]);
        assert.deepEqual(networksAdvanced, [{ name: "net-id", aliases: ["op-db", "postgres"] }]);
    });

    it("counts as there when it answers on TCP", async () => {
        await postgres();
        const { healthcheck, wait } = inputs("op-db-postgres");
        assert.deepEqual((healthcheck as { tests: string[] }).tests, [
            ...["CMD", "pg_isready", "--quiet", "--host=127.0.0.1", "--username=admin", "--dbname=db"],
        ]);
        assert.equal(wait, true);
    });

    it("hands the password over in files only, as a secret", async () => {
        await postgres({ superuserPassword: "pa:ss\\word" });
        const file = (resource: string, name: string) => uploads(resource).find((upload) => upload.file === `/run/secrets/${name}`);
        assert.deepEqual(file("op-db-postgres", "postgres-password"), {
            file: "/run/secrets/postgres-password",
            content: "pa:ss\\word",
            permissions: "0444",
        });
        assert.deepEqual(file("op-db-backup-backup", "postgres-passwords"), {
            file: "/run/secrets/postgres-passwords",
            content: "*:*:*:*:pa\\:ss\\\\word\n",
            permissions: "0400",
        });
        assert.equal(
            recording.requested.some(({ name }) => name === "op-db-password"),
            false,
        );
        assert.equal(JSON.stringify(withoutSecrets(recording.requested)).includes("word\n"), false);
    });

    it("checks the version, then backs up, and then only touches the server", async () => {
        const made = await postgres();
        assert.ok(recording.get("op-db-backup").dependsOn.includes("op-db-version-check"));
        const { dependsOn } = recording.get("op-db-postgres");
        assert.ok(dependsOn.includes("op-db-version-check") && dependsOn.includes("op-db-backup-before-change"), dependsOn.join(", "));
        assert.match(await valueOf(made.beforeChange.urn), /::op-db-backup-before-change$/);
    });

    it("looks at existing data without being able to change it", async () => {
        await postgres();
        assert.deepEqual(inputs("op-db-version-check").mounts, [{ volume: "project-stack-op-db-data", target: "/data", readOnly: true }]);
        assert.deepEqual(inputs("op-db-version-check").environment, [
            "BACKUP_COMMAND=docker exec project-stack-op-db-backup backup now",
            "DIRECTORY=pgdata",
            `IMAGE=${lock.postgres.image}`,
            "MOUNT=/data",
            "RESTORE_COMMAND=docker exec project-stack-op-db-backup backup restore <newest>",
            "UP_COMMAND=pulumi up",
            "VOLUME=project-stack-op-db-data",
            `WANTED=${lock.postgres.version}`,
        ]);
    });

    it("backs up over the network; only the job before changes sees the volume, read-only", async () => {
        await postgres({ backup: { schedule: "0 * * * *", keep: 3 } });
        const connection = ["PGDATABASE=db", "PGHOST=op-db", "PGPASSFILE=/run/secrets/postgres-passwords", "PGPORT=5432", "PGUSER=admin"];
        const settings = [
            "BACKUP_DIRECTORY=/backups",
            "BACKUP_KEEP=3",
            "BACKUP_KIND=postgres",
            "BACKUP_NAME=db",
            "BACKUP_OWNER=me",
            "BACKUP_SCHEDULE=0 * * * *",
        ];
        const scheduler = inputs("op-db-backup-backup");
        assert.deepEqual(scheduler.envs, [...settings, ...connection]);
        assert.deepEqual(scheduler.volumes, [
            { volumeName: "project-stack-op-db-backup-backups", containerPath: "/backups", readOnly: false },
        ]);
        assert.deepEqual(scheduler.networksAdvanced, [{ name: "net-id", aliases: ["backup"] }]);
        const job = inputs("op-db-backup-before-change");
        assert.deepEqual(job.command, ["backup", "before-change"]);
        assert.deepEqual(job.environment, [...settings, "BACKUP_SOURCE=/source/pgdata/PG_VERSION", ...connection]);
        assert.deepEqual(job.mounts, [
            { volume: "project-stack-op-db-data", target: "/source", readOnly: true },
            { volume: "project-stack-op-db-backup-backups", target: "/backups", readOnly: false },
        ]);
    });

    it("makes the role of the programs after each new server, as the superuser, with its password in a file", async () => {
        await postgres({ password: "hello" });
        const { command, environment, mounts, networks } = inputs("op-db-owner");
        assert.deepEqual({ command, mounts, networks }, { command: ["postgres-owner"], mounts: [], networks: [{ id: "net-id" }] });
        assert.deepEqual(environment, [
            "OWNER=me",
            "OWNER_PASSWORD_FILE=/run/secrets/user-password",
            ...["PGDATABASE=db", "PGHOST=op-db", "PGPASSFILE=/run/secrets/postgres-passwords", "PGPORT=5432", "PGUSER=admin"],
        ]);
        assert.ok(uploads("op-db-owner").some(({ file, content }) => file === "/run/secrets/user-password" && content === "hello"));
        assert.ok(recording.get("op-db-owner").dependsOn.includes("op-db-postgres"));
        const { trigger } = inputs("op-db-owner");
        recording = await record();
        await postgres({ password: "another" });
        assert.notDeepEqual(inputs("op-db-owner").trigger, trigger);
    });

    it("backs up before a change of its own image and of any other that is named, and before nothing else", async () => {
        const trigger = async (args: Partial<PostgresArgs>) => {
            recording = await record();
            await postgres(args);
            return inputs("op-db-backup-before-change").trigger;
        };
        const first = await trigger({ before: ["web:1"] });
        assert.equal(await trigger({ before: ["web:1"], maxConnections: 200, backup: { keep: 1 } }), first);
        assert.notEqual(await trigger({ before: ["web:2"] }), first);
        assert.notEqual(await trigger({ before: ["web:1"], image: "postgres:17.2" }), first);
    });

    it("goes on without a backup when told to", async () => {
        process.env.GROUNDWORK_SKIP_BACKUP = "yes";
        try {
            await postgres();
        } finally {
            delete process.env.GROUNDWORK_SKIP_BACKUP;
        }
        assert.deepEqual(inputs("op-db-backup-before-change").command, ["true"]);
    });

    it("protects data, password and backups unless told otherwise", async () => {
        const guarded = () =>
            recording.requested.filter(({ protect, retainOnDelete }) => protect && retainOnDelete).map(({ name }) => name);
        await postgres({ dataProtection: undefined });
        assert.deepEqual(guarded().sort(), ["op-db-backup-backups", "op-db-data", "op-db-password"]);
        recording = await record();
        await postgres();
        assert.deepEqual(guarded(), []);
    });

    it("says how to connect", async () => {
        const made = await postgres();
        const { host, port, database, user, password, volume } = made;
        assert.deepEqual(await valueOf(pulumi.output({ host, port, database, user, volume })), {
            host: "op-db",
            port: 5432,
            database: "db",
            user: "me",
            volume: "project-stack-op-db-data",
        });
        assert.equal(await valueOf(password), "op-db-user-password-value");
        assert.equal(await valueOf(made.superuserPassword), "op-db-password-value");
        for (const secret of [password, made.superuserPassword]) assert.equal(await pulumi.isSecret(secret), true);
        assert.equal(await valueOf(made.restoreCommand), "docker exec project-stack-op-db-backup backup restore <file>");
    });

    it("takes image, connections, memory and prefix", async () => {
        await postgres({ prefix: "lab", image: "postgres:17.2", maxConnections: 300, memory: 2048 });
        const { name, command, memory } = inputs("op-db-postgres");
        assert.deepEqual({ name, memory }, { name: "lab-op-db-postgres", memory: 2048 });
        assert.deepEqual((command as string[]).slice(0, 5), ["postgres", "-c", "max_connections=300", "-c", "shared_buffers=512MB"]);
    });

    it("reports broken settings under the path it is given", () =>
        assert.throws(
            () =>
                new Postgres("op-db", {
                    network: "n",
                    database: "postgres",
                    superuser: "admin",
                    user: "me",
                    memory: 1,
                    settingsPath: "lightning.database",
                }),
            /2 problems .*\n {2}lightning\.database\.database: .*\n {2}lightning\.database\.memory: /,
        ));

    it("is backed up with tools of its own major version", () => {
        const dockerfile = readFileSync(path.join(__dirname, "../../../../images/backup/Dockerfile"), "utf8");
        assert.match(dockerfile, new RegExp(`apt-install .*\\bpostgresql-client-${lock.postgres.version}\\b`));
    });

    const imageResource = (reference: string) => `${recording.requested.find(({ inputs: { name } }) => name === reference)!.name}-id`;
});

/** A copy with every secret gone. */
function withoutSecrets(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(withoutSecrets);
    if (typeof value !== "object" || value === null) return value;
    if ("secret" in value) return undefined;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
