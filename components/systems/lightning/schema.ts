import { z } from "zod";
import { backupSchema } from "../../backup";
import { edgeSchema } from "../../edge";
import { secretText, type Matches } from "../../settings";
import type * as args from "./args";

const text = z.string().optional();
const number = z.number().optional();
const flag = z.boolean().optional();
const secret = secretText().optional();
const texts = z.array(z.string()).optional();
const variables = z.record(z.string(), z.string()).optional();
const secretVariables = z.record(z.string(), secretText()).optional();

const content = z.strictObject({ containerPath: text, hostPath: text } satisfies Matches<args.LightningContent>).optional();

const web = z.strictObject({
    image: text,
    replicas: number,
    memory: number,
    port: number,
    logLevel: text,
    origins: texts,
    corsOrigins: texts,
    idleTimeoutSeconds: number,
    adaptors: content,
    schemas: content,
    sentryDsn: secret,
    stopGracePeriodSeconds: number,
    extraEnv: variables,
    extraSecretEnv: secretVariables,
} satisfies Matches<args.LightningWeb>);

const timeouts = z.strictObject({
    claimSeconds: number,
    messageSeconds: number,
    socketSeconds: number,
    retryCount: number,
    retryDelayMs: number,
} satisfies Matches<args.LightningWorkerTimeouts>);

const logs = z.strictObject({
    batch: flag,
    batchIntervalMs: number,
    batchLimit: number,
    maxPayloadMb: number,
} satisfies Matches<args.LightningWorkerLogs>);

const workers = z.strictObject({
    image: text,
    replicas: number,
    capacity: number,
    workloops: text,
    memory: number,
    stopGracePeriodSeconds: number,
    startTimeoutSeconds: number,
    logLevel: text,
    logs: logs.optional(),
    timeouts: timeouts.optional(),
    validation: z.strictObject({ retries: number, timeoutMs: number } satisfies Matches<args.LightningWorkerValidation>).optional(),
    sentry: z.strictObject({ dsn: secret, environment: text } satisfies Matches<args.LightningWorkerSentry>).optional(),
    profile: z.strictObject({ enabled: flag, pollIntervalMs: number } satisfies Matches<args.LightningWorkerProfile>).optional(),
    localAdaptors: content,
    backoff: text,
    maxPayloadMb: number,
    statePropsToRemove: texts,
    collections: z.strictObject({ url: text, version: text } satisfies Matches<args.LightningCollections>).optional(),
    serviceUrl: text,
    extraEnv: variables,
    extraSecretEnv: secretVariables,
} satisfies Matches<args.LightningWorkers>);

const limits = z.strictObject({
    maxRunDurationSeconds: number,
    runGracePeriodSeconds: number,
    maxRunMemoryMb: number,
    maxDataclipSizeMb: number,
} satisfies Matches<args.LightningLimits>);

const database = z.strictObject({
    poolSize: number,
    bundled: z
        .strictObject({
            majorVersion: number,
            image: text,
            maxConnections: number,
            memory: number,
        } satisfies Matches<args.LightningBundledDatabase>)
        .optional(),
    external: z
        .strictObject({
            host: text,
            port: number,
            name: text,
            user: text,
            password: secret,
            allowUnencrypted: flag,
            maxConnections: number,
        } satisfies Matches<args.LightningExternalDatabase>)
        .optional(),
} satisfies Matches<args.LightningDatabase>);

const keys = z.strictObject({
    primaryEncryptionKey: secret,
    secretKeyBase: secret,
    secretKeyBaseRotation: text,
    workerSecret: secret,
    workerSecretRotation: text,
    workerRunsPrivateKey: secret,
    workerPublicKey: text,
    workerKeyPairRotation: text,
    repoConnectionSigningSecret: secret,
    repoConnectionSigningRotation: text,
} satisfies Matches<args.LightningKeys>);

const superuser = z.strictObject({
    email: text,
    firstName: text,
    lastName: text,
    password: secret,
} satisfies Matches<args.LightningSuperuser>);

const smtp = z.strictObject({
    username: text,
    password: secret,
    relay: text,
    tls: text,
    port: number,
} satisfies Matches<args.LightningSmtp>);

const mail = z.strictObject({
    adminEmail: text,
    senderName: text,
    mailgun: z.strictObject({ apiKey: secret, domain: text } satisfies Matches<args.LightningMailgun>).optional(),
    smtp: smtp.optional(),
} satisfies Matches<args.LightningMail>);

const github = z.strictObject({
    appId: text,
    appName: text,
    clientId: text,
    clientSecret: secret,
    certificate: secret,
} satisfies Matches<args.LightningGithub>);

const oauthClient = z.strictObject({ clientId: text, clientSecret: secret } satisfies Matches<args.LightningOauthClient>);

const directory = z.strictObject({ containerPath: text, hostPath: text } satisfies Matches<args.LightningDirectory>);

const storage = z.strictObject({
    local: directory.optional(),
    gcs: z.strictObject({ bucket: text, credentials: secret } satisfies Matches<args.LightningGcs>).optional(),
} satisfies Matches<args.LightningStorage>);

const kafka = z.strictObject({
    enabled: flag,
    consumers: number,
    messagesPerSecond: number,
    processors: number,
    duplicateTrackingRetentionSeconds: number,
    notificationEmbargoSeconds: number,
    alternateStorage: directory.optional(),
} satisfies Matches<args.LightningKafka>);

const usageTracking = z.strictObject({
    enabled: flag,
    host: text,
    uuids: text,
    dailyBatchSize: number,
    resubmissionBatchSize: number,
    runChunkSize: number,
} satisfies Matches<args.LightningUsageTracking>);

const lightning = {
    url: z.strictObject({ scheme: text, host: text, port: number } satisfies Matches<args.LightningUrl>).optional(),
    web: web.optional(),
    workers: workers.optional(),
    limits: limits.optional(),
    database: database.optional(),
    keys: keys.optional(),
    accounts: z.strictObject({ allowSignup: flag, superuser: superuser.optional() } satisfies Matches<args.LightningAccounts>).optional(),
    mail: mail.optional(),
    github: github.optional(),
    google: oauthClient.optional(),
    salesforce: oauthClient.optional(),
    storage: storage.optional(),
    kafka: kafka.optional(),
    ai: z
        .strictObject({ anthropicApiKey: secret, openaiApiKey: secret, apolloEndpoint: text } satisfies Matches<args.LightningAi>)
        .optional(),
    usageTracking: usageTracking.optional(),
    retention: z.strictObject({ queueResultMinutes: number } satisfies Matches<args.LightningRetention>).optional(),
    demo: z.strictObject({ resettable: flag, allowDataLoss: flag } satisfies Matches<args.LightningDemo>).optional(),
    dataProtection: flag,
    edge: edgeSchema.optional(),
    backup: backupSchema.optional(),
} satisfies Matches<args.LightningSettings>;

/** The block `lightning` of a config file. Values are not looked into here: the rules do that, with better messages. */
export const lightningSchema = z.strictObject({
    host: z
        .string()
        .describe("The host that runs all of it: its name in `hosts`. Default: `default`. Data does not move with it.")
        .optional(),
    ...lightning,
});

/** The block `lightning` with plain values. */
export type LightningBlock = z.infer<typeof lightningSchema>;
