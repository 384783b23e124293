import type * as pulumi from "@pulumi/pulumi";
import type { BackupSettings } from "../../backup";
import type { EdgeSettings } from "../../edge";

/** Arguments of `Lightning`: database, migrations, web, workers, reverse proxy and backups. */
export interface LightningArgs extends LightningSettings {
    /**
     * Start of every physical name. Default: `<project>-<stack>`.
     * A change replaces everything here; volumes are then new and empty.
     */
    prefix?: string;
    /**
     * Volumes (by name) and directories of the host (by path) that may be taken over although another state made them, e.g. after a state
     * was lost. Default: none. A change changes nothing that is deployed.
     */
    adopt?: string[];
    /** Path that problems are reported under. Default: the name of the component. */
    settingsPath?: string;
}

/**
 * What the person who runs an environment decides about OpenFn Lightning.
 * Source, unless said otherwise: deployment guide of Lightning (`DEPLOYMENT.md`). The variables behind the settings are in the table below.
 */
export interface LightningSettings {
    /** Public address, as people and other programs see it. Default: the address of the edge. */
    url?: LightningUrl;
    /** The web application. */
    web?: LightningWeb;
    /** The workers, which execute runs. */
    workers?: LightningWorkers;
    /** Limits of a run, the same for web and workers. */
    limits?: LightningLimits;
    /** Where the data is. Default: a Postgres of our own. */
    database?: LightningDatabase;
    /** Keys and secrets. Default: all are generated. */
    keys?: LightningKeys;
    /** Who may use it. */
    accounts?: LightningAccounts;
    /** Outgoing mail. Default: none is delivered. */
    mail?: LightningMail;
    /** GitHub App, to keep projects in repositories. Default: off. */
    github?: LightningGithub;
    /** OAuth client for Google credentials, for releases of the guide's time (2.10). Default: off. */
    google?: LightningOauthClient;
    /** OAuth client for Salesforce credentials, for releases of the guide's time (2.10). Default: off. */
    salesforce?: LightningOauthClient;
    /** Where exports are stored. Default: a volume. */
    storage?: LightningStorage;
    /** Kafka triggers, experimental. Default: off. */
    kafka?: LightningKafka;
    /** AI chat, experimental. Default: off. */
    ai?: LightningAi;
    /** Anonymous usage reports to OpenFn. Default: on, hashed. */
    usageTracking?: LightningUsageTracking;
    /** How long things are kept. */
    retention?: LightningRetention;
    /** An instance for demonstrations, whose data may be wiped. Default: none. */
    demo?: LightningDemo;
    /**
     * Keep the database, its password, the encryption key, exports, Kafka messages, backups and certificates when the stack goes, and
     * refuse to delete them. Default: true.
     */
    dataProtection?: boolean;
    /** Reverse proxy: public name, TLS, ports. */
    edge?: EdgeSettings;
    /** Backups of our own Postgres. An external one is backed up by whoever runs it. */
    backup?: BackupSettings;
}

/** Public address: written into mails, links and OAuth callbacks. It is not what the program listens on. A change replaces web. */
export interface LightningUrl {
    /** `http` or `https`. Default: `https` when the edge has TLS, else `http`. */
    scheme?: string;
    /** Name alone, without scheme and port, e.g. `lightning.example.org`. Default: the edge's domain, else its address. */
    host?: string;
    /** Port as clients see it. Default: the usual one of `scheme` where that is set, else the edge's. */
    port?: number;
}

