import assert from "node:assert/strict";
import { type Answer, fetchUrl } from "./https";
import { run } from "./process";
import { freePort, until } from "./wait";

/** Reference of an image that stands in for one of upstream's; built if it is not there. */
export async function standIn(role: "stand-in-lightning" | "stand-in-lightning-worker", version?: string): Promise<string> {
    const args = ["--import", "tsx", "tools/images", "build", role, ...(version ? ["--version", version] : [])];
    return (await run("node", args, { timeout: 900 })).trim().split("\n").at(-1)!;
}

/** A reverse proxy with TLS on ports of this machine that nobody uses. */
export async function localEdge() {
    return { domain: "localhost", httpPort: await freePort(), httpsPort: await freePort(), tls: { devCa: {} } };
}

export interface Status {
    version: string;
    /** In the order in which they ran; `at` in seconds since 1970. */
    migrations: { version: string; at: number }[];
    superusers: string[];
    /** Those that hold a connection now. */
    workers: string[];
}

export interface Runs {
    /** State -> number of runs. */
    states: Record<string, number>;
    /** Worker -> number of its successful runs. */
    workers: Record<string, number>;
}

/** The pages that the stand-in has for tests, through the reverse proxy. */
export class LightningClient {
    constructor(
        readonly url: string,
        readonly ca: string,
    ) {}

    fetch(path: string, method = "GET"): Promise<Answer> {
        return fetchUrl(`${this.url}${path}`, { ca: this.ca, method });
    }

    private async json<T>(path: string): Promise<T> {
        const { status, body } = await this.fetch(path);
        assert.equal(status, 200, `${path}: ${body.slice(0, 300)}`);
        return JSON.parse(body) as T;
    }

    status(): Promise<Status> {
        return this.json("/stand-in/status");
    }

    runs(): Promise<Runs> {
        return this.json("/stand-in/runs");
    }

    /** Fingerprint of the one encrypted credential; fails when it does not decrypt. */
    async credential(): Promise<string> {
        return (await this.json<{ sha256: string }>("/stand-in/credential")).sha256;
    }

    async enqueue(count: number, seconds: number): Promise<void> {
        const { status, body } = await this.fetch(`/stand-in/runs?count=${count}&seconds=${seconds}`, "POST");
        assert.equal(status, 201, body);
    }

    /** Resolves when so many runs have this state. */
    runsIn(state: string, count: number, seconds = 240): Promise<Runs> {
        const reached = async () => {
            const runs = await this.runs();
            if (runs.states[state] === count) return runs;
            throw new Error(JSON.stringify(runs.states));
        };
        return until(`${count} runs in state ${state}`, reached, seconds);
    }
}
