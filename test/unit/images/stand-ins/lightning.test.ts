import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { webVariables, workerVariables } from "../../../../components/systems/lightning/variables";
import { play, webRefusals, webVariableNames, workerRefusals, workerSettings, type Environment } from "./stand-in";

const WEB = "2.14.14";
const WORKER = "1.19.6";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength });
const { privateKey, publicKey } = rsa(2048);
const pkcs1 = privateKey.export({ type: "pkcs1", format: "pem" }) as string;
const pkcs8 = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
const spki = publicKey.export({ type: "spki", format: "pem" }) as string;
const small = rsa(1024);
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ellipticPem = elliptic.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
const wrapped = base64(pkcs1).replace(/(.{76})/g, "$1\n");
const account = { client_email: "a@b.example", private_key: "key" };

const web: Environment = {
    DATABASE_URL: "postgresql://user:p%40ss@db:5432/lightning",
    PRIMARY_ENCRYPTION_KEY: base64(randomBytes(32)),
    SECRET_KEY_BASE: base64(randomBytes(48)),
    WORKER_RUNS_PRIVATE_KEY: base64(pkcs1),
    WORKER_SECRET: base64(randomBytes(32)),
};
const worker: Environment = { WORKER_SECRET: web.WORKER_SECRET!, WORKER_LIGHTNING_PUBLIC_KEY: base64(spki) };
const github = {
    GITHUB_APP_ID: "1",
    GITHUB_APP_NAME: "app",
    GITHUB_APP_CLIENT_ID: "id",
    GITHUB_APP_CLIENT_SECRET: "secret",
    GITHUB_CERT: base64(pkcs1),
    REPO_CONNECTION_SIGNING_SECRET: base64(randomBytes(32)),
};

interface Case {
    /** On top of what is mandatory; `undefined` takes one away. */
    change: Record<string, string | undefined>;
    /** Beginnings of the problems; none: accepted. */
    problems: string[];
}

const accepted = (change: Case["change"]): Case => ({ change, problems: [] });
const refused = (change: Case["change"], ...problems: string[]): Case => ({ change, problems });

const EMPTY = "is empty: leave it out instead";
const FLAG = "must be one of true, yes, false, no";