/** The web application: one container. Every change here replaces it, which interrupts the interface for some seconds. */
export interface LightningWeb {
    /**
     * Image, by digest where `dataProtection` is on. Default: role `lightning` of `images.lock.json`, once `make pin` has run. Change it together with `workers.image`.
     * A change runs the backup, then the migrations while the old web still serves, then replaces web. Migrations go forward only.
     */
    image?: string;
    /** Number of instances. Default: 1, and on a plain Docker Engine never more: they would not share exports and could not be replaced in turn. */
    replicas?: number;
    /** Memory limit in MiB. Default: 2048. */
    memory?: number;
    /** TCP port inside the container, plain HTTP. Default: 4000. */
    port?: number;
    /** `emergency`, `alert`, `critical`, `error`, `warning`, `warn`, `notice`, `info` or `debug`. Default: `info`. */
    logLevel?: string;
    /** Origins that may open WebSockets: `https://host`, `//host` or `//*.host`. Default: the public address. Without it the program breaks. */
    origins?: string[];
    /** Hosts that browsers may call the API from (CORS). Default: any. */
    corsOrigins?: string[];
    /** Seconds without data after which web drops a connection. Below 60 it drops healthy ones. Default: the program's, 75. */
    idleTimeoutSeconds?: number;
    /**
     * Installed adaptors, in place of the image's own. Web cannot add any there. `containerPath` is `/app/adaptors` by default.
     * Default: the image's own, `/app/priv/openfn`.
     */
    adaptors?: LightningContent;
    /**
     * Credential schemas, in place of the image's own. `containerPath` is `/app/schemas` by default. Default: the image's own,
     * `/app/priv/schemas`.
     */
    schemas?: LightningContent;
    /** Where errors are reported to (Sentry DSN). Secret. Default: nowhere. */
    sentryDsn?: pulumi.Input<string>;
    /** Seconds between stop signal and kill; background jobs get 120 to end. Default: 130. */
    stopGracePeriodSeconds?: number;
    /** Variables that Lightning has learned since, for web and migrations. Those with a setting here are refused. */
    extraEnv?: Record<string, pulumi.Input<string>>;
    /** The same for secret values. */
    extraSecretEnv?: Record<string, pulumi.Input<string>>;
}

/**
 * Workers pull runs from web over a WebSocket and are never published. A change here replaces each of them, a change of web all of them
 * with it; each first finishes its runs, while the old web still takes the results.
 */
export interface LightningWorkers {
    /**
     * Image, by digest where `dataProtection` is on. Default: role `lightning-worker` of `images.lock.json`, once `make pin` has run. Change
     * it together with `web.image`.
     */
    image?: string;
    /** Number of worker containers. Runs in parallel: replicas times capacity. Default: 1. */
    replicas?: number;
    /** Runs that one worker takes at a time. Default: 5. */
    capacity?: number;
    /**
     * Slots by queue, e.g. `fast_lane:1 manual>*:4`. Excludes `capacity`. Source: ws-worker. Workers read it from 1.22.0 on; older ones
     * take five runs at a time instead, so with an image that is known to be older it is refused. Default: none.
     */
    workloops?: string;
    /**
     * Memory limit in MiB. Default: capacity, or the slots of `workloops`, times `limits.maxRunMemoryMb`, plus 512 for the worker itself.
     * With `workloops` and an image that does not tell its release it is enough for five runs, which a worker may take that ignores them.
     */
    memory?: number;
    /**
     * Seconds that a stopping worker has for its runs; killed earlier, its runs are lost. Must exceed `limits.maxRunDurationSeconds`
     * plus `limits.runGracePeriodSeconds`. Default: their sum plus 30. An update waits that long for a long run.
     */
    stopGracePeriodSeconds?: number;
    /** Seconds that a new worker has to connect to web; later, the update fails and names it. Default: 300. A change interrupts nothing. */
    startTimeoutSeconds?: number;
    /** `none` (errors alone), `default` (warnings and results), `info`, or `debug`, which prints data of runs. Default: `info`. */
    logLevel?: string;
    /** Messages of runs to web. */
    logs?: LightningWorkerLogs;
    /** How long a worker waits for web. */
    timeouts?: LightningWorkerTimeouts;
    /** How a worker starts its engine. */
    validation?: LightningWorkerValidation;
    /** Where a worker reports its errors to. Default: nowhere. */
    sentry?: LightningWorkerSentry;
    /** Measures the memory of runs more exactly, which makes them a little slower. Default: off. */
    profile?: LightningWorkerProfile;
    /**
     * A checkout of the adaptors' repository, built: a job that names the version `local` of an adaptor gets it from there.
     * `containerPath` is `/srv/adaptors` by default. Default: none.
     */
    localAdaptors?: LightningContent;
    /** Shortest and longest seconds between two attempts to claim a run or to connect, e.g. `1/10`. Default: the program's, `1/10`. */
    backoff?: string;
    /** Largest message to web in MB, whole ones. Larger results are not kept. Web accepts no more than 11. Default: the program's, 10. */
    maxPayloadMb?: number;
    /** Keys removed from the state of a run before it is sent. Default: the program's, `configuration` and `response`. */
    statePropsToRemove?: string[];
    /** Lets runs use Collections. Default: off. */
    collections?: LightningCollections;
    /** WebSocket address of web, ending in `/worker`. Default: web's own, inside the private network; the public one drops more runs. */
    serviceUrl?: string;
    /** Further variables of the worker. Those with a setting here are refused. */
    extraEnv?: Record<string, pulumi.Input<string>>;
    /** The same for secret values. */
    extraSecretEnv?: Record<string, pulumi.Input<string>>;
}

