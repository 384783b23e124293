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

/** The only adaptor that the worker's image has; its functions need no network. */
const COMMON = "@openfn/language-common@3.2.3";
const [FIRST, SECOND, TRIGGER] = [1, 2, 3].map((number) => `10000000-0000-4000-8000-00000000000${number}`) as [string, string, string];
const CREDENTIAL = "20000000-0000-4000-8000-000000000001";

/** A trigger and two jobs: the first adds one to the input, the second doubles what the first has made. */
export const twoSteps = {
    triggers: [{ id: TRIGGER }],
    jobs: [
        {
            id: FIRST,
            name: "first",
            adaptor: COMMON,
            credential_id: CREDENTIAL,
            body: "fn(state => { console.log('user is', state.configuration.user); return { ...state, data: { first: state.data.number + 1 } }; })",
        },
        {
            id: SECOND,
            name: "second",
            adaptor: COMMON,
            body: "fn(state => ({ ...state, data: { ...state.data, second: state.data.first * 2 } }))",
        },
    ],
    edges: [
        {
            id: "10000000-0000-4000-8000-000000000004",
            source_trigger_id: TRIGGER,
            target_job_id: FIRST,
            condition: "always",
            enabled: true,
        },
        {
            id: "10000000-0000-4000-8000-000000000005",
            source_job_id: FIRST,
            target_job_id: SECOND,
            condition: "on_job_success",
            enabled: true,
        },
    ],
    credentials: { [CREDENTIAL]: { user: "ada", password: "hidden" } },
    dataclip: { number: 20 },
};

/** What the workflow above ends with. */
export const twoStepsResult = { data: { first: 21, second: 42 } };

/** One job of this code, with the adaptor that the worker's image has. */
export const oneStep = (body: string) => ({ jobs: [{ id: FIRST, name: "only", adaptor: COMMON, body }] });

/** Dataclip of the last step of a run, as SQL. */
export const lastOutput = (run: string) =>
    `select body from dataclips join steps on output_dataclip_id = dataclips.id where run_id = '${run}' order by position desc limit 1`;

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

    /** A new run of this workflow; its id. */
    async execute(workflow: object): Promise<string> {
        const { status, body } = await fetchUrl(`${this.url}/stand-in/runs`, { ca: this.ca, method: "POST", json: workflow });
        assert.equal(status, 201, body);
        return (JSON.parse(body) as { runs: string[] }).runs[0]!;
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