/** Facts of Lightning's boot, one a line. */
const webCases: Case[] = [
    accepted({}),
    ...Object.keys(web).map((name) => refused({ [name]: undefined }, `${name}: is not set`)),
    ...Object.keys(web).map((name) => refused({ [name]: "" }, `${name}: ${EMPTY}`)),

    accepted({ DATABASE_URL: "ecto://user:pass@db/lightning" }),
    refused({ DATABASE_URL: "mysql://user:pass@db/lightning" }, "DATABASE_URL: must begin with postgresql:// or ecto://"),
    refused({ DATABASE_URL: "postgresql://db/lightning" }, "DATABASE_URL: must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE"),
    refused({ DATABASE_URL: "postgresql://user:pass@db" }, "DATABASE_URL: must be postgresql://"),
    refused({ DATABASE_URL: "postgresql://user:pass@db/a/b" }, "DATABASE_URL: must be postgresql://"),
    refused({ DATABASE_URL: "postgresql://user:pa/ss@db/lightning" }, "DATABASE_URL: is not a URL"),
    refused({ DATABASE_URL: "postgresql://user:pass@db:port/lightning" }, "DATABASE_URL: is not a URL"),

    refused({ PRIMARY_ENCRYPTION_KEY: base64(randomBytes(31)) }, "PRIMARY_ENCRYPTION_KEY: must be Base64 of exactly 32 bytes, and is of 31"),
    refused({ PRIMARY_ENCRYPTION_KEY: "x".repeat(32) }, "PRIMARY_ENCRYPTION_KEY: must be Base64 of exactly 32 bytes, and is of 24"),
    refused({ PRIMARY_ENCRYPTION_KEY: web.PRIMARY_ENCRYPTION_KEY!.replace("=", "") }, "PRIMARY_ENCRYPTION_KEY: must be Base64: standard"),
    refused({ PRIMARY_ENCRYPTION_KEY: "-_".repeat(21) + "A=" }, "PRIMARY_ENCRYPTION_KEY: must be Base64: standard alphabet"),
    refused({ PRIMARY_ENCRYPTION_KEY: `${web.PRIMARY_ENCRYPTION_KEY}\n` }, "PRIMARY_ENCRYPTION_KEY: must be Base64: standard alphabet"),
    refused({ SECRET_KEY_BASE: "x".repeat(63) }, "SECRET_KEY_BASE: must have at least 64 bytes"),
    accepted({ WORKER_SECRET: "any text" }),

    accepted({ WORKER_RUNS_PRIVATE_KEY: base64(pkcs8) }),
    accepted({ WORKER_RUNS_PRIVATE_KEY: base64(pkcs1).replace(/=+$/, "") }),
    refused({ WORKER_RUNS_PRIVATE_KEY: pkcs1 }, "WORKER_RUNS_PRIVATE_KEY: must be Base64, on one line, of the whole text"),
    refused({ WORKER_RUNS_PRIVATE_KEY: wrapped }, "WORKER_RUNS_PRIVATE_KEY: must be Base64: standard alphabet, padded, on one line"),
    refused({ WORKER_RUNS_PRIVATE_KEY: base64(base64(pkcs1)) }, "WORKER_RUNS_PRIVATE_KEY: must be Base64 of a private key in PEM form"),
    refused({ WORKER_RUNS_PRIVATE_KEY: base64(spki) }, "WORKER_RUNS_PRIVATE_KEY: must be Base64 of a private key in PEM form"),
    refused({ WORKER_RUNS_PRIVATE_KEY: base64(ellipticPem) }, "WORKER_RUNS_PRIVATE_KEY: must be an RSA key"),
    refused({ WORKER_RUNS_PRIVATE_KEY: base64(pkcs1.replace("MII", "MIJ")) }, "WORKER_RUNS_PRIVATE_KEY: must be an RSA key"),
    refused(
        { WORKER_RUNS_PRIVATE_KEY: base64(small.privateKey.export({ type: "pkcs1", format: "pem" }) as string) },
        "WORKER_RUNS_PRIVATE_KEY: must be an RSA key of 2048 bits or more, and has 1024",
    ),

    ...["DISABLE_DB_SSL", "ALLOW_SIGNUP", "IS_RESETTABLE_DEMO", "USAGE_TRACKING_ENABLED", "KAFKA_TRIGGERS_ENABLED"].flatMap((name) => [
        ...["true", "yes", "false", "no"].map((word) => accepted({ [name]: word })),
        ...["True", "1", "on", " true"].map((word) => refused({ [name]: word }, `${name}: ${FLAG}`)),
        refused({ [name]: "" }, `${name}: ${EMPTY}`),
    ]),

    ...["PORT", "URL_PORT", "SMTP_PORT"].flatMap((name) => [
        accepted({ [name]: "4000" }),
        refused({ [name]: "" }, `${name}: ${EMPTY}`),
        refused({ [name]: "0" }, `${name}: must be at least 1 and at most 65535`),
        refused({ [name]: "65536" }, `${name}: must be at least 1`),
        refused({ [name]: "80.0" }, `${name}: must be a whole number`),
        refused({ [name]: "80 " }, `${name}: must be a whole number`),
    ]),
    accepted({ RUN_GRACE_PERIOD_SECONDS: "0" }),
    refused({ WORKER_MAX_RUN_DURATION_SECONDS: "0" }, "WORKER_MAX_RUN_DURATION_SECONDS: must be at least 1"),
    refused({ MAX_DATACLIP_SIZE_MB: "ten" }, "MAX_DATACLIP_SIZE_MB: must be a whole number"),
    refused({ DATABASE_POOL_SIZE: "0" }, "DATABASE_POOL_SIZE: must be at least 1"),

    accepted({ LISTEN_ADDRESS: "0.0.0.0" }),
    ...["localhost", "::", "0.0.0", "0.0.0.256"].map((address) =>
        refused({ LISTEN_ADDRESS: address }, "LISTEN_ADDRESS: must be a dotted IPv4 address"),
    ),
    refused({ URL_SCHEME: "HTTPS" }, "URL_SCHEME: must be one of http, https"),
    refused({ URL_HOST: "https://a.example" }, "URL_HOST: must be a name alone"),
    refused({ URL_HOST: "a.example:443" }, "URL_HOST: must be a name alone"),
    refused({ ORIGINS: "" }, `ORIGINS: ${EMPTY}`),
    accepted({ LOG_LEVEL: "warn" }),
    refused({ LOG_LEVEL: "verbose" }, "LOG_LEVEL: must be one of emergency, alert"),

    accepted({ MAIL_PROVIDER: "local" }),
    accepted({ MAIL_PROVIDER: "mailgun", MAILGUN_API_KEY: "key", MAILGUN_DOMAIN: "d.example" }),
    accepted({ MAIL_PROVIDER: "smtp", SMTP_USERNAME: "u", SMTP_PASSWORD: "p", SMTP_RELAY: "r", SMTP_TLS: "if_available" }),
    refused({ MAIL_PROVIDER: "sendmail" }, "MAIL_PROVIDER: must be one of local, mailgun, smtp"),
    refused({ MAIL_PROVIDER: "mailgun", MAILGUN_DOMAIN: "d" }, "MAILGUN_API_KEY: is not set, but MAIL_PROVIDER is mailgun"),
    refused({ MAIL_PROVIDER: "smtp", SMTP_RELAY: "r" }, "SMTP_USERNAME: is not set", "SMTP_PASSWORD: is not set"),
    refused({ SMTP_TLS: "yes" }, "SMTP_TLS: must be one of true, false, if_available"),
    refused({ EMAIL_ADMIN: "admin" }, "EMAIL_ADMIN: must be a mail address"),

    accepted(github),
    refused({ ...github, GITHUB_APP_NAME: undefined }, "GITHUB_APP_NAME: is not set, but GITHUB_APP_ID is: they belong together"),
    refused({ ...github, REPO_CONNECTION_SIGNING_SECRET: undefined }, "REPO_CONNECTION_SIGNING_SECRET: is not set, but GITHUB_APP_ID is"),
    refused({ ...github, GITHUB_CERT: pkcs1 }, "GITHUB_CERT: must be Base64, on one line, of the whole text"),
    refused({ ...github, GITHUB_CERT: wrapped }, "GITHUB_CERT: must be Base64: standard alphabet"),
    refused({ GOOGLE_CLIENT_ID: "id" }, "GOOGLE_CLIENT_SECRET: is not set, but GOOGLE_CLIENT_ID is"),
    refused({ SALESFORCE_CLIENT_SECRET: "s" }, "SALESFORCE_CLIENT_ID: is not set, but SALESFORCE_CLIENT_SECRET is"),
    refused({ APOLLO_ENDPOINT: "https://a.example" }, "AI_ASSISTANT_API_KEY: is not set, but APOLLO_ENDPOINT is"),
    refused({ AI_ASSISTANT_API_KEY: "k", APOLLO_ENDPOINT: "https://a.example/" }, "APOLLO_ENDPOINT: must be a URL without a slash at"),
    refused({ QUEUE_RESULT_RETENTION_PERIOD_MINUTES: "0" }, "QUEUE_RESULT_RETENTION_PERIOD_MINUTES: must be at least 1"),

    accepted({ STORAGE_BACKEND: "gcs", GCS_BUCKET: "b", GOOGLE_APPLICATION_CREDENTIALS_JSON: base64(JSON.stringify(account)) }),
    refused({ STORAGE_BACKEND: "s3" }, "STORAGE_BACKEND: must be one of local, gcs"),
    refused({ STORAGE_BACKEND: "gcs" }, "GCS_BUCKET: is not set", "GOOGLE_APPLICATION_CREDENTIALS_JSON: is not set"),
    refused({ GOOGLE_APPLICATION_CREDENTIALS_JSON: JSON.stringify(account) }, "GOOGLE_APPLICATION_CREDENTIALS_JSON: must be Base64, on one"),
    refused({ GOOGLE_APPLICATION_CREDENTIALS_JSON: base64("nonsense") }, "GOOGLE_APPLICATION_CREDENTIALS_JSON: must be Base64 of a JSON"),
    refused({ GOOGLE_APPLICATION_CREDENTIALS_JSON: base64("{}") }, "GOOGLE_APPLICATION_CREDENTIALS_JSON: lacks client_email and private_key"),

    accepted({ KAFKA_NUMBER_OF_MESSAGES_PER_SECOND: "0.15" }),
    refused({ KAFKA_NUMBER_OF_MESSAGES_PER_SECOND: "0.05" }, "KAFKA_NUMBER_OF_MESSAGES_PER_SECOND: must be at least 0.1"),
    refused({ KAFKA_NUMBER_OF_CONSUMERS: "0" }, "KAFKA_NUMBER_OF_CONSUMERS: must be at least 1"),
    refused(
        { KAFKA_ALTERNATE_STORAGE_ENABLED: "true", KAFKA_ALTERNATE_STORAGE_PATH: tmpdir() },
        "KAFKA_ALTERNATE_STORAGE_FILE_PATH: is not set, but KAFKA_ALTERNATE_STORAGE_ENABLED is on",
    ),
    refused(
        { KAFKA_ALTERNATE_STORAGE_ENABLED: "yes", KAFKA_ALTERNATE_STORAGE_FILE_PATH: "/nonexistent" },
        "KAFKA_ALTERNATE_STORAGE_FILE_PATH: cannot be written to (No such file or directory)",
    ),
    refused({ USAGE_TRACKING_UUIDS: "plain" }, "USAGE_TRACKING_UUIDS: must be one of cleartext, hashed_only"),
    refused({ USAGE_TRACKING_DAILY_BATCH_SIZE: "0" }, "USAGE_TRACKING_DAILY_BATCH_SIZE: must be at least 1"),
    ...["OPENAI_API_KEY", "QUEUE_RESULT_RETENTION_PERIOD_SECONDS", "KAFKA_ALTERNATE_STORAGE_PATH", "MIX_ENV", "NODE_ENV"].flatMap((name) => [
        accepted({ [name]: "whatever it is" }),
        accepted({ [name]: "" }),
    ]),
    accepted({ UNKNOWN_VARIABLE: "" }),

    refused({ PORT: "x", ALLOW_SIGNUP: "x", WORKER_SECRET: undefined }, "PORT:", "ALLOW_SIGNUP:", "WORKER_SECRET: is not set"),
];

