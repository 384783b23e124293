/** node ./dist/start.js: claims runs from web and executes them with the real engine. It ends after its last run. */
import { createServer } from "node:http";
import { homedir } from "node:os";
import createEngine from "@openfn/engine-multi";
import createLogger from "@openfn/logger";
import { autoinstall } from "./adaptors.js";
import { VERSION } from "./releases.js";
import { load, Refused } from "./settings.js";
import { Worker } from "./worker.js";

function readSettings() {
    try {
        return load(process.env);
    } catch (error) {
        if (!(error instanceof Refused)) throw error;
        for (const problem of error.message.split("\n")) console.error(`stand-in lightning-worker: ${problem}`);
        process.exit(1);
    }
}

function engineOf(settings, logger, capacity) {
    return createEngine({
        logger,
        autoinstall,
        repoDir: settings.WORKER_REPO_DIR ?? `${homedir()}/.openfn/worker/repo`,
        maxWorkers: capacity,
        memoryLimitMb: settings.WORKER_MAX_RUN_MEMORY_MB ?? 500,
        runTimeoutMs: (settings.WORKER_MAX_RUN_DURATION_SECONDS ?? 300) * 1000,
        statePropsToRemove: settings.WORKER_STATE_PROPS_TO_REMOVE?.split(",") ?? ["configuration", "response"],
        workerValidationTimeout: settings.WORKER_VALIDATION_TIMEOUT_MS ?? 5000,
        workerValidationRetries: settings.WORKER_VALIDATION_RETRIES ?? 3,
    });
}

const settings = readSettings();
const level = settings.WORKER_LOG_LEVEL ?? "debug";
const logger = createLogger("SRV", { level });
const worker = new Worker({ settings, version: VERSION, logger });

// As upstream's: 200, connected or not; nobody answers any more while it ends.
const pages = createServer((request, response) => {
    response.statusCode = ["/", "/livez"].includes(request.url) ? 200 : 404;
    response.end("OK");
});

async function stop() {
    process.removeListener("SIGTERM", stop).removeListener("SIGINT", stop);
    process.on("SIGTERM", () => {}).on("SIGINT", () => {});
    pages.close();
    await worker.stop();
    logger.success("Server closed");
    process.exit(0);
}
process.on("SIGTERM", stop).on("SIGINT", stop);

pages.listen(settings.WORKER_PORT ?? 2222);
worker.engine = await engineOf(settings, createLogger("RTE", { level }), worker.capacity);
await worker.connect();
