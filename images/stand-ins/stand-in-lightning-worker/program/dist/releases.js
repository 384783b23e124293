/** What depends on the release of the worker that is stood in for. */

export const VERSION = process.env.STAND_IN_VERSION ?? "0";

/** Variable -> release that was the first to read it. */
const SINCE = {
    WORKER_BATCH_LOGS: "1.20.0",
    WORKER_BATCH_INTERVAL: "1.20.0",
    WORKER_BATCH_LIMIT: "1.20.0",
    WORKER_MAX_LOG_PAYLOAD_MB: "1.20.0",
    WORKER_WORKLOOPS: "1.22.0",
};

export function isAtLeast(version, least) {
    const [given, wanted] = [version, least].map((text) => text.split("-")[0].split(".").map(Number));
    const difference = wanted.map((part, position) => (given[position] ?? 0) - part).find((distance) => distance !== 0);
    return (difference ?? 0) >= 0;
}

/** Whether this release looks at a variable. One that it does not look at is ignored, whatever its value. */
export const reads = (name, version = VERSION) => isAtLeast(version, SINCE[name] ?? "0");
