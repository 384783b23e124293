import { origin, publicAddress } from "../../edge";
import type { LightningContent, LightningSettings } from "./args";
import { workerRelease } from "./release";

/** Defaults that more than one file needs, and what follows from the settings. */

export const WEB_PORT = 4000;
/** Name of web on its network. */
export const WEB_ALIAS = "web";
export const WEB_MEMORY = 2048;
/** Background jobs get 120 seconds to end. */
export const WEB_STOP_GRACE = 130;
/** User of web's image; it is not root. */
export const WEB_UID = 1000;

export const WORKER_PORT = 2222;
export const WORKER_REPO_PATH = "/var/lib/openfn/adaptors";
export const WORKER_CAPACITY = 5;
/** What a worker takes beside its runs, in MiB. */
export const WORKER_OVERHEAD = 512;

export const RUN_SECONDS = 300;
export const RUN_GRACE_SECONDS = 10;
export const RUN_MEMORY = 500;
export const DATACLIP_MB = 10;

export const STORAGE_PATH = "/app/storage";
export const KAFKA_PATH = "/app/kafka";
/** Where directories of the host are seen that somebody else fills. */
export const ADAPTORS_PATH = "/app/adaptors";
export const SCHEMAS_PATH = "/app/schemas";
export const LOCAL_ADAPTORS_PATH = "/srv/adaptors";

/** First release of Lightning whose AI chat wants a key of Anthropic instead of one of OpenAI. */
export const ANTHROPIC_SINCE = "2.10.9";
/** First release of the worker that knows workloops. */
export const WORKLOOPS_SINCE = "1.22.0";
/** First release of the worker that knows retries of messages. The next one switched them off. */
export const RETRIES_SINCE = "1.19.4";

export const POOL_SIZE = 10;
/** Connections beside the pool: notifications, migrations, backups, and those that Postgres keeps for its superuser. */
export const CONNECTION_RESERVE = 20;
export const MAX_CONNECTIONS = 100;
export const POSTGRES_PORT = 5432;
/** Name of our own database, and of the superuser that its first start makes. */
export const DATABASE_NAME = "lightning";
/** Role that Lightning connects as: it owns the database and is no superuser. */
export const DATABASE_USER = "lightning_owner";

/** What web writes into links. */
export function urlOf({ url, edge }: LightningSettings): { scheme: string; host: string; port: number } {
    const address = publicAddress(edge ?? {});
    const usual = url?.scheme === undefined ? address.port : url.scheme === "https" ? 443 : 80;
    return { scheme: url?.scheme ?? address.scheme, host: url?.host ?? address.host, port: url?.port ?? usual };
}

export function publicOrigin(settings: LightningSettings): string {
    return origin(urlOf(settings));
}

/** The longest time from claiming a run until web gives it up. */
export function runSeconds({ limits }: LightningSettings): number {
    return (limits?.maxRunDurationSeconds ?? RUN_SECONDS) + (limits?.runGracePeriodSeconds ?? RUN_GRACE_SECONDS);
}

export function workerStopGrace(settings: LightningSettings): number {
    return settings.workers?.stopGracePeriodSeconds ?? runSeconds(settings) + 30;
}

/** Runs that one worker takes at a time. Slots of workloops are what follows the colons: `fast_lane:1 manual>*:4`. */
export function runsAtOnce({ workers }: LightningSettings): number {
    const slots = workers?.workloops?.match(/:\d+/g) ?? [];
    return slots.length > 0 ? slots.reduce((sum, slot) => sum + Number(slot.slice(1)), 0) : (workers?.capacity ?? WORKER_CAPACITY);
}

/** MiB that its runs can take, and the worker itself. */
export function workerMemoryNeed(settings: LightningSettings): number {
    return memoryFor(runsAtOnce(settings), settings);
}

/** A worker that may not know workloops must have the memory for what it would take instead. */
export function workerMemory(settings: LightningSettings): number {
    const { workers } = settings;
    const mayIgnore = workers?.workloops !== undefined && workerRelease(settings) === undefined;
    return workers?.memory ?? memoryFor(Math.max(runsAtOnce(settings), mayIgnore ? WORKER_CAPACITY : 0), settings);
}

function memoryFor(runs: number, { limits }: LightningSettings): number {
    return runs * (limits?.maxRunMemoryMb ?? RUN_MEMORY) + WORKER_OVERHEAD;
}

export function workerServiceUrl({ workers, web }: LightningSettings): string {
    return workers?.serviceUrl ?? `ws://${WEB_ALIAS}:${web?.port ?? WEB_PORT}/worker`;
}

export function connectionNeed({ database, web }: LightningSettings): number {
    return (web?.replicas ?? 1) * (database?.poolSize ?? POOL_SIZE) + CONNECTION_RESERVE;
}

/** Whether Kafka triggers are on. */
export function kafkaOn({ kafka }: LightningSettings): boolean {
    return kafka !== undefined && kafka.enabled !== false;
}

/** Whether messages that cannot be stored are written to files. */
export function keepsKafkaMessages(settings: LightningSettings): boolean {
    return kafkaOn(settings) && settings.kafka?.alternateStorage !== undefined;
}

/** Where a directory that somebody else fills is in the container; undefined: the program's own is used. */
export function contentPath(content: LightningContent | undefined, standard: string): string | undefined {
    return content?.containerPath ?? (content?.hostPath === undefined ? undefined : standard);
}

export function workerRoles({ workers }: LightningSettings): string[] {
    return Array.from({ length: workers?.replicas ?? 1 }, (_, index) => `worker-${index + 1}`);
}

export function superuserEmail(settings: LightningSettings): string {
    return settings.accounts?.superuser?.email ?? settings.mail?.adminEmail ?? `superuser@${urlOf(settings).host}`;
}
