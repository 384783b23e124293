import type { LightningSettings } from "./args";
import * as defaults from "./defaults";
import { table, type LightningVariable, type Row } from "./variable-table";

const workerTable = (kind: LightningVariable["kind"], rows: Row[]) => table(kind, rows, { program: "worker" });

const core = [
    ...workerTable("secret environment", [
        ["WORKER_SECRET", "keys.workerSecret", "none: it does not start", "What it shows to web.", (_, v) => v.keys.workerSecret],
    ]),
    ...workerTable("environment", [
        [
            "WORKER_LIGHTNING_PUBLIC_KEY",
            "keys.workerPublicKey",
            "none: run tokens are not verified",
            "Verifies run tokens. Not secret.",
            (_, v) => v.keys.workerPublicKey,
        ],
        [
            "WORKER_LIGHTNING_SERVICE_URL",
            "workers.serviceUrl",
            "`ws://localhost:4000/worker`",
            "Where web is.",
            (s) => defaults.workerServiceUrl(s),
        ],
        [
            "WORKER_MAX_RUN_DURATION_SECONDS",
            "limits.maxRunDurationSeconds",
            "300",
            "Seconds that a run may take; the same for web and workers.",
            (s) => s.limits?.maxRunDurationSeconds ?? defaults.RUN_SECONDS,
        ],
        [
            "WORKER_MAX_RUN_MEMORY_MB",
            "limits.maxRunMemoryMb",
            "500",
            "Memory of one run.",
            (s) => s.limits?.maxRunMemoryMb ?? defaults.RUN_MEMORY,
        ],
        [
            "WORKER_CAPACITY",
            "workers.capacity",
            "5",
            "Runs at a time.",
            (s) => (s.workers?.workloops ? undefined : (s.workers?.capacity ?? defaults.WORKER_CAPACITY)),
        ],
        [
            "WORKER_WORKLOOPS",
            "workers.workloops",
            "none",
            "Slots by queue, instead of a capacity.",
            (s) => s.workers?.workloops,
            { since: defaults.WORKLOOPS_SINCE },
        ],
        [
            "WORKER_NAME",
            undefined,
            "none",
            "Sent with each claim. Lightning keeps it with the run, from release 2.12.0 on.",
            (_, v) => v.workerName,
            { since: "1.13.2" },
        ],
        ["WORKER_PORT", undefined, "2222", "Port of its own health page; never published.", () => defaults.WORKER_PORT],
        ["WORKER_REPO_DIR", undefined, "differs between versions", "Cache of adaptors, a volume.", () => defaults.WORKER_REPO_PATH],
        ["WORKER_LOG_LEVEL", "workers.logLevel", "`debug`", "Least severe level that is logged.", (s) => s.workers?.logLevel ?? "info"],
        ["WORKER_BACKOFF", "workers.backoff", "`1/10`", "Shortest and longest seconds between attempts.", (s) => s.workers?.backoff],
        ["WORKER_MAX_PAYLOAD_MB", "workers.maxPayloadMb", "10", "Largest message to web, in MB.", (s) => s.workers?.maxPayloadMb],
        [
            "WORKER_STATE_PROPS_TO_REMOVE",
            "workers.statePropsToRemove",
            "`configuration,response`",
            "Keys removed from the state of a run.",
            (s) => s.workers?.statePropsToRemove?.join(","),
        ],
        ["WORKER_COLLECTIONS_URL", "workers.collections.url", "none: off", "Address of Collections.", collectionsUrl],
        [
            "WORKER_COLLECTIONS_VERSION",
            "workers.collections.version",
            "asked from npm before connecting",
            "Version of the adaptor for Collections.",
            (s) => s.workers?.collections?.version,
        ],
        ["NODE_ENV", undefined, "none", "As the guide wants it.", () => "production"],
        [
            "NODE_OPTIONS",
            undefined,
            "none",
            "IPv4 first: Node else looks for web under an IPv6 address that it does not have.",
            () => "--dns-result-order=ipv4first",
        ],
    ]),
];

