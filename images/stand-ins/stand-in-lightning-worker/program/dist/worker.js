/** The connection to web: it claims runs as long as there is room for them, and has them executed. */
import { createPublicKey, randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { hostname } from "node:os";
import { jwtVerify, SignJWT } from "jose";
import { Socket } from "phoenix";
import { WebSocket } from "ws";
import { isAtLeast } from "./releases.js";
import { reply, Run } from "./run.js";

const SECOND = 1000;
/** By how much each wait for a run is longer than the one before. */
const BACKOFF = 1.15;

/** Queues and how many runs at once. Releases without workloops have one, and name no queues. */
export function loopsOf(settings, version) {
    const capacity = settings.WORKER_CAPACITY ?? 5;
    if (!isAtLeast(version, "1.22.0")) return [{ capacity }];
    return settings.WORKER_WORKLOOPS ?? [{ queues: ["manual", "*"], capacity }];
}

export class Worker {
    constructor({ settings, version, engine, logger }) {
        Object.assign(this, { settings, version, engine, logger });
        this.id = `${hostname()}-${randomBytes(3).toString("hex")}`;
        this.url = settings.WORKER_LIGHTNING_SERVICE_URL ?? "ws://localhost:4000/worker";
        this.publicKey = createPublicKey(settings.WORKER_LIGHTNING_PUBLIC_KEY);
        [this.shortest, this.longest] = (settings.WORKER_BACKOFF ?? "1/10").split("/").map((seconds) => Number(seconds) * SECOND);
        this.loops = loopsOf(settings, version).map((loop) => new Loop(this, loop));
        this.stopping = false;
        /** Tells of each end of the queue's channel. */
        this.breaks = new EventEmitter().setMaxListeners(0);
    }

    get capacity() {
        return this.loops.reduce((sum, loop) => sum + loop.capacity, 0);
    }

    async connect() {
        const key = new TextEncoder().encode(this.settings.WORKER_SECRET);
        const claims = new SignJWT({ worker_id: this.id }).setProtectedHeader({ alg: "HS256" });
        const token = await claims.setIssuedAt().setIssuer("urn:openfn:worker").sign(key);
        this.socket = new Socket(this.url, {
            params: { token, api_version: "1.2", worker_version: this.version },
            transport: WebSocket,
            timeout: (this.settings.WORKER_SOCKET_TIMEOUT_SECONDS ?? this.settings.WORKER_MESSAGE_TIMEOUT_SECONDS ?? 30) * SECOND,
            reconnectAfterMs: (tries) => tries * SECOND,
        });
        // Not the error's own text: it can have the token.
        this.socket.onError(() => this.logger.error(`CRITICAL ERROR: could not connect to lightning at ${this.url}`));
        this.joinQueue();
        this.socket.connect();
        for (const loop of this.loops) void loop.work();
    }

    joinQueue() {
        const [{ queues }] = this.loops;
        const slots = Object.fromEntries(this.loops.map((loop) => [loop.queues?.join(">"), loop.capacity]));
        this.queue = this.socket.channel("worker:queue", { capacity: this.capacity, ...(queues ? { queues: slots } : {}) });
        this.queue.on("work-available", () => this.loops.forEach((loop) => void loop.claim()));
        this.queue.onError(() => this.breaks.emit("break"));
        this.queue.join().receive("ok", () => {
            this.logger.success(`Connected to Lightning at ${this.url}`);
            this.loops.forEach((loop) => loop.resume());
        });
    }

    get connected() {
        return this.queue?.state === "joined" && this.socket.isConnected();
    }

    /** Web's answer to a claim. None comes any more once the channel has ended. */
    async ask(payload) {
        const timeout = (this.settings.WORKER_CLAIM_TIMEOUT_SECONDS ?? 3600) * SECOND;
        const over = new AbortController();
        const broken = once(this.breaks, "break", { signal: over.signal }).then(() => Promise.reject(new Error("the channel has ended")));
        try {
            return await Promise.race([reply(this.queue.push("claim", payload, timeout)), broken]);
        } finally {
            over.abort();
        }
    }

    /** Throws if the run is not signed by the other half of our key. */
    async verify({ token }) {
        await jwtVerify(token, this.publicKey, { issuer: "Lightning", clockTolerance: "5s" });
    }

    /** Claims no more, and ends after its last run. */
    async stop() {
        this.stopping = true;
        this.logger.info("Closing server...");
        this.loops.forEach((loop) => loop.resume());
        await Promise.all(this.loops.map((loop) => loop.drained()));
        this.queue?.leave();
        await this.engine?.destroy();
        this.socket?.disconnect();
    }
}

class Loop {
    constructor(worker, { queues, capacity }) {
        Object.assign(this, { worker, queues, capacity });
        /** Claims that web has not answered, and runs: what web hands out is this worker's from then on. */
        this.open = new Set();
    }

    async work() {
        let wait = this.worker.shortest;
        while (!this.worker.stopping) {
            const found = await this.claim();
            const resumed = await this.pause(wait);
            wait = found || resumed ? this.worker.shortest : Math.min(wait * BACKOFF, this.worker.longest);
        }
    }

    /** True if it was resumed before the time was up. */
    pause(milliseconds) {
        return new Promise((resolve) => {
            const timer = setTimeout(resolve, milliseconds, false);
            this.resume = () => {
                clearTimeout(timer);
                resolve(true);
            };
        });
    }

    resume() {}

    /** Asks for one run, and begins it. Whether there was one. */
    async claim() {
        const { worker } = this;
        if (worker.stopping || !worker.connected || this.open.size >= this.capacity) return false;
        const name = worker.settings.WORKER_NAME ?? null;
        const payload = { demand: 1, worker_name: name, ...(this.queues ? { queues: this.queues } : {}) };
        const begun = worker.ask(payload).then(({ runs }) => this.begin(runs));
        return this.hold(begun.catch((error) => worker.logger.error(`claim: ${error.message}`)));
    }

    async begin(runs) {
        for (const run of runs) {
            try {
                await this.worker.verify(run);
            } catch (error) {
                this.worker.logger.error(`Error validating run token: ${error.message}`);
                process.kill(process.pid, "SIGTERM"); // as the real one, which ends itself and loses the run
                return false;
            }
            this.worker.logger.info(`starting run ${run.id}`);
            void this.hold(new Run(this.worker, run).execute()).then(() => this.resume());
        }
        return runs.length > 0;
    }

    async hold(task) {
        this.open.add(task);
        try {
            return await task;
        } finally {
            this.open.delete(task);
        }
    }

    async drained() {
        while (this.open.size > 0) await Promise.allSettled(this.open);
    }
}
