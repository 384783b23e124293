import type { LightningSettings } from "./args";
import * as defaults from "./defaults";
import { table, type LightningVariable, type Row, type Value } from "./variable-table";

const mandatory: LightningVariable[] = [
    ...table(
        "secret environment",
        [
            [
                "DATABASE_URL",
                "database",
                "none: it does not start",
                "Where the data is; user and password percent-encoded.",
                (_, v) => v.databaseUrl,
            ],
            [
                "PRIMARY_ENCRYPTION_KEY",
                "keys.primaryEncryptionKey",
                "none",
                "Encrypts credentials at rest: Base64 of 32 bytes.",
                (_, v) => v.keys.primaryEncryptionKey,
            ],
            ["SECRET_KEY_BASE", "keys.secretKeyBase", "none", "Signs cookies: 64 characters or more.", (_, v) => v.keys.secretKeyBase],
            [
                "WORKER_RUNS_PRIVATE_KEY",
                "keys.workerRunsPrivateKey",
                "none",
                "Signs run tokens: Base64 of an RSA key in PEM form.",
                (_, v) => v.keys.workerRunsPrivateKey,
            ],
            ["WORKER_SECRET", "keys.workerSecret", "none", "What workers show; the text itself is the key.", (_, v) => v.keys.workerSecret],
        ],
        { migrations: true },
    ),
    ...table(
        "environment",
        [
            [
                "DISABLE_DB_SSL",
                "database.external.allowUnencrypted",
                "`false`",
                "`true` for our own Postgres, which only web reaches and which has no TLS.",
                (s) => s.database?.external === undefined || s.database.external.allowUnencrypted === true,
            ],
            ["MIX_ENV", undefined, "the image's, `prod`", "A release cannot be anything else.", () => "prod"],
            ["LOG_LEVEL", "web.logLevel", "`info`", "Least severe level that is logged.", (s) => s.web?.logLevel ?? "info"],
        ],
        { migrations: true },
    ),
];

const server = table("environment", [
    [
        "LISTEN_ADDRESS",
        undefined,
        "`127.0.0.1`: nobody outside of the container",
        "Address that is listened on; in a container it must be every one.",
        () => "0.0.0.0",
    ],
    ["PORT", "web.port", "4000", "Port inside the container. Links use the public port instead.", (s) => s.web?.port ?? defaults.WEB_PORT],
    ["URL_SCHEME", "url.scheme", "`https`", "Scheme of links.", (s) => defaults.urlOf(s).scheme],
    ["URL_HOST", "url.host", "`example.com`", "Host of links.", (s) => defaults.urlOf(s).host],
    ["URL_PORT", "url.port", "443", "Port of links.", (s) => defaults.urlOf(s).port],
    [
        "ORIGINS",
        "web.origins",
        "none, and then WebSockets fail",
        "Origins that may open WebSockets.",
        (s) => (s.web?.origins ?? [defaults.publicOrigin(s)]).join(","),
    ],
    ["CORS_ORIGIN", "web.corsOrigins", "`*`", "Hosts that browsers may call the API from.", (s) => s.web?.corsOrigins?.join(",")],
    [
        "IDLE_TIMEOUT",
        "web.idleTimeoutSeconds",
        "75",
        "Seconds without data after which web drops a connection.",
        (s) => s.web?.idleTimeoutSeconds,
    ],
    ["NODE_ENV", undefined, "none", "As the guide wants it.", () => "production"],
    ["RTM", undefined, "off in production", "`false`: the development worker inside web stays off.", () => false],
    [
        "DATABASE_POOL_SIZE",
        "database.poolSize",
        "10",
        "Connections that web keeps open.",
        (s) => s.database?.poolSize ?? defaults.POOL_SIZE,
    ],
    [
        "ADAPTORS_PATH",
        "web.adaptors",
        "the image's own, `/app/priv/openfn`",
        "Directory of installed adaptors.",
        (s) => defaults.contentPath(s.web?.adaptors, defaults.ADAPTORS_PATH),
    ],
    [
        "SCHEMAS_PATH",
        "web.schemas",
        "the image's own, `/app/priv/schemas`",
        "Directory of credential schemas.",
        (s) => defaults.contentPath(s.web?.schemas, defaults.SCHEMAS_PATH),
    ],
    [
        "ALLOW_SIGNUP",
        "accounts.allowSignup",
        "guide: `true`, program: `false`",
        "Always written, because guide and program differ.",
        (s) => s.accounts?.allowSignup ?? true,
    ],
    [
        "IS_RESETTABLE_DEMO",
        "demo.resettable",
        "off",
        "Lets the instance be reset, which deletes most of the database.",
        (s) => (s.demo?.resettable ? "yes" : undefined),
    ],
    [
        "QUEUE_RESULT_RETENTION_PERIOD_SECONDS",
        "retention.queueResultMinutes",
        "60",
        "How long finished background jobs stay, as releases before 2.13.2 call it. They take the number for minutes all the same.",
        (s) => s.retention?.queueResultMinutes,
    ],
    [
        "QUEUE_RESULT_RETENTION_PERIOD_MINUTES",
        "retention.queueResultMinutes",
        "60",
        "The same, as releases from 2.13.2 on call it.",
        (s) => s.retention?.queueResultMinutes,
    ],
]);

