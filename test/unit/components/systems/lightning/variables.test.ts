import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LightningSettings } from "../../../../../components/systems/lightning/args";
import { lightningSchema } from "../../../../../components/systems/lightning/schema";
import {
    notRendered,
    render,
    webVariables,
    workerVariables,
    type LightningValues,
} from "../../../../../components/systems/lightning/variables";
import { pinned } from "../../../../support/pinned";
import { everything } from "./settings";

const guide = readFileSync(join(__dirname, "guide-identifiers.txt"), "utf8").trim().split("\n");
const all = [...webVariables, ...workerVariables];

const oldWeb = "openfn/lightning:v2.10.8";
const newWeb = "openfn/lightning:v2.14.14";
const newWorker = "openfn/ws-worker:v1.25.0";

const keys = {
    primaryEncryptionKey: "encryption",
    secretKeyBase: "cookies",
    workerSecret: "worker secret",
    workerRunsPrivateKey: "private",
    workerPublicKey: "public",
    repoConnectionSigningSecret: "signing",
};

function values(settings: LightningSettings): LightningValues {
    return { settings, databaseUrl: "postgresql://u:p@db:5432/lightning", keys, workerName: "lightning-worker-1" };
}

function web(settings: LightningSettings) {
    const { environment, secretEnvironment } = render(webVariables, values(settings));
    return { ...environment, ...secretEnvironment };
}

function worker(settings: LightningSettings) {
    const { environment, secretEnvironment } = render(workerVariables, values(settings));
    return { ...environment, ...secretEnvironment };
}

describe("lightning: the table of variables", () => {
    it("knows all 70 identifiers of the guide, as variables or with the reason why not", () => {
        assert.equal(guide.length, 70);
        const names = new Set([...all.map(({ name }) => name), ...Object.keys(notRendered)]);
        assert.deepEqual(
            guide.filter((name) => !names.has(name)),
            [],
        );
    });

    it("gives a reason only for what it does not render", () => {
        assert.deepEqual(
            Object.keys(notRendered).filter((name) => all.some((row) => row.name === name)),
            [],
        );
        assert.deepEqual(
            Object.keys(notRendered).filter((name) => !guide.includes(name)),
            [],
        );
    });

    it("has each name once per program", () => {
        for (const rows of [webVariables, workerVariables]) {
            assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
        }
    });

    it("names only settings that the schema has", () => {
        const known = all.map(({ setting }) => setting).filter((setting) => setting !== undefined);
        assert.deepEqual(
            known.filter((setting) => !hasSetting(setting)),
            [],
        );
    });

    it("renders every identifier of the guide when everything is on", () => {
        const smtp = everything();
        const gcs = {
            ...everything(),
            storage: { gcs: { bucket: "b", credentials: "c" } },
            mail: { mailgun: { apiKey: "k", domain: "d" } },
        };
        const rendered = new Set([smtp, gcs].flatMap((settings) => [...Object.keys(web(settings)), ...Object.keys(worker(settings))]));
        assert.deepEqual(
            guide.filter((name) => !rendered.has(name)),
            Object.keys(notRendered),
        );
    });

    it("keeps every secret setting out of the plain variables", () => {
        for (const row of all) {
            const secret = row.setting !== undefined && isSecretSetting(row.setting);
            assert.equal(row.kind === "secret environment", secret || row.name === "DATABASE_URL", row.name);
        }
    });
});

