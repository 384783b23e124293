import { generateKeyPairSync } from "node:crypto";
import type { LightningBlock } from "../../../../../components/systems/lightning/schema";
import { pinned } from "../../../../support/pinned";

const pair = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
});

export const base64 = (text: string) => Buffer.from(text).toString("base64");
export const bytes32 = base64("0123456789abcdef0123456789abcdef");
export const privateKey = base64(pair.privateKey);
export const publicKey = base64(pair.publicKey);
export const serviceAccount = base64(JSON.stringify({ client_email: "a@b.iam.example", private_key: pair.privateKey }));

/** Every setting that can stand beside the others, each with a value that is right. */
export function everything(): LightningBlock {
    return {
        url: { scheme: "https", host: "lightning.example.org", port: 443 },
        web: {
            image: pinned.lightning,
            replicas: 1,
            memory: 2560,
            port: 4000,
            logLevel: "warning",
            origins: ["https://lightning.example.org", "//*.example.org"],
            corsOrigins: ["https://www.example.org"],
            idleTimeoutSeconds: 90,
            adaptors: { containerPath: "/srv/adaptors", hostPath: "/srv/lightning/adaptors" },
            schemas: { containerPath: "/srv/schemas", hostPath: "/srv/lightning/schemas" },
            sentryDsn: "https://key@sentry.example.org/1",
            stopGracePeriodSeconds: 150,
            extraEnv: { PURGE_DELETED_AFTER_DAYS: "14" },
            extraSecretEnv: { PROMEX_METRICS_ENDPOINT_TOKEN: "metrics token" },
        },
        workers: {
            image: pinned["lightning-worker"],
            replicas: 3,
            capacity: 2,
            memory: 2048,
            stopGracePeriodSeconds: 700,
            startTimeoutSeconds: 120,
            logLevel: "debug",
            logs: { batch: true, batchIntervalMs: 20, batchLimit: 40, maxPayloadMb: 2 },
            timeouts: { claimSeconds: 1800, messageSeconds: 45, retryCount: 3, retryDelayMs: 5000 },
            validation: { retries: 4, timeoutMs: 8000 },
            sentry: { dsn: "https://key@sentry.example.org/2", environment: "production" },
            profile: { enabled: true, pollIntervalMs: 25 },
            localAdaptors: { containerPath: "/srv/checkout", hostPath: "/srv/lightning/checkout" },
            backoff: "1/5",
            maxPayloadMb: 9,
            statePropsToRemove: ["configuration"],
            collections: { url: "https://lightning.example.org/collections", version: "0.8.0" },
            serviceUrl: "ws://web:4000/worker",
            extraEnv: { HTTPS_PROXY: "http://proxy.example.org:3128" },
            extraSecretEnv: { NPM_TOKEN: "registry token" },
        },
        limits: { maxRunDurationSeconds: 600, runGracePeriodSeconds: 20, maxRunMemoryMb: 512, maxDataclipSizeMb: 5 },
        database: {
            poolSize: 20,
            external: { host: "db.example.org", port: 5433, name: "lightning", user: "owner", password: "p@ss/word", maxConnections: 200 },
        },
        keys: {
            primaryEncryptionKey: bytes32,
            secretKeyBase: "s".repeat(64),
            workerSecret: "w".repeat(44),
            workerRunsPrivateKey: privateKey,
            workerPublicKey: publicKey,
            repoConnectionSigningSecret: bytes32,
        },
        accounts: {
            allowSignup: false,
            superuser: { email: "root@example.org", firstName: "Ada", lastName: "L", password: "a long password" },
        },
        mail: {
            adminEmail: "support@example.org",
            senderName: "Flows",
            smtp: { username: "mailer", password: "mail password", relay: "smtp.example.org", tls: "if_available", port: 465 },
        },
        github: { appId: "1234", appName: "our-flows", clientId: "Iv1.x", clientSecret: "github secret", certificate: privateKey },
        google: { clientId: "g.apps.example", clientSecret: "google secret" },
        salesforce: { clientId: "s-key", clientSecret: "salesforce secret" },
        storage: { local: { containerPath: "/srv/exports", hostPath: "/srv/lightning/exports" } },
        kafka: {
            enabled: true,
            consumers: 4,
            messagesPerSecond: 0.5,
            processors: 2,
            duplicateTrackingRetentionSeconds: 7200,
            notificationEmbargoSeconds: 0,
            alternateStorage: { containerPath: "/srv/kafka", hostPath: "/srv/lightning/kafka" },
        },
        ai: { anthropicApiKey: "anthropic key", openaiApiKey: "openai key", apolloEndpoint: "http://apollo:3000" },
        usageTracking: {
            enabled: true,
            host: "https://impact.example.org",
            uuids: "cleartext",
            dailyBatchSize: 5,
            resubmissionBatchSize: 6,
            runChunkSize: 50,
        },
        retention: { queueResultMinutes: 30 },
        demo: { resettable: true, allowDataLoss: true },
        dataProtection: false,
        edge: { domain: "lightning.example.org", tls: { devCa: {} } },
        backup: {},
    };
}
