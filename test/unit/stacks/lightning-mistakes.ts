import { generateKeyPairSync } from "node:crypto";
import { base64, privateKey, publicKey } from "../components/systems/lightning/settings";

/** A configuration that somebody could have written, and everything that must be said about it. */
export interface Mistake {
    /** What went through the writer's head. */
    title: string;
    /** The file, without the project's name before the blocks. */
    yaml: string;
    /** Secrets stand in the file as they are. Default: they are encrypted. */
    inTheClear?: boolean;
    /** Level, path, problem and fix, in this order. */
    problems: string[];
}

const urlSafe = Buffer.alloc(32, 0xfb).toString("base64url");
const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" }) as string;

export const mistakes: Mistake[] = [
    {
        title: "singular for plural, a word left out, a host that is not there",
        yaml: "lightning: { worker: { replicas: 2 }, limits: { maxRunDuration: 600 }, host: plant-b }",
        problems: [
            "error lightning.limits.maxRunDuration: this key is unknown: remove it; known are maxRunDurationSeconds, runGracePeriodSeconds, maxRunMemoryMb, maxDataclipSizeMb",
            'error lightning.worker: this key is unknown: did you mean "workers"?',
            'error lightning.host: there is no host "plant-b": use default, or add it to hosts',
        ],
    },
    {
        title: "numbers and switches in quotes",
        yaml: 'lightning: { workers: { replicas: "2" }, accounts: { allowSignup: "false" }, edge: { httpsPort: "8443" } }',
        problems: [
            "error lightning.workers.replicas: it must be a number, not a text: write the number, without quotes",
            "error lightning.accounts.allowSignup: it must be true or false, not a text: write true or false, without quotes",
            "error lightning.edge.httpsPort: it must be a number, not a text: write the number, without quotes",
        ],
    },
    {
        title: "secrets written into the file",
        yaml: 'lightning: { keys: { workerSecret: "0123456789012345678901234567890123456789" }, mail: { adminEmail: a@example.org, mailgun: { apiKey: key-123, domain: mg.example.org } } }',
        inTheClear: true,
        problems: [
            "error lightning.keys.workerSecret: it is a secret, but is not encrypted in the config file: run `make pulumi STACK=dev ARGS='config set --secret --path groundwork:lightning.keys.workerSecret'` and type the value",
            "error lightning.mail.mailgun.apiKey: it is a secret, but is not encrypted in the config file: run `make pulumi STACK=dev ARGS='config set --secret --path groundwork:lightning.mail.mailgun.apiKey'` and type the value",
        ],
    },
    {
        title: "the keys as the generators print them, not in the form that Lightning reads",
        yaml: `lightning: { keys: { primaryEncryptionKey: ${urlSafe}, workerRunsPrivateKey: "-----BEGIN PRIVATE KEY-----", secretKeyBase: short, workerSecret: two words } }`,
        problems: [
            "error lightning.keys.primaryEncryptionKey: it must be standard Base64 of exactly 32 bytes, 44 characters: generate one with `openssl rand -base64 32`, or leave it out",
            "error lightning.keys.secretKeyBase: it has 5 bytes and needs 64: give a longer one, or leave it out",
            "error lightning.keys.workerSecret: it has 9 bytes and needs 32: give a longer one, or leave it out",
            "error lightning.keys.workerRunsPrivateKey: it is PEM text, not Base64 of it: encode the whole file with `base64 -w 0`",
        ],
    },
    {
        title: "the public key of another pair",
        yaml: `lightning: { keys: { workerRunsPrivateKey: ${privateKey}, workerPublicKey: ${base64(other)} } }`,
        problems: [
            "error lightning.keys.workerPublicKey: it does not belong to keys.workerRunsPrivateKey: leave it out: it is derived from the private key",
        ],
    },
    {
        title: "32 characters for an encryption key instead of 32 bytes",
        yaml: "lightning: { keys: { primaryEncryptionKey: abcdefghijklmnopqrstuvwxyz012345 } }",
        problems: [
            "error lightning.keys.primaryEncryptionKey: it must be standard Base64 of exactly 32 bytes, 44 characters: generate one with `openssl rand -base64 32`, or leave it out",
        ],
    },
    {
        title: "rotation of keys that were brought",
        yaml: `lightning: { keys: { workerSecret: ${"w".repeat(44)}, workerSecretRotation: second, workerPublicKey: ${publicKey} } }`,
        problems: [
            "error lightning.keys.workerPublicKey: a public key without its private key verifies nothing: give keys.workerRunsPrivateKey as well, or remove it",
            "error lightning.keys.workerSecretRotation: keys.workerSecret is given, so nothing can be generated anew: give another key, or remove one",
        ],
    },
    {
        title: "Docker's ten seconds for a worker, and its memory without its runs",
        yaml: "lightning: { workers: { stopGracePeriodSeconds: 10, capacity: 10, memory: 1024 } }",
        problems: [
            "error lightning.workers.stopGracePeriodSeconds: 10 s do not exceed a run of 300 s plus its grace of 10 s, so runs are killed and marked lost: give more than 310, or leave it out",
            "error lightning.workers.memory: 1024 MiB are less than 10 runs × 500 MB + 512 for the worker = 5512: give at least 5512, or lower workers.capacity or limits.maxRunMemoryMb",
        ],
    },
    {
        title: "more instances of web than an engine can have",
        yaml: "lightning: { web: { replicas: 2, memory: 256, logLevel: verbose } }",
        problems: [
            "error lightning.web.memory: 256 is out of range: give a whole number of MiB, at least 512",
            'error lightning.web.logLevel: "verbose" is none of the words that Lightning knows here: give one of emergency, alert, critical, error, warning, warn, notice, info, debug',
            "error lightning.web.replicas: 2 instances on a plain Docker Engine would not share stored exports, and nothing would replace them one after the other: leave it at 1",
        ],
    },
    {
        title: "both stores, one of them half, with its key as downloaded",
        yaml: `lightning: { storage: { local: { containerPath: exports }, gcs: { credentials: '{"client_email": "a@b"}' } } }`,
        problems: [
            "error lightning.storage.gcs: Google Cloud Storage needs bucket and credentials, but bucket is missing: set what is missing, or remove the block",
            "error lightning.storage: local and gcs exclude each other: remove one of them",
            "error lightning.storage.gcs.credentials: it is JSON, but must be Base64 encoded: encode the key file with `base64 -w 0`",
            'error lightning.storage.local.containerPath: "exports" is not an absolute path of a directory: give one that begins with /',
        ],
    },
    {
        title: "two mail providers, neither complete, and no sender",
        yaml: "lightning: { mail: { mailgun: { apiKey: key-123 }, smtp: { username: u, password: p, tls: starttls, port: 0 } } }",
        problems: [
            "error lightning.mail.mailgun: Mailgun needs apiKey and domain, but domain is missing: set what is missing, or remove the block",
            "error lightning.mail.smtp: a mail server needs username, password and relay, but relay is missing: set what is missing, or remove the block",
            'error lightning.mail.smtp.tls: "starttls" is none of the words that Lightning knows here: give one of true, false, if_available',
            "error lightning.mail.smtp.port: 0 is not a port: give a whole number from 1 to 65535",
            "error lightning.mail: mailgun and smtp exclude each other: remove one of them",
            "error lightning.mail.adminEmail: mails need a sender: set the address that people may answer to",
        ],
    },
    {
        title: "a GitHub App by its title, with three of five settings and the key file as it is",
        yaml: 'lightning: { github: { appId: Iv1.1234, appName: "Our Flows", certificate: "-----BEGIN RSA PRIVATE KEY-----" } }',
        problems: [
            "error lightning.github: a GitHub App needs appId, appName, clientId, clientSecret and certificate, but clientId and clientSecret are missing: set what is missing, or remove the block",
            'error lightning.github.appId: "Iv1.1234" is not a number: copy the App ID from the settings of the app',
            'error lightning.github.appName: "Our Flows" is not the name in the public link: write it as in the public link: lower case, hyphens for spaces',
            "error lightning.github.certificate: it is PEM text, not Base64 of it: Base64-encode the downloaded file on a single line: `base64 -w 0`",
        ],
    },
    {
        title: "half an OAuth client, over plain HTTP",
        yaml: "lightning: { google: { clientId: g.apps.example.org } }",
        problems: [
            "warning lightning.google: Lightning 2.14.14 may not read it: OAuth clients are kept in the database: make the client in the interface, and remove the block",
            "error lightning.google: Google login needs clientId and clientSecret, but clientSecret is missing: set what is missing, or remove the block",
            "warning lightning.google: it calls back to http://127.0.0.1, and most providers want https: set one of the blocks of edge.tls, or url.scheme",
        ],
    },
    {
        title: "Kafka switched off with its settings left",
        yaml: "lightning: { kafka: { enabled: false, consumers: 4, alternateStorage: {} } }",
        problems: ["error lightning.kafka: Kafka triggers are off, so its other settings have no effect: remove them, or enabled: false"],
    },
    {
        title: "Kafka too slow, and in the directory of exports",
        yaml: "lightning: { kafka: { messagesPerSecond: 0.05, consumers: 0, alternateStorage: { containerPath: /app/storage } } }",
        problems: [
            "error lightning.kafka.consumers: 0 is out of range: give a whole number, at least 1",
            "error lightning.kafka.messagesPerSecond: 0.05 would forward nothing: give at least 0.1, one message every ten seconds",
            "error lightning.kafka.alternateStorage.containerPath: exports are in /app/storage as well: give each a directory of its own",
        ],
    },
    {
        title: "AI chat without a key, at an address with a slash",
        yaml: "lightning: { ai: { apolloEndpoint: 'http://apollo:3000/' } }",
        problems: [
            "error lightning.ai: AI chat needs anthropicApiKey and apolloEndpoint, but anthropicApiKey is missing: set what is missing, or remove the block",
            "error lightning.ai.apolloEndpoint: it ends with a slash: remove the slash",
        ],
    },
    {
        title: "a URL for a host name, and origins that leave the public address out",
        yaml: "lightning: { url: { scheme: HTTPS, host: 'https://flows.example.org/', port: 70000 }, web: { origins: [flows.example.org] } }",
        problems: [
            'error lightning.url.scheme: "HTTPS" is none of the words that Lightning knows here: give one of http, https',
            "error lightning.url.port: 70000 is not a port: give a whole number from 1 to 65535",
            'error lightning.url.host: "https://flows.example.org/" is not a host name: give the name alone, without scheme, port and path',
            'error lightning.web.origins: "flows.example.org" is not an origin: write https://host, //host or //*.host',
        ],
    },
    {
        title: "somebody else's database and ours, with backups, as a URL without a password",
        yaml: "lightning: { database: { bundled: { majorVersion: 13 }, external: { host: 'postgres://db.example.org/', name: lightning, user: owner } }, backup: { keep: 0 } }",
        problems: [
            "error lightning.database.external: an external database needs host, name, user and password, but password is missing: set what is missing, or remove the block",
            "error lightning.database.bundled.majorVersion: Lightning does not run on PostgreSQL 13: give 14 or more, or leave it out",
            "error lightning.database: bundled and external exclude each other: remove one of them",
            "error lightning.database.external.host: it is not a host name: give the name or address alone",
            "error lightning.backup: an external database is not backed up here: remove the block, and ask whoever runs the database",
        ],
    },
    {
        title: "variables that have settings, are empty, or belong elsewhere",
        yaml: "lightning: { web: { extraEnv: { LISTEN_ADDRESS: 127.0.0.1, URL_HOST: flows, SOME_FLAG: '', K8S_HEADLESS_SERVICE: web } }, workers: { extraSecretEnv: { WORKER_SECRET: mine } } }",
        problems: [
            "error lightning.web.extraEnv.LISTEN_ADDRESS: in a container it must be 0.0.0.0, which it always is: remove it",
            "error lightning.web.extraEnv.URL_HOST: this variable has a setting of its own: use url.host instead",
            "error lightning.web.extraEnv.SOME_FLAG: Lightning stops on an empty value: give one, or remove the variable",
            "error lightning.web.extraEnv.K8S_HEADLESS_SERVICE: only on Kubernetes, where it names the service through which the nodes of a cluster find each other: remove it",
            "error lightning.workers.extraSecretEnv.WORKER_SECRET: this variable has a setting of its own: use keys.workerSecret instead",
        ],
    },
    {
        title: "workers pointed at web's page, with capacity said twice",
        yaml: "lightning: { workers: { serviceUrl: 'http://web:4000', capacity: 2, workloops: 'manual=4', backoff: '5', maxPayloadMb: 50 } }",
        problems: [
            "error lightning.workers.capacity: capacity and workloops exclude each other: remove one of them",
            'error lightning.workers.workloops: "manual=4" is not a list of queues with slots: write e.g. "fast_lane:1 manual>*:4"',
            'error lightning.workers.backoff: "5" is not a pair of seconds: write the shortest and the longest, e.g. "1/10"',
            "error lightning.workers.maxPayloadMb: 50 MB do not fit: web takes no more than 11 MB with everything around: give 10 or less",
            'error lightning.workers.serviceUrl: "http://web:4000" is not a URL of the kind that is wanted here: give one that begins with ws:// or wss://',
            "error lightning.workers.workloops: worker 1.19.6 ignores it and takes 5 runs at a time instead: set workers.image to 1.22.0 or newer, or use workers.capacity",
        ],
    },
    {
        title: "settings as they were called before, and a variable that is not the worker's",
        yaml: "lightning: { retention: { queueResultPeriod: 60 }, web: { adaptorsPath: /srv/adaptors }, workers: { logLevel: success, extraEnv: { DATABASE_URL: x } } }",
        problems: [
            'error lightning.web.adaptorsPath: this key is unknown: did you mean "adaptors"?',
            "error lightning.retention.queueResultPeriod: this key is unknown: remove it; known are queueResultMinutes",
            'error lightning.workers.logLevel: "success" is none of the words that Lightning knows here: give one of none, default, info, debug',
            "error lightning.workers.extraEnv.DATABASE_URL: it is web's alone: workers run code that people write, and must not have it: use database instead",
        ],
    },
    {
        title: "images that can move, and a public page that anybody may register on",
        yaml: "lightning: { web: { image: 'openfn/lightning:latest' }, edge: { domain: flows.example.org, bindAddress: 0.0.0.0, tls: { http01: { email: a@example.org } } } }",
        problems: [
            `warning lightning.web.image: "openfn/lightning:latest" can come to mean another image: give it by digest (…@sha256:…), which \`docker image inspect --format '{{index .RepoDigests 0}}' openfn/lightning:latest\` prints after a pull`,
            "warning lightning.workers.image: web and workers belong together, but only one of the two images is set: set both images to versions that are known to work together",
            "warning lightning.accounts.allowSignup: anybody who reaches 0.0.0.0 may register: set it to false, unless strangers are welcome",
        ],
    },
    {
        title: "a demo that wipes itself",
        yaml: "lightning: { demo: { resettable: true }, limits: { maxDataclipSizeMb: 50 }, edge: { maxBodySizeMb: 20 } }",
        problems: [
            "error lightning.demo.resettable: a reset deletes most of the database: remove the block, or set demo.allowDataLoss: true for a real demo",
            "warning lightning.limits.maxDataclipSizeMb: a worker's connection carries no more than 11 MB, so larger runs may be lost: give 10 or less",
            "warning lightning.edge.maxBodySizeMb: the proxy refuses what web would take, up to 50 MB: give it at least as many MB",
        ],
    },
    {
        title: "the ports of Open Pectus",
        yaml: `
hosts: { default: { docker: {} } }
openpectus: { edge: { domain: localhost, httpPort: 8080, httpsPort: 8443, tls: { devCa: {} } }, dataProtection: false, engines: { r1: {} } }
lightning: { edge: { domain: localhost, httpPort: 8080, httpsPort: 8443, tls: { devCa: {} } }, dataProtection: false }`,
        problems: [
            'error lightning.edge.httpPort: port 8080 on host "default" is already used by openpectus.edge.httpPort: choose another port',
            'error lightning.edge.httpsPort: port 8443 on host "default" is already used by openpectus.edge.httpsPort: choose another port',
        ],
    },
];
