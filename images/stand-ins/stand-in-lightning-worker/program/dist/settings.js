/** The worker's environment: what it takes from it, and what it is refused for. No message shows a value: it may be a secret. */
import { createPublicKey } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { reads, VERSION } from "./releases.js";

/** The environment is refused: one problem a line, each beginning with the variable. */
export class Refused extends Error {}

class Unfit extends Error {}

const text = (value) => value;
const flag = (value) => value === "true" || value === "1";

function whole(least, most = Infinity) {
    return (value) => {
        if (!/^[0-9]+$/.test(value)) throw new Unfit("must be a whole number");
        if (Number(value) < least || Number(value) > most) {
            throw new Unfit(`must be at least ${least}` + (most === Infinity ? "" : ` and at most ${most}`));
        }
        return Number(value);
    };
}

function matching(pattern, problem) {
    return (value) => {
        if (!pattern.test(value)) throw new Unfit(problem);
        return value;
    };
}

/** Base64 of an RSA public key in PEM form, SubjectPublicKeyInfo. */
function publicKey(value) {
    if (value.includes("-----BEGIN")) throw new Unfit("must be Base64, on one line, of the whole text: this is the text itself");
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw new Unfit("must be Base64: standard alphabet, padded, on one line");
    const pem = Buffer.from(value, "base64").toString();
    if (!pem.startsWith("-----BEGIN PUBLIC KEY-----")) throw new Unfit("must be Base64 of a public key in PEM form (BEGIN PUBLIC KEY)");
    const bits = rsaBits(pem);
    if (bits === undefined) throw new Unfit("must be an RSA key");
    if (bits < 2048) throw new Unfit(`must be an RSA key of 2048 bits or more, and has ${bits}`);
    return pem;
}

function rsaBits(pem) {
    try {
        const key = createPublicKey(pem);
        return key.asymmetricKeyType === "rsa" ? key.asymmetricKeyDetails.modulusLength : undefined;
    } catch {
        return undefined;
    }
}

function writableDirectory(value) {
    try {
        mkdirSync(value, { recursive: true });
        writeFileSync(path.join(value, ".stand-in"), "writable\n");
        return value;
    } catch (error) {
        throw new Unfit(`cannot be written to (${error.code})`);
    }
}

/** `fast_lane:1 manual>*:4`: for each loop the queues that it claims from, and how many runs at once. */
function workloops(value) {
    const loops = value.trim().split(/\s+/).map((token) => /^((?:\w+>)*(?:\w+|\*)):([1-9][0-9]*)$/.exec(token));
    if (loops.includes(null)) throw new Unfit("must be queues with slots, e.g. fast_lane:1 manual>*:4");
    return loops.map(([, queues, capacity]) => ({ queues: queues.split(">"), capacity: Number(capacity) }));
}

/** All that any release knows. */
export const READERS = {
    NODE_ENV: text,
    NODE_OPTIONS: text,
    OPENFN_ADAPTORS_REPO: text,
    WORKER_BACKOFF: matching(/^[0-9.]+\/[0-9.]+$/, "must be the shortest and longest wait in seconds, e.g. 1/10"),
    WORKER_BATCH_INTERVAL: whole(0),
    WORKER_BATCH_LIMIT: whole(1),
    WORKER_BATCH_LOGS: flag,
    WORKER_CAPACITY: whole(1),
    WORKER_CLAIM_TIMEOUT_SECONDS: whole(1),
    WORKER_COLLECTIONS_URL: matching(/^https?:\/\/\S+$/, "must be a URL"),
    WORKER_COLLECTIONS_VERSION: text,
    WORKER_LIGHTNING_PUBLIC_KEY: publicKey,
    WORKER_LIGHTNING_SERVICE_URL: matching(
        /^wss?:\/\/[^/\s]+(\/\S*)?\/worker$/,
        "must begin with ws:// or wss:// and end with /worker",
    ),
    WORKER_LOG_LEVEL: matching(/^(none|default|info|debug)$/, "must be one of none, default, info, debug: the real worker logs nothing"),
    WORKER_MAX_LOG_PAYLOAD_MB: whole(1),
    WORKER_MAX_PAYLOAD_MB: whole(1),
    WORKER_MAX_RUN_DURATION_SECONDS: whole(1),
    WORKER_MAX_RUN_MEMORY_MB: whole(1),
    WORKER_MESSAGE_TIMEOUT_SECONDS: whole(1),
    WORKER_NAME: text,
    WORKER_PORT: whole(1, 65535),
    WORKER_PROFILE: flag,
    WORKER_PROFILE_POLL_INTERVAL_MS: whole(1),
    WORKER_REPO_DIR: writableDirectory,
    WORKER_SECRET: text,
    WORKER_SENTRY_DSN: text,
    WORKER_SENTRY_ENV: text,
    WORKER_SOCKET_TIMEOUT_SECONDS: whole(1),
    WORKER_STATE_PROPS_TO_REMOVE: text,
    WORKER_TIMEOUT_RETRY_COUNT: whole(0),
    WORKER_TIMEOUT_RETRY_DELAY_MS: whole(0),
    WORKER_VALIDATION_RETRIES: whole(0),
    WORKER_VALIDATION_TIMEOUT_MS: whole(1),
    WORKER_WORKLOOPS: workloops,
};

/** The worker must never see these. */
const FOREIGN = ["WORKER_RUNS_PRIVATE_KEY", "PRIMARY_ENCRYPTION_KEY", "SECRET_KEY_BASE", "DATABASE_URL"];

/** What a release makes of its environment: variable -> value. Every problem at once. */
export function load(environment, version = VERSION) {
    const problems = [];
    const names = Object.keys(READERS).filter((name) => name in environment && reads(name, version));
    const values = Object.fromEntries(names.map((name) => [name, read(name, environment[name], problems)]));
    const demand = (name, why = "is not set") => name in values || problems.push(`${name}: ${why}`);
    demand("WORKER_SECRET");
    demand("WORKER_LIGHTNING_PUBLIC_KEY", "is not set: the real worker would not verify run tokens and say nothing");
    if ("WORKER_CAPACITY" in values && "WORKER_WORKLOOPS" in values) problems.push("WORKER_WORKLOOPS: excludes WORKER_CAPACITY");
    if ("WORKER_COLLECTIONS_URL" in values) {
        demand("WORKER_COLLECTIONS_VERSION", "is not set: the real worker would ask npm before it connects");
    }
    problems.push(...FOREIGN.filter((name) => name in environment).map((name) => `${name}: belongs to web, not to a worker`));
    if (problems.length > 0) throw new Refused(problems.join("\n"));
    return values;
}

function read(name, value, problems) {
    try {
        if (value === "") throw new Unfit("is empty: leave it out instead");
        return READERS[name](value);
    } catch (error) {
        if (!(error instanceof Unfit)) throw error;
        problems.push(`${name}: ${error.message}`);
        return undefined;
    }
}