/** Log messages of runs. Workers read these from 1.20.0 on. */
export interface LightningWorkerLogs {
    /** Send lines in batches. From 1.21.5 on web must know the message `run:batch_logs`. Default: false. */
    batch?: boolean;
    /** Milliseconds that lines are gathered for a batch. Default: 10. */
    batchIntervalMs?: number;
    /** Most lines of a batch. Default: 50. */
    batchLimit?: number;
    /** Largest message in MB, whole ones. Default: 1. */
    maxPayloadMb?: number;
}

/** How long a worker waits for web. */
export interface LightningWorkerTimeouts {
    /** Seconds that the answer to a claim may take; with few, claimed runs can be lost. Workers read it from 1.14.3 on. Default: 3600. */
    claimSeconds?: number;
    /** Seconds that the answer to any other message may take. Workers read it from 1.13.1 on. Default: 30. */
    messageSeconds?: number;
    /** The same for workers before 1.13.1, whose default is 10. Newer ones read it, too, and it wins over `messageSeconds`. */
    socketSeconds?: number;
    /** How often a message without an answer is sent. Read from 1.19.4 on, but from 1.19.5 to 1.25.0 it is sent once. Default: 10. */
    retryCount?: number;
    /** Milliseconds before it is sent again, for the same workers. Default: 30000. */
    retryDelayMs?: number;
}

/** How a worker starts its engine. Workers read these from 1.18.0 on. */
export interface LightningWorkerValidation {
    /** Attempts, for slow machines. Default: 3. */
    retries?: number;
    /** Milliseconds that an attempt may take. Default: 5000. */
    timeoutMs?: number;
}

/** Sentry, for workers. They read these from 1.13.0 on. `web.sentryDsn` is web's. */
export interface LightningWorkerSentry {
    /** Address that errors are reported to. Needed. Secret. */
    dsn?: pulumi.Input<string>;
    /** Environment that reports name. Default: the program's, `dev`. */
    environment?: string;
}

/** Measurement of the memory of runs. Workers read these from 1.19.0 on. */
export interface LightningWorkerProfile {
    /** Switch it on. Default: true when this block is present. */
    enabled?: boolean;
    /** Milliseconds between two measurements. Default: 10. */
    pollIntervalMs?: number;
}

/** Collections: a key-value store that runs can use. */
export interface LightningCollections {
    /** Address of the Collections API, e.g. `https://lightning.example.org/collections`. Default: web's own, inside the private network. */
    url?: string;
    /** Version of `@openfn/language-collections`. Without it a worker asks the npm registry before it connects, or never does. */
    version?: string;
}