describe("lightning: variables of web", () => {
    it("writes what the program must be told, and nothing else, without settings", () => {
        assert.deepEqual(render(webVariables, values({})), {
            environment: {
                ALLOW_SIGNUP: "true",
                DATABASE_POOL_SIZE: "10",
                DISABLE_DB_SSL: "true",
                EMAIL_ADMIN: "lightning@127.0.0.1",
                LISTEN_ADDRESS: "0.0.0.0",
                LOG_LEVEL: "info",
                MAIL_PROVIDER: "local",
                MAX_DATACLIP_SIZE_MB: "10",
                MIX_ENV: "prod",
                NODE_ENV: "production",
                ORIGINS: "http://127.0.0.1",
                PORT: "4000",
                RTM: "false",
                RUN_GRACE_PERIOD_SECONDS: "10",
                STORAGE_BACKEND: "local",
                STORAGE_PATH: "/app/storage",
                URL_HOST: "127.0.0.1",
                URL_PORT: "80",
                URL_SCHEME: "http",
                WORKER_MAX_RUN_DURATION_SECONDS: "300",
            },
            secretEnvironment: {
                DATABASE_URL: "postgresql://u:p@db:5432/lightning",
                PRIMARY_ENCRYPTION_KEY: "encryption",
                SECRET_KEY_BASE: "cookies",
                WORKER_RUNS_PRIVATE_KEY: "private",
                WORKER_SECRET: "worker secret",
            },
        });
    });

    it("writes booleans as the program's parser wants them (R31)", () => {
        const words = new Set(["true", "yes", "false", "no"]);
        const booleans = ["ALLOW_SIGNUP", "DISABLE_DB_SSL", "IS_RESETTABLE_DEMO", "USAGE_TRACKING_ENABLED", "KAFKA_TRIGGERS_ENABLED"];
        const rendered: Record<string, unknown> = web(everything());
        for (const name of [...booleans, "KAFKA_ALTERNATE_STORAGE_ENABLED"]) assert.ok(words.has(String(rendered[name])), name);
    });

    it("writes nothing empty", () => {
        for (const settings of [{}, everything(), emptyBlocks()]) {
            for (const [name, value] of Object.entries({ ...web(settings), ...worker(settings) })) assert.notEqual(value, "", name);
        }
    });

    it("separates the public address from the port that is listened on (R20)", () => {
        const rendered = web({ web: { port: 4100 }, edge: { domain: "l.example.org", tls: { devCa: {} }, httpsPort: 8443 } });
        const { PORT, URL_SCHEME, URL_HOST, URL_PORT, ORIGINS } = rendered;
        assert.deepEqual(
            [PORT, URL_SCHEME, URL_HOST, URL_PORT, ORIGINS],
            ["4100", "https", "l.example.org", "8443", "https://l.example.org:8443"],
        );
    });

    it("believes a public address that is given, e.g. behind another proxy", () => {
        const { URL_SCHEME, URL_HOST, URL_PORT, ORIGINS } = web({
            url: { scheme: "https", host: "l.example.org" },
            edge: { httpPort: 8080 },
        });
        assert.deepEqual([URL_SCHEME, URL_HOST, URL_PORT, ORIGINS], ["https", "l.example.org", "443", "https://l.example.org"]);
    });

    it("always says whether strangers may register (R30)", () => {
        assert.equal(web({}).ALLOW_SIGNUP, "true");
        assert.equal(web({ accounts: { allowSignup: false } }).ALLOW_SIGNUP, "false");
    });

    it("wants TLS of an external database unless told otherwise (R16)", () => {
        const external = { host: "db", name: "n", user: "u", password: "p" };
        assert.equal(web({}).DISABLE_DB_SSL, "true");
        assert.equal(web({ database: { external } }).DISABLE_DB_SSL, "false");
        assert.equal(web({ database: { external: { ...external, allowUnencrypted: true } } }).DISABLE_DB_SSL, "true");
    });

    it("gives the directory for failed Kafka messages both its names (R11)", () => {
        const rendered = web({ kafka: { alternateStorage: { containerPath: "/srv/kafka" } } });
        assert.equal(rendered.KAFKA_ALTERNATE_STORAGE_PATH, "/srv/kafka");
        assert.equal(rendered.KAFKA_ALTERNATE_STORAGE_FILE_PATH, "/srv/kafka");
        assert.equal(web({ kafka: { alternateStorage: {} } }).KAFKA_ALTERNATE_STORAGE_FILE_PATH, "/app/kafka");
    });

    it("writes nothing of Kafka while it is off", () => {
        for (const settings of [{}, { kafka: { enabled: false } }]) {
            assert.deepEqual(
                Object.keys(web(settings)).filter((name) => name.startsWith("KAFKA_")),
                [],
            );
        }
    });

    it("writes only the mail provider that is chosen (R6)", () => {
        const names = (settings: LightningSettings) => Object.keys(web(settings)).filter((name) => /^(SMTP|MAILGUN)_/.test(name));
        assert.deepEqual(names({}), []);
        assert.deepEqual(names({ mail: { mailgun: { apiKey: "k", domain: "d" } } }), ["MAILGUN_DOMAIN", "MAILGUN_API_KEY"]);
    });

    it("has no path of its own where the bucket is used (R5)", () => {
        const rendered = web({ storage: { gcs: { bucket: "b", credentials: "c" } } });
        assert.deepEqual([rendered.STORAGE_BACKEND, rendered.STORAGE_PATH], ["gcs", undefined]);
    });

    it("gives the retention of the queue both its names, in minutes (R40)", () => {
        for (const image of [oldWeb, newWeb, undefined]) {
            const rendered = web({ web: { image }, retention: { queueResultMinutes: 90 } });
            assert.equal(rendered.QUEUE_RESULT_RETENTION_PERIOD_MINUTES, "90");
            assert.equal(rendered.QUEUE_RESULT_RETENTION_PERIOD_SECONDS, "90");
        }
    });

    it("gives the AI chat the key that the release reads, and never one under the name of the other (R14)", () => {
        const keysOf = (settings: LightningSettings) => {
            const { OPENAI_API_KEY, AI_ASSISTANT_API_KEY } = web(settings);
            return [OPENAI_API_KEY, AI_ASSISTANT_API_KEY];
        };
        const ai = { anthropicApiKey: "a", openaiApiKey: "o", apolloEndpoint: "http://apollo:3000" };
        assert.deepEqual(keysOf({ web: { image: oldWeb }, ai }), ["o", undefined]);
        assert.deepEqual(keysOf({ web: { image: newWeb }, ai }), [undefined, "a"]);
        assert.deepEqual(keysOf({ web: { image: pinned.lightning }, ai }), ["o", "a"]);
        assert.deepEqual(keysOf({ web: { image: pinned.lightning }, ai: { openaiApiKey: "o" } }), ["o", undefined]);
    });

    it("names directories of adaptors and schemas only where one is given", () => {
        const { ADAPTORS_PATH, SCHEMAS_PATH } = web({ web: { adaptors: { hostPath: "/srv/a" }, schemas: { containerPath: "/opt/s" } } });
        assert.deepEqual([ADAPTORS_PATH, SCHEMAS_PATH], ["/app/adaptors", "/opt/s"]);
    });

    it("signs for GitHub only with GitHub (R9)", () => {
        assert.equal(web({}).REPO_CONNECTION_SIGNING_SECRET, undefined);
        assert.equal(web({ github: {} }).REPO_CONNECTION_SIGNING_SECRET, "signing");
    });
});

