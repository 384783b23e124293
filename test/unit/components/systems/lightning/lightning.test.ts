import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { lockedImage } from "../../../../../components/images";
import { Lightning, type LightningArgs } from "../../../../../components/systems/lightning";
import { pinned } from "../../../../support/pinned";
import { record, valueOf, type Recording } from "../../recorder";
import { bytes32, everything, privateKey, publicKey } from "./settings";

const ENVIRONMENT = "/run/groundwork/environment/";

interface Upload {
    file: string;
    content: unknown;
    permissions: string;
}

describe("lightning: component", () => {
    let recording: Recording;

    beforeEach(async () => (recording = await record()));

    async function deploy(args: LightningArgs = {}): Promise<Lightning> {
        const lightning = new Lightning("lightning", { dataProtection: false, ...args });
        await pulumi.runtime.disconnect();
        return lightning;
    }

    const inputs = (role: string) => recording.get(`lightning-${role}`).inputs;
    const uploads = (role: string) => plain(inputs(role).uploads) as Upload[];
    const secretNames = (role: string) =>
        uploads(role)
            .filter(({ file }) => file.startsWith(ENVIRONMENT))
            .map(({ file }) => file.slice(ENVIRONMENT.length));
    const secret = (role: string, name: string) => uploads(role).find(({ file }) => file === ENVIRONMENT + name)?.content;
    const environment = (role: string) => {
        const list = plain(inputs(role).envs ?? inputs(role).environment) as string[];
        return Object.fromEntries(list.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
    };
    /** Our own children; the database, the edge and the workload layer's images and keys have tests of their own. */
    const children = () =>
        recording.requested
            .filter(({ name }) => !/-(config-key|image-[0-9a-f]{8})$|-(edge|postgres)-/.test(name))
            .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`)
            .sort();
    const before = (role: string) =>
        recording.get(`lightning-${role}`).dependsOn.filter((name) => !/-(config-key|image-[0-9a-f]{8})$/.test(name));

    it("is a database, migrations, a first user, web, one worker and an edge", async () => {
        await deploy();
        assert.deepEqual(children(), [
            "Container lightning-web",
            "Container lightning-worker-1",
            "Edge lightning-edge",
            "Job lightning-exports-directory",
            "Job lightning-migrate",
            "Job lightning-superuser",
            "Lightning lightning",
            "Network lightning-network",
            "Network lightning-web-network",
            "Postgres lightning-postgres",
            "PrivateKey lightning-worker-keys",
            "RandomBytes lightning-encryption-key",
            "RandomBytes lightning-secret-key-base",
            "RandomBytes lightning-worker-secret",
            "RandomPassword lightning-superuser-password",
            "Unchanging lightning-encryption-key-guard",
            "Volume lightning-exports",
            "Volume lightning-worker-1-adaptors",
        ]);
    });

    it("runs the images of the lock unless told otherwise, and does not know which", async () => {
        await deploy();
        const images = () => recording.requested.filter(({ type }) => type.endsWith(":RemoteImage")).map(({ inputs: { name } }) => name);
        assert.ok(images().includes(lockedImage("lightning").reference) && images().includes(lockedImage("lightning-worker").reference));
        recording = await record();
        await deploy({ web: { image: "stand-in/web:1" }, workers: { image: "stand-in/worker:1" } });
        assert.ok(images().includes("stand-in/web:1") && images().includes("stand-in/worker:1"));
        assert.ok(!images().some((name) => String(name).startsWith("openfn/")));
    });

    it("migrates before web, after the backup, and makes the first user in between", async () => {
        await deploy();
        assert.ok(before("migrate").includes("lightning-postgres-backup-before-change"));
        assert.ok(before("superuser").includes("lightning-migrate"));
        assert.ok(before("web").includes("lightning-migrate") && before("web").includes("lightning-superuser"));
        assert.ok(before("worker-1").includes("lightning-web"));
    });

    it("lets nothing but web, migrations and backups near the database, and connects without a superuser", async () => {
        await deploy();
        const networks = (role: string) => {
            const { networks: ofJob, networksAdvanced } = inputs(role) as Record<string, { id?: string; name?: string }[] | undefined>;
            return (ofJob ?? networksAdvanced ?? []).map(({ id, name }) => id ?? name);
        };
        const [front, database] = ["lightning-web-network-id", "lightning-network-id"];
        assert.deepEqual(networks("web"), [front, database]);
        assert.deepEqual(networks("worker-1"), [front]);
        assert.deepEqual(networks("edge-edge"), [front]);
        for (const role of ["migrate", "superuser", "postgres-postgres", "postgres-owner", "postgres-backup-backup"]) {
            assert.deepEqual(networks(role), [database], role);
        }
        assert.match(String(secret("web", "DATABASE_URL")), /^postgresql:\/\/lightning_owner:lightning-postgres-user-password-value@/);
    });

    it("reaches a database of somebody else's from web's network", async () => {
        await deploy({ database: { external: { host: "db", name: "n", user: "u", password: "p" } } });
        assert.deepEqual(inputs("migrate").networks, [{ id: "lightning-web-network-id" }]);
        assert.ok(!recording.requested.some(({ name }) => name === "lightning-network"));
    });

    it("migrates again only for another image or another database", async () => {
        const trigger = async (args: LightningArgs, role = "migrate") => {
            recording = await record();
            await deploy(args);
            return plain(inputs(role).trigger);
        };
        const external = { host: "db", name: "n", user: "u", password: "p" };
        const other = { web: { image: "other:1" }, workers: { image: "other-worker:1" } };
        const first = await trigger({});
        assert.equal(await trigger({ keys: { workerSecretRotation: "2" }, web: { logLevel: "debug" } }), first);
        assert.notEqual(await trigger(other), first);
        assert.notEqual(await trigger({ database: { external } }), first);
        assert.equal(await trigger(other, "superuser"), await trigger({}, "superuser"));
    });

    it("runs the programs of upstream's images, their secrets exported by a wrapper", async () => {
        await deploy();
        const wrapper = ["/bin/sh", "/run/groundwork/with-secret-environment"];
        const commands = { migrate: ["/app/bin/migrate"], web: ["/app/bin/server"], "worker-1": ["node", "./dist/start.js"] };
        for (const [role, command] of Object.entries(commands)) {
            assert.deepEqual(inputs(role).command, command);
            assert.deepEqual(inputs(role).entrypoints ?? inputs(role).entrypoint, wrapper);
        }
        assert.deepEqual((inputs("superuser").command as string[]).slice(0, 2), ["/app/bin/lightning", "eval"]);
    });

    it("lets web's user, who is not root, read its secrets", async () => {
        await deploy();
        const modes = (role: string) => [...new Set(uploads(role).map(({ permissions }) => permissions))].sort();
        for (const role of ["migrate", "superuser", "web"]) assert.deepEqual(modes(role), ["0444", "0555"]);
        assert.deepEqual(modes("worker-1"), ["0400", "0555"]);
    });

    it("keeps every secret out of plain inputs", async () => {
        await deploy({ ...everything(), backup: undefined, demo: undefined });
        const texts = [
            "p@ss/word",
            "p%40ss%2Fword",
            bytes32,
            "s".repeat(64),
            "w".repeat(44),
            privateKey,
            "a long password",
            "mail password",
        ];
        texts.push("github secret", "google secret", "salesforce secret", "openai key", "anthropic key");
        texts.push("metrics token", "registry token", "https://key@sentry.example.org/1", "https://key@sentry.example.org/2");
        for (const { name, inputs: all } of recording.requested) {
            const { __provider: _, ...rest } = all;
            const visible = JSON.stringify(withoutSecrets(rest));
            for (const text of texts) assert.ok(!visible.includes(text), `${name} shows ${text.slice(0, 12)}`);
        }
    });

    it("gives web and worker only what each needs", async () => {
        await deploy({ ...everything(), backup: undefined, demo: undefined });
        assert.deepEqual(secretNames("worker-1"), ["NPM_TOKEN", "WORKER_SECRET", "WORKER_SENTRY_DSN"]);
        // What is added could be something that the program reads at once.
        assert.equal(environment("migrate").PURGE_DELETED_AFTER_DAYS, "14");
        assert.deepEqual(secretNames("migrate"), [
            "DATABASE_URL",
            "PRIMARY_ENCRYPTION_KEY",
            "PROMEX_METRICS_ENDPOINT_TOKEN",
            "SECRET_KEY_BASE",
            "WORKER_RUNS_PRIVATE_KEY",
            "WORKER_SECRET",
        ]);
        assert.equal(environment("worker-1").WORKER_LIGHTNING_PUBLIC_KEY, publicKey);
        assert.equal(environment("web").WORKER_LIGHTNING_PUBLIC_KEY, undefined);
        const worker = JSON.stringify(plain(inputs("worker-1")));
        for (const text of [privateKey, bytes32, "p%40ss%2Fword"]) assert.ok(!worker.includes(text));
    });

    it("generates a pair of keys whose halves go to web and workers", async () => {
        await deploy();
        assert.ok(secret("web", "WORKER_RUNS_PRIVATE_KEY"));
        assert.equal(inputs("worker-keys").rsaBits, 2048);
        assert.equal(secret("web", "WORKER_SECRET"), secret("worker-1", "WORKER_SECRET"));
    });

    it("derives the public half of a private key that is brought", async () => {
        await deploy({ keys: { workerRunsPrivateKey: privateKey } });
        assert.equal(environment("worker-1").WORKER_LIGHTNING_PUBLIC_KEY, publicKey);
        assert.ok(!recording.requested.some(({ name }) => name === "lightning-worker-keys"));
    });

    it("writes the password of an external database percent-encoded, and wants TLS of it", async () => {
        const external = { host: "db.example.org", name: "flows", user: "ow ner", password: pulumi.secret("p@ss/word") };
        await deploy({ database: { external } });
        assert.equal(secret("web", "DATABASE_URL"), "postgresql://ow%20ner:p%40ss%2Fword@db.example.org:5432/flows");
        assert.equal(environment("web").DISABLE_DB_SSL, "false");
        assert.ok(!recording.requested.some(({ type }) => type.endsWith(":Postgres")));
        assert.deepEqual(
            before("migrate").filter((name) => name.includes("postgres")),
            [],
        );
    });

    it("publishes nothing but the edge", async () => {
        await deploy({ workers: { replicas: 2 } });
        for (const role of ["web", "worker-1", "worker-2"]) assert.deepEqual(inputs(role).ports, []);
    });

    it("gives each worker a cache of its own", async () => {
        await deploy({ workers: { replicas: 3 } });
        const mounts = [1, 2, 3].map((number) =>
            (inputs(`worker-${number}`).volumes as { volumeName: string }[]).map((volume) => volume.volumeName),
        );
        assert.deepEqual(
            mounts,
            [1, 2, 3].map((number) => [`project-stack-lightning-worker-${number}-adaptors`]),
        );
    });

    it("gives each worker a name of its own, which stays", async () => {
        await deploy({ workers: { replicas: 3 } });
        assert.deepEqual(
            [1, 2, 3].map((number) => environment(`worker-${number}`).WORKER_NAME),
            ["lightning-worker-1", "lightning-worker-2", "lightning-worker-3"],
        );
    });

    it("shows web and workers what somebody else fills, read-only, after a look into it", async () => {
        await deploy({
            web: { adaptors: { hostPath: "/srv/adaptors" }, schemas: { hostPath: "/srv/schemas", containerPath: "/opt/schemas" } },
            workers: { replicas: 2, localAdaptors: { hostPath: "/srv/checkout" } },
        });
        const binds = (role: string) =>
            (inputs(role).volumes as { hostPath?: string; containerPath: string; readOnly: boolean }[])
                .filter(({ hostPath }) => hostPath !== undefined)
                .map(({ hostPath, containerPath, readOnly }) => [hostPath, containerPath, readOnly]);
        assert.deepEqual(binds("web"), [
            ["/srv/adaptors", "/app/adaptors", true],
            ["/srv/schemas", "/opt/schemas", true],
        ]);
        for (const role of ["worker-1", "worker-2"]) assert.deepEqual(binds(role), [["/srv/checkout", "/srv/adaptors", true]]);
        assert.deepEqual([environment("web").ADAPTORS_PATH, environment("web").SCHEMAS_PATH], ["/app/adaptors", "/opt/schemas"]);
        assert.equal(environment("worker-2").OPENFN_ADAPTORS_REPO, "/srv/adaptors");
        for (const look of ["adaptors-content", "schemas-content"]) assert.ok(before("web").includes(`lightning-${look}`), look);
        assert.ok(before("worker-2").includes("lightning-local-adaptors-content"));
    });

    it("lets a stopping worker end its runs, and a stopping web its jobs", async () => {
        await deploy({ limits: { maxRunDurationSeconds: 900, runGracePeriodSeconds: 60 } });
        const grace = (role: string) => [inputs(role).stopTimeout, inputs(role).destroyGraceSeconds, inputs(role).stopSignal];
        assert.deepEqual(grace("worker-1"), [990, 990, "SIGTERM"]);
        assert.deepEqual(grace("web"), [130, 130, "SIGTERM"]);
    });

    it("stops workers before web is replaced, while it still takes their results", async () => {
        await deploy({ workers: { replicas: 2 } });
        for (const role of ["worker-1", "worker-2"]) assert.deepEqual(recording.get(`lightning-${role}`).replaceWith, ["lightning-web"]);
    });

    it("gives a worker the memory that its runs can take", async () => {
        await deploy({ workers: { capacity: 2 }, limits: { maxRunMemoryMb: 256 } });
        assert.equal(inputs("worker-1").memory, 2 * 256 + 512);
    });

    it("gives it the memory of five runs where it may ignore its workloops", async () => {
        await deploy({
            web: { image: pinned.lightning },
            workers: { image: pinned["lightning-worker"], workloops: "fast_lane:1 manual>*:1" },
        });
        assert.equal(inputs("worker-1").memory, 5 * 500 + 512);
    });

    it("gives it the memory of its workloops where it is known to read them", async () => {
        const image = "openfn/ws-worker:v1.22.1";
        await deploy({ web: { image: pinned.lightning }, workers: { image, workloops: "fast_lane:1 manual>*:1" } });
        assert.equal(inputs("worker-1").memory, 2 * 500 + 512);
    });

    it("counts a worker as ready when it is connected, and web when it answers", async () => {
        await deploy({ web: { port: 4100 } });
        const tests = (role: string) => (inputs(role).healthcheck as { tests: string[] }).tests;
        assert.match(tests("worker-1")[1]!, /:1004 01 /);
        assert.equal(tests("web").at(-1), "http://127.0.0.1:4100/health_check");
        assert.ok(inputs("web").wait && inputs("worker-1").wait);
    });

    it("keeps what web writes in volumes of web's user", async () => {
        await deploy({ kafka: { alternateStorage: {} } });
        const mounts = (inputs("web").volumes as { volumeName: string; containerPath: string }[]).map(
            (one) => `${one.volumeName} ${one.containerPath}`,
        );
        assert.deepEqual(mounts, ["project-stack-lightning-exports /app/storage", "project-stack-lightning-kafka-messages /app/kafka"]);
        assert.match(String((inputs("kafka-messages-directory").command as string[])[0]), /chown 1000:1000 .* chmod 0700/);
    });

    it("uses directories of the host where it is told to, and none for a bucket", async () => {
        await deploy({ storage: { local: { hostPath: "/srv/exports" } } });
        const mount = (inputs("web").volumes as { hostPath?: string; containerPath: string }[])[0]!;
        assert.deepEqual([mount.hostPath, mount.containerPath], ["/srv/exports", "/app/storage"]);
        recording = await record();
        await deploy({ storage: { gcs: { bucket: "b", credentials: pulumi.secret("c") } } });
        assert.deepEqual(inputs("web").volumes, []);
    });

    it("protects data and the keys that open it, by default", async () => {
        const images = { web: { image: pinned.lightning }, workers: { image: pinned["lightning-worker"] } };
        await deploy({ dataProtection: undefined, kafka: { alternateStorage: {} }, ...images });
        const kept = recording.requested.filter(({ name, protect }) => protect && !/-(edge|postgres)-/.test(name));
        assert.deepEqual(kept.map(({ name }) => name).sort(), [
            "lightning-encryption-key",
            "lightning-exports",
            "lightning-kafka-messages",
            "lightning-superuser-password",
        ]);
        assert.ok(kept.every(({ retainOnDelete }) => retainOnDelete));
        recording = await record();
        await deploy({ dataProtection: false });
        assert.deepEqual(
            recording.requested.filter(({ protect }) => protect).map(({ name }) => name),
            [],
        );
    });

    it("hands the first user's password over in a file, and says it as a secret", async () => {
        const lightning = await deploy({ accounts: { superuser: { email: "root@example.org", firstName: 'Ada "A" #{x}' } } });
        const file = uploads("superuser").find((upload) => upload.file === "/run/secrets/superuser-password");
        assert.equal(file?.content, "lightning-superuser-password-value");
        assert.equal(environment("superuser").SUPERUSER_FIRST_NAME, 'Ada "A" #{x}');
        assert.ok(!JSON.stringify(inputs("superuser").command).includes("Ada"));
        assert.ok(await pulumi.isSecret(lightning.superuserPassword));
        assert.equal(await valueOf(lightning.superuserEmail), "root@example.org");
    });

    it("says what to register at GitHub, Google and Salesforce", async () => {
        const lightning = await deploy({ edge: { domain: "l.example.org", tls: { devCa: {} }, httpsPort: 8443 } });
        const names = ["url", "githubHomepageUrl", "githubCallbackUrl", "githubSetupUrl", "oauthCallbackUrl"] as const;
        assert.deepEqual(await Promise.all(names.map((name) => valueOf(lightning[name]))), [
            "https://l.example.org:8443",
            "https://l.example.org:8443",
            "https://l.example.org:8443/oauth/github/callback",
            "https://l.example.org:8443/setup_vcs",
            "https://l.example.org:8443/authenticate/callback",
        ]);
    });

    it("says how to recover Kafka messages, where it keeps some", async () => {
        assert.equal((await deploy()).kafkaRecoveryCommand, undefined);
        recording = await record();
        const command = await valueOf((await deploy({ kafka: { alternateStorage: {} } })).kafkaRecoveryCommand!);
        assert.match(
            command,
            /^docker exec \S+-web .*MessageRecovery\.recover_messages\(Lightning\.Config\.kafka_alternate_storage_file_path\(\)\)/,
        );
    });

    it("makes the database big enough for its pool", async () => {
        await deploy({ database: { poolSize: 150 } });
        assert.ok((inputs("postgres-postgres").command as string[]).includes("max_connections=170"));
    });

    it("makes nothing when a rule is broken", async () => {
        assert.throws(() => new Lightning("lightning", { web: { replicas: 2 } }), /lightning\.web\.replicas: 2 instances .* leave it at 1/);
        await pulumi.runtime.disconnect();
        assert.deepEqual(children(), ["Lightning lightning"]);
    });
});

/** Secrets unwrapped. */
function plain(value: unknown): unknown {
    return transform(value, (inner) => inner);
}

function withoutSecrets(value: unknown): unknown {
    return transform(value, () => "[secret]");
}

function transform(value: unknown, onSecret: (inner: unknown) => unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => transform(item, onSecret));
    if (typeof value !== "object" || value === null) return value;
    if ("secret" in value && Object.keys(value).length === 1) return onSecret(transform(value.secret, onSecret));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, transform(inner, onSecret)]));
}