/** A release of the guide's time, which knows other names. */
const oldWebCases: Case[] = [
    accepted({ AI_ASSISTANT_API_KEY: "", QUEUE_RESULT_RETENTION_PERIOD_MINUTES: "many" }),
    refused({ QUEUE_RESULT_RETENTION_PERIOD_SECONDS: "many" }, "QUEUE_RESULT_RETENTION_PERIOD_SECONDS: must be a whole number"),
    refused({ APOLLO_ENDPOINT: "https://a.example", AI_ASSISTANT_API_KEY: "k" }, "OPENAI_API_KEY: is not set, but APOLLO_ENDPOINT is"),
];

const workerCases: Case[] = [
    accepted({}),
    refused({ WORKER_SECRET: undefined }, "WORKER_SECRET: is not set"),
    refused({ WORKER_SECRET: "" }, `WORKER_SECRET: ${EMPTY}`),
    refused({ WORKER_LIGHTNING_PUBLIC_KEY: undefined }, "WORKER_LIGHTNING_PUBLIC_KEY: is not set: the real worker would not verify"),
    refused({ WORKER_LIGHTNING_PUBLIC_KEY: spki }, "WORKER_LIGHTNING_PUBLIC_KEY: must be Base64, on one line"),
    refused({ WORKER_LIGHTNING_PUBLIC_KEY: base64(pkcs1) }, "WORKER_LIGHTNING_PUBLIC_KEY: must be Base64 of a public key in PEM form"),
    refused(
        { WORKER_LIGHTNING_PUBLIC_KEY: base64(elliptic.publicKey.export({ type: "spki", format: "pem" }) as string) },
        "WORKER_LIGHTNING_PUBLIC_KEY: must be an RSA key",
    ),
    accepted({ WORKER_LIGHTNING_SERVICE_URL: "wss://l.example.org/worker" }),
    ...["http://web:4000/worker", "ws://web:4000", "ws://web:4000/worker/"].map((url) =>
        refused({ WORKER_LIGHTNING_SERVICE_URL: url }, "WORKER_LIGHTNING_SERVICE_URL: must begin with ws:// or wss:// and end with /worker"),
    ),
    refused({ WORKER_CAPACITY: "0" }, "WORKER_CAPACITY: must be at least 1"),
    ...["WORKER_WORKLOOPS", "WORKER_BATCH_LIMIT", "WORKER_MAX_LOG_PAYLOAD_MB"].flatMap((name) => [
        accepted({ [name]: "of a later release" }),
        accepted({ [name]: "" }),
    ]),
    accepted({ WORKER_CAPACITY: "1", WORKER_WORKLOOPS: "a:1" }),
    refused({ WORKER_NAME: "" }, `WORKER_NAME: ${EMPTY}`),
    accepted({ UNKNOWN_VARIABLE: "" }),
    refused({ WORKER_COLLECTIONS_URL: "https://a.example" }, "WORKER_COLLECTIONS_VERSION: is not set: the real worker would ask npm"),
    accepted({ WORKER_COLLECTIONS_URL: "https://a.example", WORKER_COLLECTIONS_VERSION: "0.8.0" }),
    refused({ WORKER_REPO_DIR: "/dev/null/cache" }, "WORKER_REPO_DIR: cannot be written to"),
    refused({ WORKER_BACKOFF: "1" }, "WORKER_BACKOFF: must be the shortest and longest wait"),
    ...["loud", "success"].map((level) => refused({ WORKER_LOG_LEVEL: level }, "WORKER_LOG_LEVEL: must be one of none, default, info, debug")),
    ...["WORKER_RUNS_PRIVATE_KEY", "PRIMARY_ENCRYPTION_KEY", "SECRET_KEY_BASE", "DATABASE_URL"].map((name) =>
        refused({ [name]: web[name]! }, `${name}: belongs to web, not to a worker`),
    ),
];