/** Limits of a run. A change replaces web and workers. */
export interface LightningLimits {
    /** Seconds that a run may take. Web and workers get the same value, because different ones lose runs. Default: 300. */
    maxRunDurationSeconds?: number;
    /** Further seconds that web waits for the result of a run before it counts as lost. Default: 10. */
    runGracePeriodSeconds?: number;
    /** Memory of one run in MB. Default: 500. */
    maxRunMemoryMb?: number;
    /** Largest body of a webhook in MB. Above 10 the worker's connection, which is capped at 11 MB, may lose the run. Default: 10. */
    maxDataclipSizeMb?: number;
}

/** Where the data is: `bundled` and `external` exclude each other. */
export interface LightningDatabase {
    /** Database connections that web keeps open. Default: 10. A change replaces web. */
    poolSize?: number;
    /** A Postgres of our own, in a container that only this deployment reaches, without TLS. The default. */
    bundled?: LightningBundledDatabase;
    /** A Postgres that exists. It must be at least 14, and the user must be allowed to create the extension `citext`. */
    external?: LightningExternalDatabase;
}

/** Postgres in a container. */
export interface LightningBundledDatabase {
    /** Major version. Another one than that of existing data is refused; the message says how to upgrade. Default: the image's. */
    majorVersion?: number;
    /** Image. Default: role `postgres` of `images.lock.json`. A change runs the backup, then interrupts web for some seconds. */
    image?: string;
    /** `max_connections`. Default: 100, or more when the pool needs it. A change interrupts web for some seconds. */
    maxConnections?: number;
    /** Memory limit in MiB. Default: 1024. A change interrupts web for some seconds. */
    memory?: number;
}

/** A Postgres that somebody else runs. A change replaces web and runs the migrations there; no data is moved. */
export interface LightningExternalDatabase {
    /** Host name or address. */
    host?: string;
    /** TCP port. Default: 5432. */
    port?: number;
    /** Name of the database. */
    name?: string;
    /** User, the owner of the database. */
    user?: string;
    /** Password of that user. Any characters. Secret. */
    password?: pulumi.Input<string>;
    /**
     * Connect without TLS; otherwise TLS is required. Newer versions of Lightning also check the certificate against the public authorities:
     * for a private one set `DISABLE_DB_SSL_CERT_VERIFY: "true"` in `web.extraEnv`. Strongly discouraged: data and password cross the network in clear. For a TLS proxy on the same machine it is
     * right. Default: false.
     */
    allowUnencrypted?: boolean;
    /** `max_connections` of that server, to check it against the pool. Default: not checked. */
    maxConnections?: number;
}

/**
 * Keys and secrets. What is not given is generated. Each `…Rotation` is any text: another text makes a new key on the next `up`, which
 * replaces the containers that use it. A key that is given cannot have one.
 */
export interface LightningKeys {
    /**
     * Encrypts credentials, TOTP backup codes and webhook authentication in the database: 32 random bytes as standard Base64, 44 characters.
     * Secret. It never rotates: with another key everything encrypted is lost, so an update that would change it is refused.
     */
    primaryEncryptionKey?: pulumi.Input<string>;
    /** Signs cookies, at least 64 characters. Secret. A change logs everybody out. */
    secretKeyBase?: pulumi.Input<string>;
    /** See above. Logs everybody out. */
    secretKeyBaseRotation?: string;
    /** What workers show to web, at least 32 characters. Secret. A change replaces web and workers together. */
    workerSecret?: pulumi.Input<string>;
    /** See above. */
    workerSecretRotation?: string;
    /** Signs run tokens: Base64 (one line) of the PEM text of an RSA private key of 2048 bits or more. Secret. Only web gets it. */
    workerRunsPrivateKey?: pulumi.Input<string>;
    /** Its public half: Base64 (one line) of the PEM text. Only workers get it. Default: derived from the private key. */
    workerPublicKey?: string;
    /** See above, for both halves. */
    workerKeyPairRotation?: string;
    /** Signs the tokens of GitHub actions: 32 random bytes as standard Base64. Secret. Used with the block `github` only. */
    repoConnectionSigningSecret?: pulumi.Input<string>;
    /** See above. Repositories must be connected again. */
    repoConnectionSigningRotation?: string;
}