/** How long a worker waits for web, and how often it tries. */
const timeouts = workerTable("environment", [
    [
        "WORKER_CLAIM_TIMEOUT_SECONDS",
        "workers.timeouts.claimSeconds",
        "3600",
        "How long the answer to a claim may take.",
        (s) => s.workers?.timeouts?.claimSeconds,
        { since: "1.14.3" },
    ],
    [
        "WORKER_MESSAGE_TIMEOUT_SECONDS",
        "workers.timeouts.messageSeconds",
        "30",
        "How long the answer to any other message may take.",
        (s) => s.workers?.timeouts?.messageSeconds,
        { since: "1.13.1" },
    ],
    [
        "WORKER_SOCKET_TIMEOUT_SECONDS",
        "workers.timeouts.socketSeconds",
        "10; with `WORKER_MESSAGE_TIMEOUT_SECONDS` none",
        "The older name of the timeout of messages. It wins where both are set.",
        (s) => s.workers?.timeouts?.socketSeconds,
    ],
    [
        "WORKER_TIMEOUT_RETRY_COUNT",
        "workers.timeouts.retryCount",
        "10",
        "How often a message without an answer is sent.",
        (s) => s.workers?.timeouts?.retryCount,
        { since: defaults.RETRIES_SINCE },
    ],
    [
        "WORKER_TIMEOUT_RETRY_DELAY_MS",
        "workers.timeouts.retryDelayMs",
        "30000",
        "Milliseconds before it is sent again.",
        (s) => s.workers?.timeouts?.retryDelayMs,
        { since: defaults.RETRIES_SINCE },
    ],
    [
        "WORKER_VALIDATION_RETRIES",
        "workers.validation.retries",
        "3",
        "Attempts to start the engine.",
        (s) => s.workers?.validation?.retries,
        { since: "1.18.0" },
    ],
    [
        "WORKER_VALIDATION_TIMEOUT_MS",
        "workers.validation.timeoutMs",
        "5000",
        "Milliseconds that an attempt to start the engine may take.",
        (s) => s.workers?.validation?.timeoutMs,
        { since: "1.18.0" },
    ],
]);

/** What a worker tells about itself and its runs. */
const telling = [
    ...workerTable("secret environment", [
        [
            "WORKER_SENTRY_DSN",
            "workers.sentry.dsn",
            "no reports",
            "Where errors are reported to.",
            (s) => s.workers?.sentry?.dsn,
            { since: "1.13.0" },
        ],
    ]),
    ...workerTable("environment", [
        [
            "WORKER_SENTRY_ENV",
            "workers.sentry.environment",
            "`dev`",
            "Environment that reports name.",
            (s) => s.workers?.sentry?.environment,
            { since: "1.13.0" },
        ],
        [
            "WORKER_PROFILE",
            "workers.profile",
            "`false`",
            "Measures the memory of runs.",
            (s) => s.workers?.profile && s.workers.profile.enabled !== false,
            { since: "1.19.0" },
        ],
        [
            "WORKER_PROFILE_POLL_INTERVAL_MS",
            "workers.profile.pollIntervalMs",
            "10",
            "Milliseconds between two measurements.",
            (s) => s.workers?.profile?.pollIntervalMs,
            { since: "1.19.0" },
        ],
        [
            "WORKER_BATCH_LOGS",
            "workers.logs.batch",
            "`false`",
            "Sends log lines of runs in batches.",
            (s) => s.workers?.logs?.batch,
            { since: "1.20.0" },
        ],
        [
            "WORKER_BATCH_INTERVAL",
            "workers.logs.batchIntervalMs",
            "10",
            "Milliseconds that lines are gathered for a batch.",
            (s) => s.workers?.logs?.batchIntervalMs,
            { since: "1.20.0" },
        ],
        [
            "WORKER_BATCH_LIMIT",
            "workers.logs.batchLimit",
            "50",
            "Most lines of a batch.",
            (s) => s.workers?.logs?.batchLimit,
            { since: "1.20.0" },
        ],
        [
            "WORKER_MAX_LOG_PAYLOAD_MB",
            "workers.logs.maxPayloadMb",
            "1",
            "Largest log message to web, in MB.",
            (s) => s.workers?.logs?.maxPayloadMb,
            { since: "1.20.0" },
        ],
    ]),
];

const localAdaptors = workerTable("environment", [
    [
        "OPENFN_ADAPTORS_REPO",
        "workers.localAdaptors",
        "none",
        "Checkout of the adaptors' repository, for jobs that name the version `local`.",
        (s) => defaults.contentPath(s.workers?.localAdaptors, defaults.LOCAL_ADAPTORS_PATH),
        { since: "1.8.0" },
    ],
]);

/** What each worker gets. */
export const workerVariables: LightningVariable[] = [...core, ...timeouts, ...telling, ...localAdaptors];

function collectionsUrl({ workers, web }: LightningSettings): string | undefined {
    return (
        workers?.collections && (workers.collections.url ?? `http://${defaults.WEB_ALIAS}:${web?.port ?? defaults.WEB_PORT}/collections`)
    );
}
