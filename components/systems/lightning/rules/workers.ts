import { MAX_BODY_SIZE_MB } from "../../../edge";
import { error, warning, type Problem } from "../../../problem";
import type { LightningSettings } from "../args";
import {
    DATACLIP_MB,
    RUN_GRACE_SECONDS,
    RUN_MEMORY,
    RUN_SECONDS,
    runsAtOnce,
    runSeconds,
    WORKER_OVERHEAD,
    workerMemoryNeed,
} from "../defaults";
import { oneOf, sentryDsn, together, url, whole } from "./shared";

/** What the connection between worker and web carries, in MB. */
const LARGEST_SAFE_DATACLIP = 10;
const LARGEST_FRAME = 11;

/** Any other word, and a worker says nothing at all, not even errors. */
const LOG_LEVELS = ["none", "default", "info", "debug"];
/** Queues by preference and their slots, several times: `fast_lane:1 manual>*:4`. Any queue (`*`) can only be the last one. */
const WORKLOOPS = /^(((\w+>)*(\w+|\*)):[1-9]\d*)( ((\w+>)*(\w+|\*)):[1-9]\d*)*$/;

/** Workers, and the limits of what they run. */
export function checkWorkers(settings: LightningSettings, path: string): Problem[] {
    return [
        ...checkLimits(settings, path),
        ...checkStopGrace(settings, `${path}.workers.stopGracePeriodSeconds`),
        ...checkCapacity(settings, `${path}.workers`),
        ...checkProcess(settings, `${path}.workers`),
        ...checkPayloads(settings, path),
        ...checkMemory(settings, `${path}.workers.memory`),
        ...checkServiceUrl(settings, `${path}.workers.serviceUrl`),
        ...checkCollections(settings, `${path}.workers.collections`),
    ];
}

/** R26. */
function checkLimits({ limits = {}, edge }: LightningSettings, path: string): Problem[] {
    const size = limits.maxDataclipSizeMb;
    const at = `${path}.limits.maxDataclipSizeMb`;
    const problems = [
        ...whole(limits.maxRunDurationSeconds, `${path}.limits.maxRunDurationSeconds`, 1, "seconds"),
        ...whole(limits.runGracePeriodSeconds, `${path}.limits.runGracePeriodSeconds`, 0, "seconds"),
        ...whole(limits.maxRunMemoryMb, `${path}.limits.maxRunMemoryMb`, 1, "MB"),
        ...whole(size, at, 1, "MB"),
    ];
    if (size !== undefined && size > LARGEST_SAFE_DATACLIP) {
        const fix = `give ${LARGEST_SAFE_DATACLIP} or less`;
        problems.push(warning(at, `a worker's connection carries no more than ${LARGEST_FRAME} MB, so larger runs may be lost`, fix));
    }
    const proxy = edge?.maxBodySizeMb ?? MAX_BODY_SIZE_MB;
    if (proxy < (size ?? DATACLIP_MB)) {
        const fix = "give it at least as many MB";
        problems.push(warning(`${path}.edge.maxBodySizeMb`, `the proxy refuses what web would take, up to ${size ?? DATACLIP_MB} MB`, fix));
    }
    return problems;
}

/** R26: what workers send back. */
function checkPayloads({ workers = {}, limits }: LightningSettings, path: string): Problem[] {
    const { maxPayloadMb: payload, logs } = workers;
    const problems = [
        ...checkPayload(payload, `${path}.workers.maxPayloadMb`),
        ...checkPayload(logs?.maxPayloadMb, `${path}.workers.logs.maxPayloadMb`),
    ];
    const size = Math.min(limits?.maxDataclipSizeMb ?? DATACLIP_MB, LARGEST_SAFE_DATACLIP);
    if (problems.length > 0 || payload === undefined || payload >= size) return problems;
    const problem = `web takes ${size} MB, and workers send no more than ${payload} back: larger results are not kept`;
    return [warning(`${path}.workers.maxPayloadMb`, problem, `give at least ${size}, or lower limits.maxDataclipSizeMb`)];
}

/** The worker cuts what is behind the point off. */
function checkPayload(size: number | undefined, path: string): Problem[] {
    const wrong = whole(size, path, 1, "MB");
    if (size === undefined || wrong.length > 0 || size <= LARGEST_SAFE_DATACLIP) return wrong;
    return [error(path, `${size} MB do not fit: web takes no more than ${LARGEST_FRAME} MB with everything around`, "give 10 or less")];
}

/** R1: a worker that is killed earlier loses its runs. */
function checkStopGrace(settings: LightningSettings, path: string): Problem[] {
    const grace = settings.workers?.stopGracePeriodSeconds;
    const sum = runSeconds(settings);
    if (grace === undefined || !(grace <= sum)) return whole(grace, path, 1, "seconds");
    const { maxRunDurationSeconds: run = RUN_SECONDS, runGracePeriodSeconds: wait = RUN_GRACE_SECONDS } = settings.limits ?? {};
    const problem = `${grace} s do not exceed a run of ${run} s plus its grace of ${wait} s, so runs are killed and marked lost`;
    return [error(path, problem, `give more than ${sum}, or leave it out`)];
}

