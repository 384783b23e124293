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
import { url, whole } from "./shared";

/** What the connection between worker and web carries, in MB. */
const LARGEST_SAFE_DATACLIP = 10;
const LARGEST_FRAME = 11;

/** Workers, and the limits of what they run. */
export function checkWorkers(settings: LightningSettings, path: string): Problem[] {
    return [
        ...checkLimits(settings, path),
        ...checkStopGrace(settings, `${path}.workers.stopGracePeriodSeconds`),
        ...checkCapacity(settings, `${path}.workers`),
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
    const proxy = edge?.maxBodySizeMb;
    if (proxy !== undefined && proxy < (size ?? DATACLIP_MB)) {
        const fix = "give it at least as many MB";
        problems.push(warning(`${path}.edge.maxBodySizeMb`, `the proxy refuses what web would take, up to ${size ?? DATACLIP_MB} MB`, fix));
    }
    return problems;
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
        ...(workers.maxPayloadMb === undefined ? [] : checkPayload(workers.maxPayloadMb, `${path}.maxPayloadMb`)),
    ];
    const { workloops, backoff } = workers;
    if (workloops !== undefined && workers.capacity !== undefined) {
        problems.push(error(`${path}.capacity`, "capacity and workloops exclude each other", "remove one of them"));
    }
    if (workloops !== undefined && !/^\S+:[1-9]\d*( \S+:[1-9]\d*)*$/.test(workloops)) {
        problems.push(
            error(`${path}.workloops`, `"${workloops}" is not a list of queues with slots`, 'write e.g. "fast_lane:1 manual>*:4"'),
        );
    }
    if (backoff !== undefined && !/^\d+(\.\d+)?\/\d+(\.\d+)?$/.test(backoff)) {
        problems.push(error(`${path}.backoff`, `"${backoff}" is not a pair of seconds`, 'write the shortest and the longest, e.g. "1/10"'));
    }
    return problems;
}

function checkPayload(size: number, path: string): Problem[] {
    if (size > 0 && size <= LARGEST_SAFE_DATACLIP) return [];
    return [error(path, `${size} MB do not fit: web takes no more than ${LARGEST_FRAME} MB with everything around`, "give 10 or less")];
}

/** R25: one run too many takes the whole worker down. */
function checkMemory(settings: LightningSettings, path: string): Problem[] {
    const memory = settings.workers?.memory;
    const need = workerMemoryNeed(settings);
    if (memory === undefined || !(memory < need)) return whole(memory, path, 1, "MiB");
    const run = settings.limits?.maxRunMemoryMb ?? RUN_MEMORY;
    const sum = `${runsAtOnce(settings)} runs × ${run} MB + ${WORKER_OVERHEAD} for the worker = ${need}`;
    return [error(path, `${memory} MiB are less than ${sum}`, `give at least ${need}, or lower workers.capacity or limits.maxRunMemoryMb`)];
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