const limits = table("environment", [
    [
        "WORKER_MAX_RUN_DURATION_SECONDS",
        "limits.maxRunDurationSeconds",
        "300",
        "Seconds that a run may take; the same for web and workers.",
        (s) => s.limits?.maxRunDurationSeconds ?? defaults.RUN_SECONDS,
    ],
    [
        "RUN_GRACE_PERIOD_SECONDS",
        "limits.runGracePeriodSeconds",
        "10",
        "Further seconds until a run counts as lost.",
        (s) => s.limits?.runGracePeriodSeconds ?? defaults.RUN_GRACE_SECONDS,
    ],
    [
        "MAX_DATACLIP_SIZE_MB",
        "limits.maxDataclipSizeMb",
        "10",
        "Largest body of a webhook.",
        (s) => s.limits?.maxDataclipSizeMb ?? defaults.DATACLIP_MB,
    ],
]);

const storage = [
    ...table("environment", [
        ["STORAGE_BACKEND", "storage", "`local`", "Where exports are stored: `local` or `gcs`.", (s) => (s.storage?.gcs ? "gcs" : "local")],
        [
            "STORAGE_PATH",
            "storage.local.containerPath",
            "the working directory, lost with the container",
            "Directory of exports, always a mount.",
            (s) => (s.storage?.gcs ? undefined : (s.storage?.local?.containerPath ?? defaults.STORAGE_PATH)),
        ],
        ["GCS_BUCKET", "storage.gcs.bucket", "none", "Bucket of exports.", (s) => s.storage?.gcs?.bucket],
    ]),
    ...table("secret environment", [
        [
            "GOOGLE_APPLICATION_CREDENTIALS_JSON",
            "storage.gcs.credentials",
            "none",
            "Base64 of the JSON key of a service account.",
            (s) => s.storage?.gcs?.credentials,
        ],
    ]),
];

