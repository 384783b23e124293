import { generateKeyPairSync } from "node:crypto";
import type { LightningBlock } from "../../../../../components/systems/lightning/schema";
import { pinned } from "../../../../support/pinned";
import { base64, bytes32, privateKey, publicKey, serviceAccount } from "./settings";

const other = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
});
const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({ type: "pkcs1", format: "pem" }) as string;
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;

const external = { host: "db.example.org", name: "lightning", user: "owner", password: "p" };
const github = { appId: "1", appName: "flows", clientId: "c", clientSecret: "s", certificate: privateKey };
const smtp = { username: "u", password: "p", relay: "smtp.example.org" };

/** Images that tell their releases. */
function releases(web: string, worker: string, workers: LightningBlock["workers"] = {}): LightningBlock {
    return { web: { image: `openfn/lightning:v${web}` }, workers: { ...workers, image: `openfn/ws-worker:v${worker}` } };
}

/** Images that do not: digests alone. */
function unknown(workers: LightningBlock["workers"]): LightningBlock {
    return { web: { image: pinned.lightning }, workers: { ...workers, image: pinned["lightning-worker"] } };
}

const unknownReleases = unknown({});

const claimsOn = (release: string) =>
    `warning lightning.workers.image: worker ${release} can go on claiming after the stop signal, and then loses runs at the end of the grace period (seen with 1.25.0; the code is the same from 1.22.0 to there): use a worker before 1.22.0, or update while nothing runs, and run lost runs again`;

