import { error, warning, type Problem } from "../../../problem";
import type { LightningContent, LightningSettings } from "../args";
import {
    ADAPTORS_PATH,
    connectionNeed,
    contentPath,
    KAFKA_PATH,
    kafkaOn,
    keepsKafkaMessages,
    POOL_SIZE,
    SCHEMAS_PATH,
    STORAGE_PATH,
} from "../defaults";
import { decoded, directory, port, together, whole } from "./shared";

const OLDEST_POSTGRES = 14;
const LEAST_MESSAGES_PER_SECOND = 0.1;
/** A day, in minutes. */
const LONG_QUEUE_RESULTS = 1440;

/** Where data is, and how long. */
export function checkData(settings: LightningSettings, path: string): Problem[] {
    return [
        ...checkDatabase(settings, `${path}.database`),
        ...checkConnections(settings, `${path}.database`),
        ...checkStorage(settings, `${path}.storage`),
        ...checkKafka(settings, `${path}.kafka`),
        ...checkPaths(settings, path),
        ...checkTargets(settings, path),
        ...checkContents(settings, path),
        ...checkRetention(settings, `${path}.retention.queueResultMinutes`),
        ...(settings.database?.external && settings.backup
            ? [error(`${path}.backup`, "an external database is not backed up here", "remove the block, and ask whoever runs the database")]
            : []),
    ];
}

/** R16. */
function checkDatabase({ database = {} }: LightningSettings, path: string): Problem[] {
    const { bundled, external } = database;
    const at = `${path}.external`;
    const problems = [
        ...whole(database.poolSize, `${path}.poolSize`, 1, "connections"),
        ...together(external, ["host", "name", "user", "password"], at, "an external database"),
        ...port(external?.port, `${at}.port`),
        ...whole(external?.maxConnections, `${at}.maxConnections`, 1, "connections"),
    ];
    if (bundled?.majorVersion !== undefined && bundled.majorVersion < OLDEST_POSTGRES) {
        const fix = `give ${OLDEST_POSTGRES} or more, or leave it out`;
        problems.push(error(`${path}.bundled.majorVersion`, `Lightning does not run on PostgreSQL ${bundled.majorVersion}`, fix));
    }
    if (bundled && external) problems.push(error(path, "bundled and external exclude each other", "remove one of them"));
    if (external?.host !== undefined && /[/@\s]|^\w+:/.test(external.host)) {
        problems.push(error(`${at}.host`, "it is not a host name", "give the name or address alone"));
    }
    if (external?.allowUnencrypted) {
        const fix = "remove it, unless a TLS proxy on this machine is in between";
        problems.push(warning(`${at}.allowUnencrypted`, "data and password cross the network in clear", fix));
    }
    return problems;
}

/** R28. */
function checkConnections(settings: LightningSettings, path: string): Problem[] {
    const need = connectionNeed(settings);
    const pool = settings.database?.poolSize ?? POOL_SIZE;
    return (["bundled", "external"] as const).flatMap((kind) => {
        const most = settings.database?.[kind]?.maxConnections;
        if (most === undefined || most >= need) return [];
        const problem = `${most} connections are too few for a pool of ${pool} and ${need - pool} for everything else`;
        return [warning(`${path}.${kind}.maxConnections`, problem, `allow at least ${need}, or lower database.poolSize`)];
    });
}

/** R4 and R5. */
function checkStorage({ storage = {} }: LightningSettings, path: string): Problem[] {
    const problems = together(storage.gcs, ["bucket", "credentials"], `${path}.gcs`, "Google Cloud Storage");
    if (storage.local && storage.gcs) problems.push(error(path, "local and gcs exclude each other", "remove one of them"));
    const credentials = storage.gcs?.credentials;
    return typeof credentials === "string" ? [...problems, ...checkServiceAccount(credentials, `${path}.gcs.credentials`)] : problems;
}

/** No message quotes the key. */
function checkServiceAccount(credentials: string, path: string): Problem[] {
    const encode = "encode the key file with `base64 -w 0`";
    if (credentials.trimStart().startsWith("{")) return [error(path, "it is JSON, but must be Base64 encoded", encode)];
    const text = decoded(credentials)?.toString("utf8");
    if (text === undefined) return [error(path, "it is not Base64 on one line", encode)];
    const missing = ["client_email", "private_key"].filter((key) => !keysOf(text).includes(key));
    if (missing.length === 0) return [];
    return [
        error(
            path,
            `it is not the key file of a service account: ${missing.join(" and ")} not found`,
            "create a JSON key, and encode that",
        ),
    ];
}

function keysOf(json: string): string[] {
    try {
        return Object.keys(JSON.parse(json) as object);
    } catch {
        return [];
    }
}