describe("lightning: who gets which variable (R38)", () => {
    it("migrations get what the program reads before it does anything", () => {
        assert.deepEqual(
            webVariables.filter(({ migrations }) => migrations).map(({ name }) => name),
            [
                "DATABASE_URL",
                "PRIMARY_ENCRYPTION_KEY",
                "SECRET_KEY_BASE",
                "WORKER_RUNS_PRIVATE_KEY",
                "WORKER_SECRET",
                "DISABLE_DB_SSL",
                "MIX_ENV",
                "LOG_LEVEL",
            ],
        );
    });

    it("workers get no key of web's, and web not the workers' public key", () => {
        const names = workerVariables.map(({ name }) => name);
        for (const name of ["WORKER_RUNS_PRIVATE_KEY", "PRIMARY_ENCRYPTION_KEY", "DATABASE_URL", "SECRET_KEY_BASE"])
            assert.ok(!names.includes(name));
        assert.ok(!webVariables.some(({ name }) => name === "WORKER_LIGHTNING_PUBLIC_KEY"));
    });
});

describe("lightning: variables of a worker", () => {
    it("writes what the program must be told, and nothing else, without settings", () => {
        assert.deepEqual(render(workerVariables, values({})), {
            environment: {
                NODE_ENV: "production",
                NODE_OPTIONS: "--dns-result-order=ipv4first",
                WORKER_CAPACITY: "5",
                WORKER_LIGHTNING_PUBLIC_KEY: "public",
                WORKER_LIGHTNING_SERVICE_URL: "ws://web:4000/worker",
                WORKER_LOG_LEVEL: "info",
                WORKER_MAX_RUN_DURATION_SECONDS: "300",
                WORKER_MAX_RUN_MEMORY_MB: "500",
                WORKER_NAME: "lightning-worker-1",
                WORKER_PORT: "2222",
                WORKER_REPO_DIR: "/var/lib/openfn/adaptors",
            },
            secretEnvironment: { WORKER_SECRET: "worker secret" },
        });
    });

    it("gets the same run duration as web (R2)", () => {
        const settings = { limits: { maxRunDurationSeconds: 900 } };
        assert.equal(worker(settings).WORKER_MAX_RUN_DURATION_SECONDS, "900");
        assert.equal(web(settings).WORKER_MAX_RUN_DURATION_SECONDS, "900");
    });

    it("has either a capacity or workloops (R24)", () => {
        const { WORKER_CAPACITY, WORKER_WORKLOOPS } = worker({ workers: { image: newWorker, workloops: "fast_lane:1 manual>*:4" } });
        assert.deepEqual([WORKER_CAPACITY, WORKER_WORKLOOPS], [undefined, "fast_lane:1 manual>*:4"]);
    });

    it("writes every setting under the name that the worker knows", () => {
        const { workers } = everything();
        const rendered = Object.entries(worker({ workers: { ...workers, timeouts: { ...workers!.timeouts, socketSeconds: 15 } } }));
        const names = /TIMEOUT|RETR|VALIDATION|SENTRY|PROFILE|BATCH|PAYLOAD|ADAPTORS_REPO/;
        assert.deepEqual(Object.fromEntries(rendered.filter(([name]) => names.test(name))), {
            OPENFN_ADAPTORS_REPO: "/srv/checkout",
            WORKER_BATCH_INTERVAL: "20",
            WORKER_BATCH_LIMIT: "40",
            WORKER_BATCH_LOGS: "true",
            WORKER_CLAIM_TIMEOUT_SECONDS: "1800",
            WORKER_MAX_LOG_PAYLOAD_MB: "2",
            WORKER_MAX_PAYLOAD_MB: "9",
            WORKER_MESSAGE_TIMEOUT_SECONDS: "45",
            WORKER_PROFILE: "true",
            WORKER_PROFILE_POLL_INTERVAL_MS: "25",
            WORKER_SENTRY_DSN: "https://key@sentry.example.org/2",
            WORKER_SENTRY_ENV: "production",
            WORKER_SOCKET_TIMEOUT_SECONDS: "15",
            WORKER_TIMEOUT_RETRY_COUNT: "3",
            WORKER_TIMEOUT_RETRY_DELAY_MS: "5000",
            WORKER_VALIDATION_RETRIES: "4",
            WORKER_VALIDATION_TIMEOUT_MS: "8000",
        });
    });

    it("leaves out what its release does not read", () => {
        const settings = { logs: { batch: true }, profile: {} };
        const names = (image: string) =>
            Object.keys(worker({ workers: { ...settings, image } })).filter((name) => /BATCH|PROFILE/.test(name));
        assert.deepEqual(names("openfn/ws-worker:v1.18.1"), []);
        assert.deepEqual(names("openfn/ws-worker:v1.19.6"), ["WORKER_PROFILE"]);
        assert.deepEqual(names(newWorker), ["WORKER_PROFILE", "WORKER_BATCH_LOGS"]);
    });

    it("finds Collections inside the private network", () => {
        assert.equal(worker({ workers: { collections: {} }, web: { port: 4100 } }).WORKER_COLLECTIONS_URL, "http://web:4100/collections");
    });
});

/** Every block there, nothing in it. */
function emptyBlocks(): LightningSettings {
    return Object.fromEntries(Object.keys(everything()).map((block) => [block, {}]));
}

function hasSetting(path: string): boolean {
    return leaf(path) !== undefined;
}

function isSecretSetting(path: string): boolean {
    return leaf(path)?.meta()?.secret === true;
}

interface Schema {
    shape?: Record<string, Schema>;
    unwrap?(): Schema;
    meta(): Record<string, unknown> | undefined;
}

function leaf(path: string): Schema | undefined {
    return path.split(".").reduce<Schema | undefined>((at, key) => unwrapped(at?.shape?.[key]), lightningSchema as unknown as Schema);
}

function unwrapped(schema: Schema | undefined): Schema | undefined {
    return schema?.unwrap ? unwrapped(schema.unwrap()) : schema;
}