/** R24. */
function checkCapacity({ workers = {} }: LightningSettings, path: string): Problem[] {
    const problems = [
        ...whole(workers.replicas, `${path}.replicas`, 1),
        ...whole(workers.capacity, `${path}.capacity`, 1, "runs"),
        ...whole(workers.startTimeoutSeconds, `${path}.startTimeoutSeconds`, 1, "seconds"),
    ];
    const { workloops, backoff } = workers;
    if (workloops !== undefined && workers.capacity !== undefined) {
        problems.push(error(`${path}.capacity`, "capacity and workloops exclude each other", "remove one of them"));
    }
    if (workloops !== undefined && !WORKLOOPS.test(workloops)) {
        problems.push(
            error(`${path}.workloops`, `"${workloops}" is not a list of queues with slots`, 'write e.g. "fast_lane:1 manual>*:4"'),
        );
    }
    if (backoff !== undefined && !/^\d+(\.\d+)?\/\d+(\.\d+)?$/.test(backoff)) {
        problems.push(error(`${path}.backoff`, `"${backoff}" is not a pair of seconds`, 'write the shortest and the longest, e.g. "1/10"'));
    }
    return problems;
}

/** What is passed on as it is. */
function checkProcess({ workers = {} }: LightningSettings, path: string): Problem[] {
    const { timeouts, validation, sentry, profile, logs } = workers;
    const problems = [
        ...oneOf(workers.logLevel, `${path}.logLevel`, LOG_LEVELS),
        ...whole(timeouts?.claimSeconds, `${path}.timeouts.claimSeconds`, 1, "seconds"),
        ...whole(timeouts?.messageSeconds, `${path}.timeouts.messageSeconds`, 1, "seconds"),
        ...whole(timeouts?.socketSeconds, `${path}.timeouts.socketSeconds`, 1, "seconds"),
        ...whole(timeouts?.retryCount, `${path}.timeouts.retryCount`, 1),
        ...whole(timeouts?.retryDelayMs, `${path}.timeouts.retryDelayMs`, 0, "milliseconds"),
        ...whole(validation?.retries, `${path}.validation.retries`, 1),
        ...whole(validation?.timeoutMs, `${path}.validation.timeoutMs`, 1, "milliseconds"),
        ...whole(profile?.pollIntervalMs, `${path}.profile.pollIntervalMs`, 1, "milliseconds"),
        ...whole(logs?.batchIntervalMs, `${path}.logs.batchIntervalMs`, 1, "milliseconds"),
        ...whole(logs?.batchLimit, `${path}.logs.batchLimit`, 1),
        ...together(sentry, ["dsn"], `${path}.sentry`, "Sentry"),
        ...sentryDsn(sentry?.dsn, `${path}.sentry.dsn`),
    ];
    if (timeouts?.messageSeconds !== undefined && timeouts.socketSeconds !== undefined) {
        const problem = "socketSeconds is its older name, and wins";
        problems.push(warning(`${path}.timeouts.messageSeconds`, problem, "remove socketSeconds, unless workers are older than 1.13.1"));
    }
    if (logs?.batch !== true && (logs?.batchIntervalMs ?? logs?.batchLimit) !== undefined) {
        problems.push(warning(`${path}.logs`, "lines are not batched, so the settings of batches have no effect", "set batch: true"));
    }
    if (profile?.enabled === false && profile.pollIntervalMs !== undefined) {
        problems.push(warning(`${path}.profile`, "nothing is measured, so the interval has no effect", "remove it"));
    }
    return problems;
}

/** R25: one run too many takes the whole worker down. */
function checkMemory(settings: LightningSettings, path: string): Problem[] {
    const memory = settings.workers?.memory;
    const need = workerMemoryNeed(settings);
    if (memory === undefined || !(memory < need)) return whole(memory, path, 1, "MiB");
    const run = settings.limits?.maxRunMemoryMb ?? RUN_MEMORY;
    const sum = `${runsAtOnce(settings)} runs × ${run} MB + ${WORKER_OVERHEAD} for the worker = ${need}`;
    const slots = settings.workers?.workloops === undefined ? "workers.capacity" : "workers.workloops";
    return [error(path, `${memory} MiB are less than ${sum}`, `give at least ${need}, or lower ${slots} or limits.maxRunMemoryMb`)];
}

/** R34. */
function checkServiceUrl({ workers }: LightningSettings, path: string): Problem[] {
    const address = workers?.serviceUrl;
    if (address === undefined) return [];
    const problems = url(address, path, ["ws", "wss"]);
    if (problems.length > 0 || new URL(address).pathname === "/worker") return problems;
    return [error(path, `"${address}" does not end with /worker, where web expects workers`, "add it, or leave the setting out")];
}

/** R35. */
function checkCollections({ workers }: LightningSettings, path: string): Problem[] {
    const collections = workers?.collections;
    if (!collections) return [];
    const problems = url(collections.url, `${path}.url`, ["https", "http"]);
    if (collections.version === undefined) {
        const fix = "set the version of @openfn/language-collections, e.g. 0.8.0";
        problems.push(
            warning(`${path}.version`, "each worker asks the npm registry before it connects, and never connects without one", fix),
        );
    }
    return problems;
}