const mail = [
    ...table("environment", [
        [
            "MAIL_PROVIDER",
            "mail",
            "`local`: mails stay in memory",
            "`mailgun` or `smtp`, by the block that is there.",
            (s) => (s.mail?.mailgun ? "mailgun" : s.mail?.smtp ? "smtp" : "local"),
        ],
        [
            "EMAIL_ADMIN",
            "mail.adminEmail",
            "an address of the makers",
            "Sender of system mails.",
            (s) => s.mail?.adminEmail ?? `lightning@${defaults.urlOf(s).host}`,
        ],
        ["EMAIL_SENDER_NAME", "mail.senderName", "`OpenFn`", "Name of the sender.", (s) => s.mail?.senderName],
        ["MAILGUN_DOMAIN", "mail.mailgun.domain", "none", "Domain that mails are sent from.", (s) => s.mail?.mailgun?.domain],
        ["SMTP_USERNAME", "mail.smtp.username", "none", "User on the mail server.", (s) => s.mail?.smtp?.username],
        ["SMTP_RELAY", "mail.smtp.relay", "none", "The mail server.", (s) => s.mail?.smtp?.relay],
        ["SMTP_TLS", "mail.smtp.tls", "`true`", "`true`, `false` or `if_available`.", (s) => s.mail?.smtp?.tls],
        ["SMTP_PORT", "mail.smtp.port", "587", "Port of the mail server.", (s) => s.mail?.smtp?.port],
    ]),
    ...table("secret environment", [
        ["MAILGUN_API_KEY", "mail.mailgun.apiKey", "none", "Key of Mailgun.", (s) => s.mail?.mailgun?.apiKey],
        ["SMTP_PASSWORD", "mail.smtp.password", "none", "Password on the mail server.", (s) => s.mail?.smtp?.password],
    ]),
];

const connections = [
    ...table("environment", [
        ["GITHUB_APP_ID", "github.appId", "none", "GitHub App: id.", (s) => s.github?.appId],
        ["GITHUB_APP_NAME", "github.appName", "none", "GitHub App: name in the public link.", (s) => s.github?.appName],
        ["GITHUB_APP_CLIENT_ID", "github.clientId", "none", "GitHub App: client id.", (s) => s.github?.clientId],
        ["GOOGLE_CLIENT_ID", "google.clientId", "none", "`client_id` from the client details.", (s) => s.google?.clientId],
        ["SALESFORCE_CLIENT_ID", "salesforce.clientId", "none", "Consumer key.", (s) => s.salesforce?.clientId],
        ["APOLLO_ENDPOINT", "ai.apolloEndpoint", "none", "Address of the Apollo service.", (s) => s.ai?.apolloEndpoint],
    ]),
    ...table("secret environment", [
        ["GITHUB_APP_CLIENT_SECRET", "github.clientSecret", "none", "GitHub App: client secret.", (s) => s.github?.clientSecret],
        ["GITHUB_CERT", "github.certificate", "none", "GitHub App: Base64 of the private key file.", (s) => s.github?.certificate],
        [
            "REPO_CONNECTION_SIGNING_SECRET",
            "keys.repoConnectionSigningSecret",
            "none: with GitHub it does not start",
            "Signs the tokens of GitHub actions.",
            (s, v) => (s.github ? v.keys.repoConnectionSigningSecret : undefined),
        ],
        ["GOOGLE_CLIENT_SECRET", "google.clientSecret", "none", "`client_secret` from the client details.", (s) => s.google?.clientSecret],
        ["SALESFORCE_CLIENT_SECRET", "salesforce.clientSecret", "none", "Consumer secret.", (s) => s.salesforce?.clientSecret],
        ["OPENAI_API_KEY", "ai.openaiApiKey", "none", "Key of OpenAI.", (s) => s.ai?.openaiApiKey, { until: defaults.ANTHROPIC_SINCE }],
        [
            "AI_ASSISTANT_API_KEY",
            "ai.anthropicApiKey",
            "none",
            "Key of Anthropic.",
            (s) => s.ai?.anthropicApiKey,
            { since: defaults.ANTHROPIC_SINCE },
        ],
        ["SENTRY_DSN", "web.sentryDsn", "no reports", "Where errors are reported to.", (s) => s.web?.sentryDsn],
    ]),
];