/** Who may use it. */
export interface LightningAccounts {
    /** Let anybody who reaches the page register. Default: true, as in the guide. A change replaces web. */
    allowSignup?: boolean;
    /** The first user, who administers. Made before web is reachable, unless there is a superuser already. */
    superuser?: LightningSuperuser;
}

/** The first user. A later change has no effect on a user that exists: change it in the interface. */
export interface LightningSuperuser {
    /** Address to log in with. Default: `mail.adminEmail`, else `superuser@` and the public host. */
    email?: string;
    /** First name. Default: `Groundwork`. */
    firstName?: string;
    /** Last name. Default: `Administrator`. */
    lastName?: string;
    /** At least 12 characters. Secret. Default: generated, see the output `superuserPassword`. */
    password?: pulumi.Input<string>;
}

/** Outgoing mail: `mailgun` and `smtp` exclude each other; with neither, mails stay in memory and reach nobody. A change replaces web. */
export interface LightningMail {
    /** Sender of system mails, and the support address in the menu. Needed with a provider. Default: `lightning@` and the public host. */
    adminEmail?: string;
    /** Name of the sender. Default: the program's, `OpenFn`. */
    senderName?: string;
    /** Mailgun. */
    mailgun?: LightningMailgun;
    /** A mail server. */
    smtp?: LightningSmtp;
}

/** Mailgun: both are needed. */
export interface LightningMailgun {
    /** Key of the Mailgun account. Secret. */
    apiKey?: pulumi.Input<string>;
    /** Domain that mails are sent from. */
    domain?: string;
}

/** A mail server: user name, password and relay are needed. Versions of Lightning before May 2026 want TLS 1.3 of it. */
export interface LightningSmtp {
    /** User name on the mail server. */
    username?: string;
    /** Password of that user. Secret. */
    password?: pulumi.Input<string>;
    /** Host name or address; with TLS the name on its certificate. */
    relay?: string;
    /** `true`, `false` or `if_available`. Default: `true`. */
    tls?: string;
    /** TCP port. Default: 587. */
    port?: number;
}

/**
 * A GitHub App. All five settings are needed; the outputs `github…Url` say which addresses to register with it. Permissions that the app
 * needs: Actions, Contents, Secrets and Workflows read and write, Metadata read only. In the section of the
 * callback address tick neither Device Flow nor OAuth; for the setup address tick Redirect on update. A change replaces web.
 */
export interface LightningGithub {
    /** App id, a number. */
    appId?: string;
    /** Name in the public link: lower case, hyphens for spaces. */
    appName?: string;
    /** Client id. */
    clientId?: string;
    /** Client secret. Secret. */
    clientSecret?: pulumi.Input<string>;
    /** Base64 (one line, `base64 -w 0`) of the private key file as downloaded. Secret. */
    certificate?: pulumi.Input<string>;
}

/**
 * An OAuth client. Register the output `oauthCallbackUrl` with it. Both are needed. A change replaces web.
 *
 * Lightning read these from its environment in the releases of the guide (2.10). Newer ones keep OAuth clients in the
 * database; they are made in the interface. Release 2.15.12 does not read these any more; upstream does not say which one stopped.
 */
export interface LightningOauthClient {
    /** Client id; at Salesforce the consumer key. */
    clientId?: string;
    /** Client secret; at Salesforce the consumer secret. Secret. */
    clientSecret?: pulumi.Input<string>;
}

/** Where exports are stored: `local` and `gcs` exclude each other. A change replaces web; nothing is moved. */
export interface LightningStorage {
    /** Files. The default. */
    local?: LightningDirectory;
    /** Google Cloud Storage. */
    gcs?: LightningGcs;
}

/** A directory that web writes to, owned by its user (uid 1000). */
export interface LightningDirectory {
    /** Absolute path in the container. Default: `/app/storage` for exports, `/app/kafka` for Kafka messages. */
    containerPath?: string;
    /** Absolute path of a directory of the host. A new one gets mode 0700. Default: a volume. */
    hostPath?: string;
}