/** R12 and R13. */
function checkKafka(settings: LightningSettings, path: string): Problem[] {
    const { kafka } = settings;
    if (!kafka) return [];
    const given = Object.entries(kafka).filter(([key, value]) => key !== "enabled" && value !== undefined);
    if (!kafkaOn(settings)) {
        const fix = "remove them, or enabled: false";
        return given.length === 0 ? [] : [error(path, "Kafka triggers are off, so its other settings have no effect", fix)];
    }
    const problems = [
        ...whole(kafka.consumers, `${path}.consumers`, 1),
        ...whole(kafka.processors, `${path}.processors`, 1),
        ...whole(kafka.duplicateTrackingRetentionSeconds, `${path}.duplicateTrackingRetentionSeconds`, 1, "seconds"),
        ...whole(kafka.notificationEmbargoSeconds, `${path}.notificationEmbargoSeconds`, 0, "seconds"),
    ];
    const rate = kafka.messagesPerSecond;
    if (rate !== undefined && !(rate >= LEAST_MESSAGES_PER_SECOND)) {
        const fix = `give at least ${LEAST_MESSAGES_PER_SECOND}, one message every ten seconds`;
        problems.push(error(`${path}.messagesPerSecond`, `${rate} would forward nothing`, fix));
    }
    if (!kafka.alternateStorage) {
        const fix = "set alternateStorage: {} to keep them in files";
        problems.push(
            warning(`${path}.alternateStorage`, "messages that cannot be stored are lost, unless Kafka delivers them again", fix),
        );
    }
    return problems;
}

/** R5 and R11: directories that web writes to. */
function checkPaths({ storage, kafka }: LightningSettings, path: string): Problem[] {
    return [
        ...directory(storage?.local?.containerPath, `${path}.storage.local.containerPath`),
        ...directory(storage?.local?.hostPath, `${path}.storage.local.hostPath`),
        ...directory(kafka?.alternateStorage?.containerPath, `${path}.kafka.alternateStorage.containerPath`),
        ...directory(kafka?.alternateStorage?.hostPath, `${path}.kafka.alternateStorage.hostPath`),
    ];
}

/** Each directory of web needs a place of its own. */
function checkTargets(settings: LightningSettings, path: string): Problem[] {
    const { storage, kafka, web } = settings;
    const targets = [
        { what: "exports", key: "storage.local", target: storage?.gcs ? undefined : (storage?.local?.containerPath ?? STORAGE_PATH) },
        {
            what: "Kafka messages",
            key: "kafka.alternateStorage",
            target: keepsKafkaMessages(settings) ? (kafka?.alternateStorage?.containerPath ?? KAFKA_PATH) : undefined,
        },
        { what: "adaptors", key: "web.adaptors", target: contentPath(web?.adaptors, ADAPTORS_PATH) },
        { what: "schemas", key: "web.schemas", target: contentPath(web?.schemas, SCHEMAS_PATH) },
    ];
    return targets.flatMap(({ key, target }, index) => {
        const earlier = targets.slice(0, index).find((other) => target !== undefined && other.target === target);
        if (!earlier) return [];
        return [error(`${path}.${key}.containerPath`, `${earlier.what} are in ${target} as well`, "give each a directory of its own")];
    });
}

/** Directories that somebody else fills. */
function checkContents({ web, workers }: LightningSettings, path: string): Problem[] {
    return [
        ...checkContent(web?.adaptors, `${path}.web.adaptors`),
        ...checkContent(web?.schemas, `${path}.web.schemas`),
        ...checkContent(workers?.localAdaptors, `${path}.workers.localAdaptors`),
    ];
}

function checkContent(content: LightningContent | undefined, path: string): Problem[] {
    if (!content) return [];
    const { containerPath, hostPath } = content;
    const problems = [...directory(containerPath, `${path}.containerPath`), ...directory(hostPath, `${path}.hostPath`)];
    if (hostPath !== undefined) return problems;
    const fix = "set hostPath, a directory of the host with the files";
    return containerPath === undefined
        ? [...problems, error(path, "it says nothing", `${fix}, or remove the block`)]
        : [...problems, warning(path, `nothing is mounted at ${containerPath}, so it must be in the image`, `${fix}, unless it is there`)];
}

/** R40: who copies the number from a variable that says seconds has them in mind. */
function checkRetention({ retention }: LightningSettings, path: string): Problem[] {
    const minutes = retention?.queueResultMinutes;
    const problems = whole(minutes, path, 1, "minutes");
    if (minutes === undefined || minutes <= LONG_QUEUE_RESULTS) return problems;
    const problem = `${minutes} minutes are more than a day; QUEUE_RESULT_RETENTION_PERIOD_SECONDS was taken for minutes, too`;
    return [...problems, warning(path, problem, "check that it is not meant in seconds")];
}