/** Rule of the fact sheet, settings that break it, and every problem that is reported: level, path, problem and fix. */
export const broken: [rule: string, settings: LightningBlock, ...problems: string[]][] = [
    [
        "R1",
        { workers: { stopGracePeriodSeconds: 310 } },
        "error lightning.workers.stopGracePeriodSeconds: 310 s do not exceed a run of 300 s plus its grace of 10 s, so runs are killed and marked lost: give more than 310, or leave it out",
    ],
    [
        "R1",
        { workers: { stopGracePeriodSeconds: 600 }, limits: { maxRunDurationSeconds: 900, runGracePeriodSeconds: 30 } },
        "error lightning.workers.stopGracePeriodSeconds: 600 s do not exceed a run of 900 s plus its grace of 30 s, so runs are killed and marked lost: give more than 930, or leave it out",
    ],
    [
        "R3",
        { web: { stopGracePeriodSeconds: 30 } },
        "warning lightning.web.stopGracePeriodSeconds: 30 s cut background jobs off, which get 120 s: give at least 120, or leave it out",
    ],
    [
        "R4",
        { storage: { gcs: {} } },
        "error lightning.storage.gcs: Google Cloud Storage needs bucket and credentials: set what is missing, or remove the block",
    ],
    [
        "R4",
        { storage: { gcs: { bucket: "exports" } } },
        "error lightning.storage.gcs: Google Cloud Storage needs bucket and credentials, but credentials is missing: set what is missing, or remove the block",
    ],
    [
        "R4",
        { storage: { gcs: { bucket: "exports", credentials: '{"client_email":"a"}' } } },
        "error lightning.storage.gcs.credentials: it is JSON, but must be Base64 encoded: encode the key file with `base64 -w 0`",
    ],
    [
        "R4",
        { storage: { gcs: { bucket: "exports", credentials: "bm90\nb25l" } } },
        "error lightning.storage.gcs.credentials: it is not Base64 on one line: encode the key file with `base64 -w 0`",
    ],
    [
        "R4",
        { storage: { gcs: { bucket: "exports", credentials: base64('{"client_email":"a"}') } } },
        "error lightning.storage.gcs.credentials: it is not the key file of a service account: private_key not found: create a JSON key, and encode that",
    ],
    [
        "R4",
        { storage: { gcs: { bucket: "exports", credentials: base64("no JSON at all") } } },
        "error lightning.storage.gcs.credentials: it is not the key file of a service account: client_email and private_key not found: create a JSON key, and encode that",
    ],
    [
        "R5",
        { storage: { local: {}, gcs: { bucket: "exports", credentials: serviceAccount } } },
        "error lightning.storage: local and gcs exclude each other: remove one of them",
    ],
    [
        "R5",
        { storage: { local: { containerPath: "exports", hostPath: "./exports" } } },
        'error lightning.storage.local.containerPath: "exports" is not an absolute path of a directory: give one that begins with /',
        'error lightning.storage.local.hostPath: "./exports" is not an absolute path of a directory: give one that begins with /',
    ],
    [
        "R5 and R27",
        { web: { replicas: 2 } },
        "error lightning.web.replicas: 2 instances on a plain Docker Engine would not share stored exports, and nothing would replace them one after the other: leave it at 1",
    ],
    [
        "R6",
        { mail: { adminEmail: "a@example.org", mailgun: {} } },
        "error lightning.mail.mailgun: Mailgun needs apiKey and domain: set what is missing, or remove the block",
    ],
    [
        "R6",
        { mail: { adminEmail: "a@example.org", smtp: { username: "u" } } },
        "error lightning.mail.smtp: a mail server needs username, password and relay, but password and relay are missing: set what is missing, or remove the block",
    ],
    [
        "R6",
        { mail: { adminEmail: "a@example.org", mailgun: { apiKey: "k", domain: "d" }, smtp } },
        "error lightning.mail: mailgun and smtp exclude each other: remove one of them",
    ],
    [
        "R7",
        { mail: { adminEmail: "a@example.org", smtp: { ...smtp, tls: "yes", port: 70000 } } },
        'error lightning.mail.smtp.tls: "yes" is none of the words that Lightning knows here: give one of true, false, if_available',
        "error lightning.mail.smtp.port: 70000 is not a port: give a whole number from 1 to 65535",
    ],
    [
        "R7",
        { mail: { adminEmail: "a@example.org", smtp: { ...smtp, relay: "192.0.2.7" } } },
        "warning lightning.mail.smtp.relay: no certificate matches an address, so TLS is likely to fail: give its host name, or tls: if_available",
    ],
    ["R8", { mail: { smtp } }, "error lightning.mail.adminEmail: mails need a sender: set the address that people may answer to"],
    ["R8", { mail: { adminEmail: "nobody", smtp } }, 'error lightning.mail.adminEmail: "nobody" is not an e-mail address: correct it'],
    [
        "R9",
        { github: { appId: "1", appName: "flows", clientSecret: "s" } },
        "error lightning.github: a GitHub App needs appId, appName, clientId, clientSecret and certificate, but clientId and certificate are missing: set what is missing, or remove the block",
    ],
    [
        "R9",
        { github: { ...github, appId: "flows", appName: "Our Flows" } },
        'error lightning.github.appId: "flows" is not a number: copy the App ID from the settings of the app',
        'error lightning.github.appName: "Our Flows" is not the name in the public link: write it as in the public link: lower case, hyphens for spaces',
    ],
    [
        "R10",
        { github: { ...github, certificate: other.privateKey } },
        "error lightning.github.certificate: it is PEM text, not Base64 of it: Base64-encode the downloaded file on a single line: `base64 -w 0`",
    ],
    [
        "R10",
        { github: { ...github, certificate: "bm90\nb25l" } },
        "error lightning.github.certificate: it is not Base64 on one line: Base64-encode the downloaded file on a single line: `base64 -w 0`",
    ],
    [
        "R10",
        { github: { ...github, certificate: publicKey } },
        "error lightning.github.certificate: no private key is in it: Base64-encode the downloaded file on a single line: `base64 -w 0`",
    ],
    [
        "R11",
        { kafka: { alternateStorage: { containerPath: "kafka", hostPath: "kafka" } } },
        'error lightning.kafka.alternateStorage.containerPath: "kafka" is not an absolute path of a directory: give one that begins with /',
        'error lightning.kafka.alternateStorage.hostPath: "kafka" is not an absolute path of a directory: give one that begins with /',
    ],
    [
        "R11",
        { kafka: { alternateStorage: { containerPath: "/app/storage" } } },
        "error lightning.kafka.alternateStorage.containerPath: exports are in /app/storage as well: give each a directory of its own",
    ],
    [
        "R12",
        { kafka: { enabled: false, consumers: 2 } },
        "error lightning.kafka: Kafka triggers are off, so its other settings have no effect: remove them, or enabled: false",
    ],
    [
        "R12",
        { kafka: {} },
        "warning lightning.kafka.alternateStorage: messages that cannot be stored are lost, unless Kafka delivers them again: set alternateStorage: {} to keep them in files",
    ],
    [
        "R13",
        { kafka: { messagesPerSecond: 0.05, consumers: 0, processors: 1.5, alternateStorage: {} } },
        "error lightning.kafka.consumers: 0 is out of range: give a whole number, at least 1",
        "error lightning.kafka.processors: 1.5 is out of range: give a whole number, at least 1",
        "error lightning.kafka.messagesPerSecond: 0.05 would forward nothing: give at least 0.1, one message every ten seconds",
    ],
    [
        "R13",
        { kafka: { duplicateTrackingRetentionSeconds: 0, notificationEmbargoSeconds: -1, alternateStorage: {} } },
        "error lightning.kafka.duplicateTrackingRetentionSeconds: 0 is out of range: give a whole number of seconds, at least 1",
        "error lightning.kafka.notificationEmbargoSeconds: -1 is out of range: give a whole number of seconds, at least 0",
    ],
    [
        "R14",
        { ...releases("2.14.14", "1.19.6"), ai: { openaiApiKey: "k", apolloEndpoint: "http://apollo:3000" } },
        "warning lightning.ai.openaiApiKey: Lightning 2.14.14 does not read OPENAI_API_KEY, only releases before 2.10.9 did: remove it",
        "error lightning.ai: AI chat needs anthropicApiKey and apolloEndpoint, but anthropicApiKey is missing: set what is missing, or remove the block",
    ],
    [
        "R14",
        { ...releases("2.10.8", "1.8.9"), ai: { anthropicApiKey: "k" } },
        "warning lightning.ai.anthropicApiKey: Lightning 2.10.8 does not read AI_ASSISTANT_API_KEY, releases from 2.10.9 on do: set web.image to one of them, or remove it",
        "error lightning.ai: AI chat needs openaiApiKey and apolloEndpoint: set what is missing, or remove the block",
    ],
    [
        "R14",
        { ...unknownReleases, ai: { openaiApiKey: "k", apolloEndpoint: "http://apollo:3000" } },
        "warning lightning.ai.openaiApiKey: Lightning reads it before 2.10.9 only, and the image does not tell its release: set ai.anthropicApiKey, or name the release beside the digest (…:v1.2.3@sha256:…)",
    ],
    [
        "R14",
        { ...unknownReleases, ai: { apolloEndpoint: "http://apollo:3000" } },
        "error lightning.ai: AI chat needs anthropicApiKey and apolloEndpoint, but anthropicApiKey is missing: set what is missing, or remove the block",
    ],
    [
        "R14",
        { ai: { anthropicApiKey: "k", apolloEndpoint: "http://apollo:3000/" } },
        "error lightning.ai.apolloEndpoint: it ends with a slash: remove the slash",
    ],
    [
        "R15",
        { ...unknownReleases, google: { clientId: "c" }, url: { scheme: "https" } },
        "error lightning.google: Google login needs clientId and clientSecret, but clientSecret is missing: set what is missing, or remove the block",
    ],
    [
        "R15",
        { ...unknownReleases, salesforce: { clientId: "c", clientSecret: "s" } },
        "warning lightning.salesforce: it calls back to http://127.0.0.1, and most providers want https: set one of the blocks of edge.tls, or url.scheme",
    ],
    [
        "R15",
        { ...releases("2.14.14", "1.19.6"), google: { clientId: "c", clientSecret: "s" }, url: { scheme: "https" } },
        "warning lightning.google: Lightning 2.14.14 may not read it: OAuth clients are kept in the database: make the client in the interface, and remove the block",
    ],
    [
        "R15",
        { ...releases("2.16.7", "1.19.6"), salesforce: { clientId: "c", clientSecret: "s" }, url: { scheme: "https" } },
        "warning lightning.salesforce: Lightning 2.16.7 does not read it: OAuth clients are kept in the database: make the client in the interface, and remove the block",
    ],
    [
        "R16",
        { database: { external: { ...external, allowUnencrypted: true } } },
        "warning lightning.database.external.allowUnencrypted: data and password cross the network in clear: remove it, unless a TLS proxy on this machine is in between",
    ],
    [
        "R16",
        { database: { external: { host: "postgres://db", port: 0 } } },
        "error lightning.database.external: an external database needs host, name, user and password, but name, user and password are missing: set what is missing, or remove the block",
        "error lightning.database.external.port: 0 is not a port: give a whole number from 1 to 65535",
        "error lightning.database.external.host: it is not a host name: give the name or address alone",
    ],
    [
        "R16",
        { database: { external, bundled: {} } },
        "error lightning.database: bundled and external exclude each other: remove one of them",
    ],
    [
        "R16",
        { database: { bundled: { majorVersion: 13, image: "postgres:13" } }, backup: { image: "backup:13" } },
        "error lightning.database.bundled.majorVersion: Lightning does not run on PostgreSQL 13: give 14 or more, or leave it out",
    ],
    [
        "R17",
        { web: { extraEnv: { LISTEN_ADDRESS: "127.0.0.1" } } },
        "error lightning.web.extraEnv.LISTEN_ADDRESS: in a container it must be 0.0.0.0, which it always is: remove it",
    ],
    [
        "R18",
        { web: { origins: [] } },
        "error lightning.web.origins: the list is empty, and would be an empty value: name something, or remove the setting",
    ],
    [
        "R18",
        { web: { origins: ["https://elsewhere.example.org", "lightning.example.org"] }, url: { scheme: "https", host: "l.example.org" } },
        'error lightning.web.origins: "lightning.example.org" is not an origin: write https://host, //host or //*.host',
        "error lightning.web.origins: the list does not cover https://l.example.org, so the interface could not connect: add it, or leave the list out: it is the default",
    ],
    [
        "R19",
        { url: { scheme: "https", port: 8443 } },
        "warning lightning.url.port: https on port 8443 is unusual: check that clients really use this port: it is written into every link",
    ],
    [
        "R19",
        { url: { scheme: "http", port: 443 } },
        "warning lightning.url.port: http on port 443 is unusual: check that clients really use this port: it is written into every link",
    ],
    [
        "R19",
        { url: { scheme: "ftp", host: "https://l.example.org:443/" } },
        'error lightning.url.scheme: "ftp" is none of the words that Lightning knows here: give one of http, https',
        'error lightning.url.host: "https://l.example.org:443/" is not a host name: give the name alone, without scheme, port and path',
    ],
    [
        "R21",
        { keys: { primaryEncryptionKey: bytes32.replace("=", "") } },
        "error lightning.keys.primaryEncryptionKey: it must be standard Base64 of exactly 32 bytes, 44 characters: generate one with `openssl rand -base64 32`, or leave it out",
    ],
    [
        "R21",
        { keys: { primaryEncryptionKey: base64("0123456789abcdef") } },
        "error lightning.keys.primaryEncryptionKey: it must be standard Base64 of exactly 32 bytes, 44 characters: generate one with `openssl rand -base64 32`, or leave it out",
    ],
    [
        "R22",
        { keys: { secretKeyBase: "short", workerSecret: "short", repoConnectionSigningSecret: "short" } },
        "error lightning.keys.secretKeyBase: it has 5 bytes and needs 64: give a longer one, or leave it out",
        "error lightning.keys.workerSecret: it has 5 bytes and needs 32: give a longer one, or leave it out",
        "error lightning.keys.repoConnectionSigningSecret: it has 5 bytes and needs 32: give a longer one, or leave it out",
    ],
    [
        "R22",
        { keys: { workerSecret: `${"w".repeat(40)}\n` } },
        "error lightning.keys.workerSecret: it contains a blank, a line break or a quote: remove it: the text is used as it stands",
    ],
    [
        "R23",
        { keys: { workerRunsPrivateKey: other.privateKey } },
        "error lightning.keys.workerRunsPrivateKey: it is PEM text, not Base64 of it: encode the whole file with `base64 -w 0`",
    ],
    [
        "R23",
        { keys: { workerRunsPrivateKey: base64(weak) } },
        "error lightning.keys.workerRunsPrivateKey: it is not Base64 of an RSA private key of 2048 bits or more: encode a PEM file with BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY, on one line",
    ],
    [
        "R23",
        { keys: { workerRunsPrivateKey: base64(elliptic) } },
        "error lightning.keys.workerRunsPrivateKey: it is not Base64 of an RSA private key of 2048 bits or more: encode a PEM file with BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY, on one line",
    ],
    [
        "R23",
        { keys: { workerPublicKey: publicKey } },
        "error lightning.keys.workerPublicKey: a public key without its private key verifies nothing: give keys.workerRunsPrivateKey as well, or remove it",
    ],
    [
        "R23",
        { keys: { workerRunsPrivateKey: privateKey, workerPublicKey: base64(other.publicKey) } },
        "error lightning.keys.workerPublicKey: it does not belong to keys.workerRunsPrivateKey: leave it out: it is derived from the private key",
    ],
    [
        "R23",
        { keys: { workerRunsPrivateKey: privateKey, workerPublicKey: privateKey } },
        "error lightning.keys.workerPublicKey: it is not Base64 of an RSA public key of 2048 bits or more: encode a PEM file with BEGIN PUBLIC KEY, on one line",
    ],
    [
        "R24",
        { workers: { capacity: 0, replicas: 0 } },
        "error lightning.workers.replicas: 0 is out of range: give a whole number, at least 1",
        "error lightning.workers.capacity: 0 is out of range: give a whole number of runs, at least 1",
    ],
    [
        "R24",
        { ...releases("2.14.14", "1.22.1", { capacity: 2, workloops: "manual:2" }) },
        "error lightning.workers.capacity: capacity and workloops exclude each other: remove one of them",
        claimsOn("1.22.1"),
    ],
    [
        "R24",
        { ...releases("2.14.14", "1.19.6", { workloops: "fast_lane:1 manual>*:1" }) },
        "error lightning.workers.workloops: worker 1.19.6 ignores it and takes 5 runs at a time instead: set workers.image to 1.22.0 or newer, or use workers.capacity",
    ],
    [
        "R24",
        { workers: { workloops: "fast_lane:1 manual>*:1" } },
        "error lightning.workers.workloops: worker 1.19.6 ignores it and takes 5 runs at a time instead: set workers.image to 1.22.0 or newer, or use workers.capacity",
    ],
    [
        "R24",
        { ...unknown({ workloops: "fast_lane:1 manual>*:1" }) },
        "warning lightning.workers.workloops: a worker before 1.22.0 ignores it and takes 5 runs at a time instead, and the image does not tell its release: check that it is 1.22.0 or newer, and name the release beside the digest (…:v1.2.3@sha256:…)",
    ],
    [
        "R24",
        { ...unknown({ workloops: "x:5:2" }) },
        'error lightning.workers.workloops: "x:5:2" is not a list of queues with slots: write e.g. "fast_lane:1 manual>*:4"',
        "warning lightning.workers.workloops: a worker before 1.22.0 ignores it and takes 5 runs at a time instead, and the image does not tell its release: check that it is 1.22.0 or newer, and name the release beside the digest (…:v1.2.3@sha256:…)",
    ],
    ["worker that claims on", releases("2.14.14", "1.25.0"), claimsOn("1.25.0")],
    [
        "R24",
        { ...releases("2.14.14", "1.22.1", { workloops: "manual", backoff: "soon" }) },
        'error lightning.workers.workloops: "manual" is not a list of queues with slots: write e.g. "fast_lane:1 manual>*:4"',
        'error lightning.workers.backoff: "soon" is not a pair of seconds: write the shortest and the longest, e.g. "1/10"',
        claimsOn("1.22.1"),
    ],
    [
        "R25",
        { workers: { memory: 1024 } },
        "error lightning.workers.memory: 1024 MiB are less than 5 runs × 500 MB + 512 for the worker = 3012: give at least 3012, or lower workers.capacity or limits.maxRunMemoryMb",
    ],
    [
        "R25",
        { ...releases("2.14.14", "1.22.1", { memory: 2000, workloops: "a:2 b:1" }), limits: { maxRunMemoryMb: 512 } },
        "error lightning.workers.memory: 2000 MiB are less than 3 runs × 512 MB + 512 for the worker = 2048: give at least 2048, or lower workers.workloops or limits.maxRunMemoryMb",
        claimsOn("1.22.1"),
    ],
    [
        "R26",
        { limits: { maxDataclipSizeMb: 0 } },
        "error lightning.limits.maxDataclipSizeMb: 0 is out of range: give a whole number of MB, at least 1",
    ],
    [
        "R26",
        { limits: { maxDataclipSizeMb: 20 }, edge: { maxBodySizeMb: 12 } },
        "warning lightning.limits.maxDataclipSizeMb: a worker's connection carries no more than 11 MB, so larger runs may be lost: give 10 or less",
        "warning lightning.edge.maxBodySizeMb: the proxy refuses what web would take, up to 20 MB: give it at least as many MB",
    ],
    [
        "R26",
        { limits: { maxDataclipSizeMb: 200 } },
        "warning lightning.limits.maxDataclipSizeMb: a worker's connection carries no more than 11 MB, so larger runs may be lost: give 10 or less",
        "warning lightning.edge.maxBodySizeMb: the proxy refuses what web would take, up to 200 MB: give it at least as many MB",
    ],
    [
        "R26",
        { workers: { maxPayloadMb: 5 } },
        "warning lightning.workers.maxPayloadMb: web takes 10 MB, and workers send no more than 5 back: larger results are not kept: give at least 10, or lower limits.maxDataclipSizeMb",
    ],
    [
        "R26",
        { ...unknown({ maxPayloadMb: 20, logs: { maxPayloadMb: 0.5 } }) },
        "error lightning.workers.maxPayloadMb: 20 MB do not fit: web takes no more than 11 MB with everything around: give 10 or less",
        "error lightning.workers.logs.maxPayloadMb: 0.5 is out of range: give a whole number of MB, at least 1",
    ],
    [
        "R28",
        { database: { poolSize: 90, bundled: { maxConnections: 100 } } },
        "warning lightning.database.bundled.maxConnections: 100 connections are too few for a pool of 90 and 20 for everything else: allow at least 110, or lower database.poolSize",
    ],
    [
        "R28",
        { database: { external: { ...external, maxConnections: 25 } } },
        "warning lightning.database.external.maxConnections: 25 connections are too few for a pool of 10 and 20 for everything else: allow at least 30, or lower database.poolSize",
    ],
    [
        "R29",
        { demo: { resettable: true } },
        "error lightning.demo.resettable: a reset deletes most of the database: remove the block, or set demo.allowDataLoss: true for a real demo",
    ],
    [
        "R31",
        { web: { extraEnv: { EMPTY: "" } }, mail: { senderName: "" }, ai: { anthropicApiKey: "", apolloEndpoint: "http://apollo:3000" } },
        "error lightning.web.extraEnv.EMPTY: Lightning stops on an empty value: give one, or remove the variable",
        "error lightning.mail.senderName: Lightning stops on an empty value: give one, or remove the setting",
        "error lightning.ai.anthropicApiKey: Lightning stops on an empty value: give one, or remove the setting",
    ],
    [
        "R31",
        { web: { corsOrigins: [], extraEnv: { BLANK: " " } }, workers: { statePropsToRemove: [] }, mail: { senderName: " " } },
        "error lightning.web.extraEnv.BLANK: Lightning stops on an empty value: give one, or remove the variable",
        "error lightning.web.corsOrigins: the list is empty, and would be an empty value: name something, or remove the setting",
        "error lightning.workers.statePropsToRemove: the list is empty, and would be an empty value: name something, or remove the setting",
        "error lightning.mail.senderName: Lightning stops on an empty value: give one, or remove the setting",
    ],
    [
        "R31",
        { web: { extraEnv: { URL_HOST: "x", "A-B": "x" } }, workers: { extraSecretEnv: { NODE_ENV: "x" } } },
        "error lightning.web.extraEnv.URL_HOST: this variable has a setting of its own: use url.host instead",
        'error lightning.web.extraEnv.A-B: "A-B" is not a name of a variable: use letters, digits and _',
        "error lightning.workers.extraSecretEnv.NODE_ENV: this variable is always set, and to the one right value: remove it",
    ],
    [
        "R31",
        { web: { extraEnv: { K8S_HEADLESS_SERVICE: "lightning" } } },
        "error lightning.web.extraEnv.K8S_HEADLESS_SERVICE: only on Kubernetes, where it names the service through which the nodes of a cluster find each other: remove it",
    ],
    [
        "R38",
        {
            workers: {
                extraEnv: { DATABASE_URL: "postgresql://u:p@db/l", MAX_DATACLIP_SIZE_MB: "20", WORKER_NAME: "w" },
                extraSecretEnv: { PRIMARY_ENCRYPTION_KEY: "k", WORKER_RUNS_PRIVATE_KEY: "k" },
            },
        },
        "error lightning.workers.extraEnv.DATABASE_URL: it is web's alone: workers run code that people write, and must not have it: use database instead",
        "error lightning.workers.extraEnv.MAX_DATACLIP_SIZE_MB: workers do not read it, web does: use limits.maxDataclipSizeMb instead",
        "error lightning.workers.extraEnv.WORKER_NAME: this variable is always set, and to the one right value: remove it",
        "error lightning.workers.extraSecretEnv.PRIMARY_ENCRYPTION_KEY: it is web's alone: workers run code that people write, and must not have it: use keys.primaryEncryptionKey instead",
        "error lightning.workers.extraSecretEnv.WORKER_RUNS_PRIVATE_KEY: it is web's alone: workers run code that people write, and must not have it: use keys.workerRunsPrivateKey instead",
    ],
    [
        "R38",
        {
            web: {
                extraEnv: { WORKER_CAPACITY: "2", WORKER_PORT: "1", TWICE: "a" },
                extraSecretEnv: { AI_ASSISTANT_API_KEY: "k", TWICE: "b" },
            },
        },
        "error lightning.web.extraEnv.WORKER_CAPACITY: web does not read it, workers do: use workers.capacity instead",
        "error lightning.web.extraEnv.WORKER_PORT: web does not read it, workers do: remove it",
        "error lightning.web.extraSecretEnv.AI_ASSISTANT_API_KEY: this variable has a setting of its own: use ai.anthropicApiKey instead",
        "error lightning.web.extraEnv.TWICE: extraSecretEnv has it, too: remove one of them",
    ],
    [
        "R32",
        { workers: { logLevel: "success" } },
        'error lightning.workers.logLevel: "success" is none of the words that Lightning knows here: give one of none, default, info, debug',
    ],
    [
        "R32",
        { web: { logLevel: "verbose" }, usageTracking: { uuids: "plain", dailyBatchSize: 0, resubmissionBatchSize: 0, runChunkSize: 0 } },
        'error lightning.web.logLevel: "verbose" is none of the words that Lightning knows here: give one of emergency, alert, critical, error, warning, warn, notice, info, debug',
        'error lightning.usageTracking.uuids: "plain" is none of the words that Lightning knows here: give one of cleartext, hashed_only',
        "error lightning.usageTracking.dailyBatchSize: 0 is out of range: give a whole number, at least 1",
        "error lightning.usageTracking.resubmissionBatchSize: 0 is out of range: give a whole number, at least 1",
        "error lightning.usageTracking.runChunkSize: 0 is out of range: give a whole number, at least 1",
    ],
    [
        "R33",
        { usageTracking: { enabled: false, uuids: "cleartext" } },
        "warning lightning.usageTracking: nothing is reported, so its other settings have no effect: remove them",
    ],
    [
        "R34",
        { workers: { serviceUrl: "http://web:4000/worker" } },
        'error lightning.workers.serviceUrl: "http://web:4000/worker" is not a URL of the kind that is wanted here: give one that begins with ws:// or wss://',
    ],
    [
        "R34",
        { workers: { serviceUrl: "wss://l.example.org/" } },
        'error lightning.workers.serviceUrl: "wss://l.example.org/" does not end with /worker, where web expects workers: add it, or leave the setting out',
    ],
    [
        "R35",
        { workers: { collections: {} } },
        "warning lightning.workers.collections.version: each worker asks the npm registry before it connects, and never connects without one: set the version of @openfn/language-collections, e.g. 0.8.0",
    ],
    [
        "R37",
        { web: { image: "openfn/lightning:latest" }, workers: { image: "registry.example.org:5000/openfn/ws-worker" } },
        `warning lightning.web.image: "openfn/lightning:latest" can come to mean another image: give it by digest (…@sha256:…), which \`docker image inspect --format '{{index .RepoDigests 0}}' openfn/lightning:latest\` prints after a pull`,
        `warning lightning.workers.image: "registry.example.org:5000/openfn/ws-worker" can come to mean another image: give it by digest (…@sha256:…), which \`docker image inspect --format '{{index .RepoDigests 0}}' registry.example.org:5000/openfn/ws-worker\` prints after a pull`,
    ],
    [
        "R37",
        { web: { image: "openfn/lightning:v2.14.14" } },
        "warning lightning.workers.image: web and workers belong together, but only one of the two images is set: set both images to versions that are known to work together",
    ],
    [
        "R39",
        { web: { idleTimeoutSeconds: 45 } },
        "warning lightning.web.idleTimeoutSeconds: 45 s may drop healthy connections, which show life every 30 s: give at least 60",
    ],
    [
        "R39",
        { web: { idleTimeoutSeconds: 7200 }, edge: { readTimeoutSeconds: 3600 } },
        "warning lightning.edge.readTimeoutSeconds: the proxy cuts connections before web does, at 7200 s: give it at least as many seconds",
    ],
    [
        "R40",
        { retention: { queueResultMinutes: 3600 } },
        "warning lightning.retention.queueResultMinutes: 3600 minutes are more than a day; QUEUE_RESULT_RETENTION_PERIOD_SECONDS was taken for minutes, too: check that it is not meant in seconds",
    ],
    [
        "content",
        { web: { adaptors: { containerPath: "/opt/adaptors" }, schemas: {} }, workers: { localAdaptors: { hostPath: "checkout" } } },
        "warning lightning.web.adaptors: nothing is mounted at /opt/adaptors, so it must be in the image: set hostPath, a directory of the host with the files, unless it is there",
        "error lightning.web.schemas: it says nothing: set hostPath, a directory of the host with the files, or remove the block",
        'error lightning.workers.localAdaptors.hostPath: "checkout" is not an absolute path of a directory: give one that begins with /',
    ],
    [
        "content",
        {
            web: {
                adaptors: { hostPath: "/srv/a", containerPath: "/app/storage" },
                schemas: { hostPath: "/srv/s", containerPath: "/app/storage" },
            },
        },
        "error lightning.web.adaptors.containerPath: exports are in /app/storage as well: give each a directory of its own",
        "error lightning.web.schemas.containerPath: exports are in /app/storage as well: give each a directory of its own",
    ],
    [
        "settings that the release ignores",
        {
            ...releases("2.14.14", "1.19.6", {
                logs: { batch: true, maxPayloadMb: 2 },
                timeouts: { claimSeconds: 60, retryCount: 3 },
                profile: {},
            }),
        },
        "warning lightning.workers.logs.batch: worker 1.19.6 does not read WORKER_BATCH_LOGS, releases from 1.20.0 on do: set workers.image to one of them, or remove it",
        "warning lightning.workers.logs.maxPayloadMb: worker 1.19.6 does not read WORKER_MAX_LOG_PAYLOAD_MB, releases from 1.20.0 on do: set workers.image to one of them, or remove it",
        "warning lightning.workers.timeouts: worker 1.19.6 sends a message once, whatever is set: retries work in 1.19.4 alone: remove retryCount and retryDelayMs, or set messageSeconds",
    ],
    [
        "settings that the release ignores",
        { ...releases("2.14.14", "1.18.1", { profile: {}, timeouts: { retryDelayMs: 5000 } }) },
        "warning lightning.workers.timeouts.retryDelayMs: worker 1.18.1 does not read WORKER_TIMEOUT_RETRY_DELAY_MS, releases from 1.19.4 on do: set workers.image to one of them, or remove it",
        "warning lightning.workers.profile: worker 1.18.1 does not read WORKER_PROFILE, releases from 1.19.0 on do: set workers.image to one of them, or remove it",
    ],
    [
        "worker",
        {
            ...unknown({
                timeouts: { claimSeconds: 0, messageSeconds: 30, socketSeconds: 10 },
                validation: { retries: 0 },
                sentry: { environment: "lab" },
                logs: { batchLimit: 5 },
                profile: { enabled: false, pollIntervalMs: 5 },
            }),
        },
        "error lightning.workers.timeouts.claimSeconds: 0 is out of range: give a whole number of seconds, at least 1",
        "error lightning.workers.validation.retries: 0 is out of range: give a whole number, at least 1",
        "error lightning.workers.sentry: Sentry needs dsn: set what is missing, or remove the block",
        "warning lightning.workers.timeouts.messageSeconds: socketSeconds is its older name, and wins: remove socketSeconds, unless workers are older than 1.13.1",
        "warning lightning.workers.logs: lines are not batched, so the settings of batches have no effect: set batch: true",
        "warning lightning.workers.profile: nothing is measured, so the interval has no effect: remove it",
    ],
    [
        "registration",
        { edge: { bindAddress: "0.0.0.0" } },
        "warning lightning.accounts.allowSignup: anybody who reaches 0.0.0.0 may register: set it to false, unless strangers are welcome",
    ],
    [
        "superuser",
        { accounts: { superuser: { email: "root", password: "short" } } },
        'error lightning.accounts.superuser.email: "root" is not an e-mail address: correct it',
        "error lightning.accounts.superuser.password: it has fewer than 12 characters: give a longer one, or leave it out",
    ],
    [
        "external backup",
        { database: { external }, backup: { keep: 7 } },
        "error lightning.backup: an external database is not backed up here: remove the block, and ask whoever runs the database",
    ],
    [
        "limits",
        { limits: { maxRunDurationSeconds: 0, runGracePeriodSeconds: -1, maxRunMemoryMb: 0 } },
        "error lightning.limits.maxRunDurationSeconds: 0 is out of range: give a whole number of seconds, at least 1",
        "error lightning.limits.runGracePeriodSeconds: -1 is out of range: give a whole number of seconds, at least 0",
        "error lightning.limits.maxRunMemoryMb: 0 is out of range: give a whole number of MB, at least 1",
    ],
    [
        "start timeout",
        { workers: { startTimeoutSeconds: 0 } },
        "error lightning.workers.startTimeoutSeconds: 0 is out of range: give a whole number of seconds, at least 1",
    ],
    [
        "rotation",
        { keys: { workerSecret: "w".repeat(44), workerSecretRotation: "2" } },
        "error lightning.keys.workerSecretRotation: keys.workerSecret is given, so nothing can be generated anew: give another key, or remove one",
    ],
];