const newWorkerCases: Case[] = [
    accepted({ WORKER_WORKLOOPS: "fast_lane:1 manual>*:4" }),
    ...["manual", "*>manual:1", "a:0", "a b:1", ">a:1"].map((loops) =>
        refused({ WORKER_WORKLOOPS: loops }, "WORKER_WORKLOOPS: must be queues with slots"),
    ),
    refused({ WORKER_CAPACITY: "1", WORKER_WORKLOOPS: "a:1" }, "WORKER_WORKLOOPS: excludes WORKER_CAPACITY"),
    refused({ WORKER_BATCH_LIMIT: "0" }, "WORKER_BATCH_LIMIT: must be at least 1"),
];

function apply(base: Environment, { change }: Case): Environment {
    const entries = Object.entries({ ...base, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return Object.fromEntries(entries);
}

/** A name for a case: what it changes, with long values cut. */
const nameOf = ({ change }: Case) =>
    Object.entries(change)
        .map(([name, value]) => (value === undefined ? `no ${name}` : `${name}=${JSON.stringify(value.slice(0, 24))}`))
        .join(" ") || "what is mandatory";

function suite(base: Environment, cases: Case[], refusals: (environments: Environment[]) => string[][] | Promise<string[][]>): void {
    let results: string[][];
    before(async function () {
        this.timeout(60_000);
        results = await refusals(cases.map((one) => apply(base, one)));
    });
    cases.forEach((one, index) =>
        it(`${one.problems.length === 0 ? "accepts" : "refuses"} ${nameOf(one)}`, () => {
            const found = results[index]!;
            assert.equal(found.length, one.problems.length, found.join("\n"));
            one.problems.forEach((problem, position) => assert.ok(found[position]!.startsWith(problem), `${found[position]} is not ${problem}`));
        }),
    );
}

const ofWeb = (version: string) => (environments: Environment[]) => webRefusals(environments, version);
const ofWorker = (version: string) => async (environments: Environment[]) => {
    const settings = await workerSettings();
    return environments.map((environment) => workerRefusals(settings, environment, version));
};

describe("stand-in for Lightning, web and migrations", () => suite(web, webCases, ofWeb(WEB)));
describe("stand-in for Lightning 2.10.8, web and migrations", () => suite(web, oldWebCases, ofWeb("2.10.8")));
describe("stand-in for Lightning, worker", () => suite(worker, workerCases, ofWorker(WORKER)));
describe("stand-in for Lightning, worker 1.22.0", () => suite(worker, newWorkerCases, ofWorker("1.22.0")));

describe("stand-in for Lightning, as a program", function () {
    this.timeout(30_000);
    const directory = mkdtempSync(path.join(tmpdir(), "stand-in."));
    after(() => rmSync(directory, { recursive: true }));

    it("knows every variable that the component can give it", async () => {
        const known = { web: webVariableNames(), worker: Object.keys((await workerSettings()).READERS) };
        const missing = (rows: readonly { name: string }[], names: string[]) => rows.map(({ name }) => name).filter((name) => !names.includes(name));
        assert.deepEqual(missing(webVariables, known.web), []);
        assert.deepEqual(missing(workerVariables, known.worker), []);
    });

    it("accepts a complete configuration, and proves that it can write where it must", async () => {
        const kafka = { KAFKA_ALTERNATE_STORAGE_ENABLED: "true", KAFKA_ALTERNATE_STORAGE_FILE_PATH: directory };
        assert.deepEqual(play("lightning-check-web", { ...web, ...github, ...kafka, STORAGE_PATH: directory }), {
            code: 0,
            output: "accepted\n",
        });
        const cache = path.join(directory, "new");
        assert.deepEqual(workerRefusals(await workerSettings(), { ...worker, WORKER_REPO_DIR: cache }, WORKER), []);
        assert.ok(existsSync(cache));
    });

    it("refuses a directory of exports that it cannot write to", () => {
        const missing = path.join(directory, "missing");
        const { code, output } = play("lightning-check-web", { ...web, STORAGE_PATH: missing });
        assert.equal(code, 1);
        assert.equal(output, "stand-in lightning-check-web: STORAGE_PATH: cannot be written to (No such file or directory)\n");
    });

    it("exits with 1, names the variables and shows no value", () => {
        const { code, output } = play("lightning-check-web", { ...web, PORT: "s3cret-port", ALLOW_SIGNUP: "s3cret-flag", WORKER_SECRET: "" });
        assert.equal(code, 1);
        assert.match(output, /: PORT: .*\n.*: ALLOW_SIGNUP: .*\n?/);
        assert.match(output, /: WORKER_SECRET: is empty/);
        assert.doesNotMatch(output, /s3cret/);
        assert.doesNotMatch(output, new RegExp(web.PRIMARY_ENCRYPTION_KEY!.slice(0, 20).replace(/[+/]/g, ".")));
    });

    it("exits with 2 on a role that it does not have", () => assert.equal(play("nonsense", {}).code, 2));
});