/** A directory that somebody else fills. It is mounted read-only, and must not be empty. A change replaces the containers that see it. */
export interface LightningContent {
    /** Absolute path in the container. Without `hostPath` the directory must be in the image. */
    containerPath?: string;
    /** Absolute path of a directory of the host, readable for everybody. */
    hostPath?: string;
}

/** A bucket of Google Cloud Storage. Both are needed. */
export interface LightningGcs {
    /** Name of the bucket. */
    bucket?: string;
    /** Base64 (one line) of the JSON key file of a service account that may create and read objects there. Secret. No Workload Identity. */
    credentials?: pulumi.Input<string>;
}

/**
 * Kafka triggers, experimental.
 *
 * Before you switch them off again: triggers that exist cannot be edited any more then. The Kafka cluster forgets the offsets of a
 * consumer group that stays away longer than its `offsets.retention.minutes`; such a trigger starts again by its "initial offset reset
 * policy", which can duplicate or lose messages. A change replaces web.
 */
export interface LightningKafka {
    /** Run the triggers. Default: true when this block is present. */
    enabled?: boolean;
    /** Consumers in the group, best one per partition of the topic. Default: 1. */
    consumers?: number;
    /** Messages forwarded per second, at least 0.1; counted in whole messages per ten seconds, rounded down. Default: 1. */
    messagesPerSecond?: number;
    /** Processors behind the consumers. Default: 1. */
    processors?: number;
    /** Seconds that the record of seen messages, which prevents duplicates, is kept. Default: 3600. */
    duplicateTrackingRetentionSeconds?: number;
    /** Seconds without a further mail after a mail about a failure. Default: 3600. */
    notificationEmbargoSeconds?: number;
    /**
     * Keep messages that could not be stored as runs in files, to recover them by hand. Without it they are lost when Kafka cannot
     * deliver them again. The files are not encrypted. Default: none.
     */
    alternateStorage?: LightningDirectory;
}

/** AI chat, experimental. The address is needed, and the key that the release reads. A change replaces web. */
export interface LightningAi {
    /** Key of Anthropic, which Lightning reads from release 2.10.9 on (`AI_ASSISTANT_API_KEY`). Secret. */
    anthropicApiKey?: pulumi.Input<string>;
    /** Key of OpenAI, which Lightning read before release 2.10.9 (`OPENAI_API_KEY`, as in the guide). Secret. */
    openaiApiKey?: pulumi.Input<string>;
    /** Address of an Apollo service, without a slash at the end. */
    apolloEndpoint?: string;
}

/** Anonymous usage reports to OpenFn. A change replaces web. */
export interface LightningUsageTracking {
    /** Send the reports. Default: true. */
    enabled?: boolean;
    /** Receiver. Default: `https://impact.openfn.org`. */
    host?: string;
    /** `cleartext` or `hashed_only`. Default: `hashed_only`. */
    uuids?: string;
    /** Days reported at a time, noticeable in a backlog only. Default: 10. */
    dailyBatchSize?: number;
    /** Failed reports sent again at a time. Default: 10. */
    resubmissionBatchSize?: number;
    /** Runs read from the database at a time; fewer take less memory. Default: 100. */
    runChunkSize?: number;
}

/** How long things are kept. A change replaces web. */
export interface LightningRetention {
    /**
     * Minutes that finished background jobs stay in the queue. Lightning has always counted minutes, whatever its variable was called. Runs
     * and history are something else. Default: the program's, 60.
     */
    queueResultMinutes?: number;
}

/** An instance for demonstrations. */
export interface LightningDemo {
    /** Let it be reset to the state of the demo. A reset deletes most of the database. Default: false. A change replaces web. */
    resettable?: boolean;
    /** Accept that loss. Needed with `resettable`. Default: false. */
    allowDataLoss?: boolean;
}