const usageTracking = table("environment", [
    ["USAGE_TRACKING_ENABLED", "usageTracking.enabled", "`true`", "Anonymous reports to OpenFn.", (s) => s.usageTracking?.enabled],
    ["USAGE_TRACKER_HOST", "usageTracking.host", "`https://impact.openfn.org`", "Receiver of the reports.", (s) => s.usageTracking?.host],
    ["USAGE_TRACKING_UUIDS", "usageTracking.uuids", "`hashed_only`", "`cleartext` or `hashed_only`.", (s) => s.usageTracking?.uuids],
    [
        "USAGE_TRACKING_DAILY_BATCH_SIZE",
        "usageTracking.dailyBatchSize",
        "10",
        "Days reported at a time.",
        (s) => s.usageTracking?.dailyBatchSize,
    ],
    [
        "USAGE_TRACKING_RESUBMISSION_BATCH_SIZE",
        "usageTracking.resubmissionBatchSize",
        "10",
        "Failed reports sent again at a time.",
        (s) => s.usageTracking?.resubmissionBatchSize,
    ],
    [
        "USAGE_TRACKING_RUN_CHUNK_SIZE",
        "usageTracking.runChunkSize",
        "100",
        "Runs read from the database at a time.",
        (s) => s.usageTracking?.runChunkSize,
    ],
]);

/** Written only while Kafka triggers are on. */
const kafka = table(
    "environment",
    (
        [
            ["KAFKA_TRIGGERS_ENABLED", "kafka.enabled", "off", "Kafka triggers.", () => "yes"],
            ["KAFKA_NUMBER_OF_CONSUMERS", "kafka.consumers", "1", "Consumers in the group.", (s) => s.kafka?.consumers],
            [
                "KAFKA_NUMBER_OF_MESSAGES_PER_SECOND",
                "kafka.messagesPerSecond",
                "1",
                "Messages forwarded per second.",
                (s) => s.kafka?.messagesPerSecond,
            ],
            ["KAFKA_NUMBER_OF_PROCESSORS", "kafka.processors", "1", "Processors behind the consumers.", (s) => s.kafka?.processors],
            [
                "KAFKA_DUPLICATE_TRACKING_RETENTION_SECONDS",
                "kafka.duplicateTrackingRetentionSeconds",
                "3600",
                "How long seen messages are remembered.",
                (s) => s.kafka?.duplicateTrackingRetentionSeconds,
            ],
            [
                "KAFKA_NOTIFICATION_EMBARGO_SECONDS",
                "kafka.notificationEmbargoSeconds",
                "3600",
                "Pause between two mails about failures.",
                (s) => s.kafka?.notificationEmbargoSeconds,
            ],
            [
                "KAFKA_ALTERNATE_STORAGE_ENABLED",
                "kafka.alternateStorage",
                "`false`: failed messages can be lost",
                "Keep failed messages in files.",
                (s) => (s.kafka?.alternateStorage ? true : undefined),
            ],
            [
                "KAFKA_ALTERNATE_STORAGE_PATH",
                "kafka.alternateStorage.containerPath",
                "none",
                "Directory of those files, as the guide calls it.",
                kafkaPath,
            ],
            [
                "KAFKA_ALTERNATE_STORAGE_FILE_PATH",
                "kafka.alternateStorage.containerPath",
                "none",
                "The same, as the program calls it.",
                kafkaPath,
            ],
        ] satisfies Row[]
    ).map(([name, setting, standard, description, value]): Row => [name, setting, standard, description, whileOn(value)]),
);

function kafkaPath({ kafka }: LightningSettings): string | undefined {
    return kafka?.alternateStorage && (kafka.alternateStorage.containerPath ?? defaults.KAFKA_PATH);
}

function whileOn(value: (settings: LightningSettings) => ReturnType<Value>): Value {
    return (settings) => (defaults.kafkaOn(settings) ? value(settings) : undefined);
}

/** What web gets; what is marked, migrations as well. */
export const webVariables: LightningVariable[] = [
    ...mandatory,
    ...server,
    ...limits,
    ...storage,
    ...mail,
    ...connections,
    ...usageTracking,
    ...kafka,
];

/** Words of the guide that look like variables and never reach a container, and why. */
export const notRendered: Record<string, string> = {
    K8S_HEADLESS_SERVICE: "only on Kubernetes, where it names the service through which the nodes of a cluster find each other",
    MAX_RUN_DURATION_SECONDS: "an old name in one sentence of the guide, which no code reads; it means WORKER_MAX_RUN_DURATION_SECONDS",
};
