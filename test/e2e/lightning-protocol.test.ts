import assert from "node:assert/strict";
import { createSign, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fetchUrl } from "./support/https";
import { lastOutput, oneStep, standIn, twoSteps, twoStepsResult } from "./support/lightning";
import { type Frame, Listener, PhoenixClient, type Reply, workerToken } from "./support/phoenix";
import { keyPair, StandIns } from "./support/stand-ins";
import { freePort, until } from "./support/wait";

/** One frame of a recorded conversation; web's answer with the input of a run came as bytes. */
interface Recorded {
    from: "worker" | "web";
    frame?: Frame;
    binary?: { ref: string; topic: string; status: string; body: string };
}

interface Recording {
    release: string;
    frames: Recorded[];
}

const recording = (name: string) =>
    JSON.parse(readFileSync(join(__dirname, "fixtures", "lightning-protocol", `${name}.json`), "utf8")) as Recording;

const QUEUE = "worker:queue";
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** What a value consists of: names and types, values left out. An empty list is like any other. */
function shape(value: unknown): unknown {
    if (Array.isArray(value)) return "list";
    if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
    const entries = Object.entries(value).map(([name, part]) => [name, shape(part)] as const);
    return Object.fromEntries(entries.sort(([one], [other]) => one.localeCompare(other)));
}

/** Event -> the different shapes of its payload. */
function shapes(frames: Frame[]): Record<string, unknown[]> {
    const found: Record<string, Set<string>> = {};
    for (const [, , topic, event, payload] of frames) {
        (found[`${topic.split(":")[0]} ${event}`] ??= new Set()).add(JSON.stringify(shape(payload)));
    }
    return Object.fromEntries(Object.entries(found).map(([event, texts]) => [event, [...texts].sort()]));
}

/** What a worker said of a run, in its order; how many lines of log are in between depends on the release. */
const storyOf = (frames: Frame[]) =>
    frames.filter(([, , topic, event]) => topic.startsWith("run:") && event !== "run:log").map(([, , , event]) => event);

/** Says again what a real worker said, with the ids and tokens of today, and compares what is answered with what was answered then. */
class Replay {
    private readonly names: Record<string, string> = {};

    constructor(
        private readonly client: PhoenixClient,
        private readonly enqueue: () => Promise<string>,
        private readonly frames: Recorded[],
    ) {}

    /** The id of the run that the worker executed. */
    async run(): Promise<string> {
        for (const { from, frame } of this.frames) {
            if (from === "worker") await this.say(frame!);
            else if (frame?.[3] === "work-available") await this.expectWork();
        }
        return this.names["{run}"]!;
    }

    /** Names stand for what web gave; `{new-1}` and its kin for ids that the worker made. */
    private today<T>(value: T): T {
        const name = /\{(run|token|dataclip|new-\d+)\}/g;
        return JSON.parse(JSON.stringify(value).replace(name, (one) => (this.names[one] ??= randomUUID()))) as T;
    }

    private async say(frame: Frame): Promise<void> {
        const [, ref, topic, event] = frame;
        const answer = await this.client.ask(this.today(frame));
        const then = this.frames.find(({ from, frame, binary }) => from === "web" && (frame?.[1] ?? binary?.ref) === ref);
        if (then === undefined) return; // the recording ended before
        assert.deepEqual(
            this.judge(answer),
            this.judge(then.binary ? this.parse(then.binary) : (then.frame![4] as Reply)),
            `${event} on ${topic}`,
        );
        this.remember(event, answer.response);
    }

    private parse({ status, body }: { status: string; body: string }): Reply {
        return { status, response: Buffer.from(body) };
    }

    /** Bytes are compared as they are. */
    private judge({ status, response }: Reply): unknown {
        return { status, response: Buffer.isBuffer(response) ? JSON.parse(response.toString()) : shape(response) };
    }

    private remember(event: string, response: unknown): void {
        const { runs, dataclip_id } = (response ?? {}) as { runs?: { id: string; token: string }[]; dataclip_id?: string };
        if (event === "claim" && runs?.[0]) Object.assign(this.names, { "{run}": runs[0].id, "{token}": runs[0].token });
        if (event === "fetch:plan") this.names["{dataclip}"] = dataclip_id!;
    }

    private async expectWork(): Promise<void> {
        await this.enqueue();
        await this.client.receive("work-available", ([, , topic, event]) => topic === QUEUE && event === "work-available");
    }
}

describe("The protocol between the stand-ins of Lightning and of its worker", () => {
    let standIns: StandIns;
    const clients: PhoenixClient[] = [];

    before(async () => {
        standIns = await StandIns.create({ web: await standIn("stand-in-lightning"), worker: await standIn("stand-in-lightning-worker") });
    });
    afterEach(async () => {
        clients.splice(0).forEach((client) => client.close());
        await standIns?.removeWorkers();
    });
    after(() => standIns?.remove());

    async function connect(token = workerToken(standIns.secret)): Promise<PhoenixClient> {
        const client = await PhoenixClient.open(standIns.url.replace("http", "ws"), token);
        clients.push(client);
        return client;
    }

    /** A connection that has joined the queue. */
    async function join(): Promise<PhoenixClient> {
        const client = await connect();
        assert.deepEqual(await client.ask(["1", "1", QUEUE, "phx_join", { capacity: 1 }]), { status: "ok", response: {} });
        return client;
    }

    async function claim(client: PhoenixClient): Promise<{ id: string; token: string }> {
        const { response } = await client.ask(["1", randomUUID(), QUEUE, "claim", { demand: 1, worker_name: "test" }]);
        return (response as { runs: { id: string; token: string }[] }).runs[0]!;
    }

    describe("web", () => {
        for (const name of ["ws-worker-1.19.6", "ws-worker-1.25.0", "ws-worker-1.25.0-batches"]) {
            it(`answers what a real worker says (${name}), and keeps the results in the database`, async () => {
                const { frames } = recording(name);
                const run = await new Replay(await connect(), () => standIns.enqueue(twoSteps), frames).run();
                assert.equal(await standIns.sql(`select state, worker_name from runs where id = '${run}'`), "success|worker-1");
                assert.deepEqual(JSON.parse(await standIns.sql(lastOutput(run))), twoStepsResult);
                assert.equal(
                    await standIns.sql(`select string_agg(exit_reason, ' ') from steps where run_id = '${run}'`),
                    "success success",
                );
                assert.match(await standIns.sql(`select message from log_lines where run_id = '${run}'`), /^user is ada$/m);
            });
        }

        it("outlives what is no frame, and what no channel understands", async () => {
            const { Id, RestartCount } = await standIns.docker.inspect("container", standIns.container("web"));
            const bad = ["", "nonsense", "{}", "[]", "null", "1", '["1","1","worker:queue","claim"]', "[1,2,3,4,5]", '{"event":"claim"}'];
            const claims = [
                null,
                {},
                [],
                { demand: "1", worker_name: null },
                { demand: -1, worker_name: null },
                { demand: 1, worker_name: 5 },
            ];
            for (const text of [...bad, "[".repeat(100_000), Buffer.from([1, 2, 3])]) {
                const client = await join();
                client.sendRaw(text);
                assert.equal(await client.ended(), 1011, `after ${text.slice(0, 40).toString()}`);
            }
            for (const payload of claims) {
                const client = await join();
                client.sendRaw(JSON.stringify(["1", "2", QUEUE, "claim", payload] satisfies Frame));
                await client.receive("the end of the channel", ([, , topic, event]) => topic === QUEUE && event === "phx_error");
                assert.equal((await client.ask(["3", "3", QUEUE, "phx_join", {}])).status, "ok", "it can be joined again");
            }
            const now = await standIns.docker.inspect("container", standIns.container("web"));
            assert.deepEqual([now.Id, now.RestartCount, now.State.Running], [Id, RestartCount, true]);
        });

        it("refuses a worker without the secret, as the real one does", async () => {
            await assert.rejects(connect(workerToken("of somebody else")), /403/);
            await assert.rejects(connect(""), /403/);
            const soon = Math.floor(Date.now() / 1000) + 600;
            await assert.rejects(connect(workerToken(standIns.secret, { nbf: soon })), /403/);
        });

        it("refuses other topics, events before the join, and runs without their own token", async () => {
            const client = await join();
            const refused = (reason: string): Reply => ({ status: "error", response: { reason } });
            const ids = [await standIns.enqueue(oneStep("")), await standIns.enqueue(oneStep(""))];
            const [first, second] = [await claim(client), await claim(client)];
            assert.deepEqual([first.id, second.id], ids);
            const topic = `run:${first.id}`;
            const token = (claims: object, key = standIns.keys.privateKey) => {
                const content = [{ alg: "RS256" }, { iss: "Lightning", id: first.id, exp: Date.now(), ...claims }].map(base64url).join(".");
                return `${content}.${createSign("sha256").update(content).sign(key, "base64url")}`;
            };
            assert.deepEqual(await client.ask(["2", "2", "somewhere:else", "phx_join", {}]), refused("unmatched topic"));
            assert.deepEqual(await client.ask(["2", "3", topic, "fetch:plan", {}]), refused("unmatched topic"));
            const wrong = [
                undefined,
                "nonsense",
                second.token,
                token({ iss: "another" }),
                token({ exp: 1 }),
                token({}, keyPair().privateKey),
            ];
            for (const [position, text] of wrong.entries()) {
                const answer = await client.ask(["4", `join-${position}`, topic, "phx_join", { token: text }]);
                assert.deepEqual(answer, refused("unauthorized"), `token ${position}`);
            }
            const missing = randomUUID();
            const gone = await client.ask(["5", "5", `run:${missing}`, "phx_join", { token: token({ id: missing }) }]);
            assert.deepEqual(gone, refused("not_found"));
            assert.equal((await client.ask(["6", "6", topic, "phx_join", { token: first.token }])).status, "ok");
            assert.deepEqual(await client.ask(["6", "7", topic, "phx_leave", {}]), { status: "ok", response: {} });
            assert.deepEqual(await client.ask(["6", "8", topic, "fetch:plan", {}]), refused("unmatched topic"));
        });

        it("refuses what does not fit the run", async () => {
            const client = await join();
            const id = await standIns.enqueue(twoSteps);
            const { token } = await claim(client);
            const topic = `run:${id}`;
            let ref = 10;
            const ask = async (event: string, payload: object) => client.ask(["2", String(ref++), topic, event, payload]);
            const errors = async (event: string, payload: object) => {
                const { status, response } = await ask(event, payload);
                assert.equal(status, "error", event);
                return Object.keys((response as { errors: object }).errors);
            };
            assert.equal((await client.ask(["2", "2", topic, "phx_join", { token }])).status, "ok");
            const [step, job] = [randomUUID(), twoSteps.jobs[0]!.id];
            assert.deepEqual(await errors("step:start", { step_id: step }), ["job_id"]);
            assert.deepEqual(await errors("step:start", { step_id: step, job_id: randomUUID() }), ["job_id"]);
            assert.deepEqual(await errors("step:complete", { step_id: step, reason: "success" }), ["step_id"]);
            assert.deepEqual(await errors("run:log", { timestamp: "1" }), ["message"]);
            assert.deepEqual(await errors("run:log", { message: ["x"], timestamp: "1", level: "loud" }), ["level"]);
            assert.deepEqual(await errors("fetch:credential", {}), ["id"]);
            assert.deepEqual(await errors("fetch:credential", { id: randomUUID() }), ["id"]);
            assert.deepEqual(await errors("run:complete", {}), ["state"]);
            assert.deepEqual(await ask("run:start", {}), { status: "ok", response: null });
            assert.deepEqual(await errors("run:start", {}), ["state"], "it has begun already");
            assert.deepEqual(await ask("step:start", { step_id: step, job_id: job }), { status: "ok", response: { step_id: step } });
            assert.deepEqual(await errors("step:complete", { step_id: step, reason: "success", output_dataclip: "{}" }), [
                "output_dataclip_id",
            ]);
            assert.deepEqual(await ask("run:complete", { reason: "crash" }), { status: "ok", response: null });
            assert.deepEqual(await errors("run:complete", { reason: "success" }), ["state"], "it has ended already");
            assert.equal((await standIns.run(id)).state, "crashed");
        });
    });

    describe("the worker", () => {
        it("says what the real worker of its release says, in the same form and order", async () => {
            const real = recording("ws-worker-1.19.6").frames.filter(({ from }) => from === "worker");
            const listener = new Listener(await freePort(), standIns.url.replace("http", "ws"));
            try {
                const said = (topic: string, event: string) => () =>
                    listener.said.some((frame) => frame[2] === topic && frame[3] === event);
                const url = `ws://127.0.0.1:${listener.port}/worker`;
                const variables = { WORKER_LIGHTNING_SERVICE_URL: url, WORKER_NAME: "worker-1" };
                const { container } = await standIns.startWorker(variables);
                await until("a claim", said(QUEUE, "claim"));
                const id = await standIns.enqueue(twoSteps);
                assert.equal((await standIns.inState("success", id)).worker_name, "worker-1");
                await until("a heartbeat", said("phoenix", "heartbeat"));
                await standIns.docker.cli("stop", container);
                await until("the end", said(QUEUE, "phx_leave"));
            } finally {
                listener.close();
            }
            const recorded = real.map(({ frame }) => frame!);
            assert.deepEqual(shapes(listener.said), shapes(recorded));
            assert.deepEqual(storyOf(listener.said), storyOf(recorded));
        });

        it("executes a workflow of two steps with the real engine, and its result is in the database", async () => {
            await standIns.startWorker();
            const id = await standIns.enqueue(twoSteps);
            const { steps, logs } = await standIns.inState("success", id);
            assert.deepEqual(
                steps.map(({ output }) => output),
                [{ data: { first: 21 } }, twoStepsResult],
            );
            assert.ok(logs.some(({ source, message }) => source === "JOB" && message === "user is ada"));
            assert.deepEqual(JSON.parse(await standIns.sql(lastOutput(id))), twoStepsResult);
        });

        it("tells how runs end that do not succeed: failed, crashed, out of memory, out of time", async () => {
            await standIns.startWorker({ WORKER_MAX_RUN_MEMORY_MB: "100", WORKER_BACKOFF: "0.1/1" });
            const ends: [string, string, string | null][] = [
                ["fn(() => { throw new Error('no'); })", "failed", "JobError"],
                ["fn(state => missing)", "crashed", "RuntimeCrash"],
                ["fn(", "crashed", "CompileError"],
                ["fn(state => { const all = []; for (;;) all.push(new Array(100000).fill(Math.random())); })", "killed", "OOMError"],
                ["fn(() => new Promise(() => setInterval(() => undefined, 1000)))", "killed", "TimeoutError"],
            ];
            const ids = await Promise.all(ends.map(([body]) => standIns.enqueue(oneStep(body))));
            for (const [index, [, state, error]] of ends.entries()) {
                assert.equal((await standIns.inState(state, ids[index]!)).error_type, error);
            }
        });

        it("claims no more once it is told to stop, and ends with 0 after its last run", async () => {
            const { container } = await standIns.startWorker();
            await until("the worker", async () => (await standIns.status()).workers.length === 1);
            const wait = oneStep("fn(state => new Promise(done => setTimeout(() => done(state), 4000)))");
            const last = await standIns.enqueue(wait);
            await standIns.inState("started", last);
            await standIns.docker.cli("kill", "--signal", "TERM", container);
            await until("the worker to hear it", async () => (await standIns.docker.logs(container)).includes("Closing server"));
            const late = await standIns.enqueue(wait);
            assert.equal(await standIns.ended(container), 0);
            assert.equal((await standIns.run(last)).state, "success");
            assert.equal((await standIns.run(late)).state, "available");
            await standIns.sql(`update runs set state = 'cancelled' where id = '${late}'`);
        });

        it("finds web again, and goes on with what it has begun", async () => {
            await standIns.startWorker();
            const id = await standIns.enqueue(oneStep("fn(state => new Promise(done => setTimeout(() => done(state), 5000)))"));
            await standIns.inState("started", id);
            await standIns.docker.cli("restart", standIns.container("web"));
            await standIns.inState("success", id);
        });

        it("goes on claiming by itself after web had no database for a while", async () => {
            const { container } = await standIns.startWorker({ WORKER_BACKOFF: "0.1/1" });
            const first = await standIns.enqueue(oneStep("fn(state => state)"));
            await standIns.inState("success", first);
            await standIns.sql("alter table runs rename to runs_away");
            await until("a broken claim", async () => (await standIns.docker.logs(container)).includes("claim: the channel has ended"));
            await standIns.sql("alter table runs_away rename to runs");
            const again = `insert into runs (id, workflow) select gen_random_uuid(), workflow from runs where id = '${first}' returning id`;
            await standIns.inState("success", (await standIns.sql(again)).trim()); // web was not asked, so it has announced nothing
        });

        it("does not start without the secret, and tries a wrong one again and again, healthy", async () => {
            const refused = await standIns.startWorker({ WORKER_SECRET: "" });
            assert.equal(await standIns.ended(refused.container), 1);
            const { port, container } = await standIns.startWorker({ WORKER_SECRET: "of somebody else" });
            const attempts = async () => (await standIns.docker.logs(container)).split("could not connect to lightning").length - 1;
            await until("a third attempt", async () => (await attempts()) >= 3);
            assert.equal((await fetchUrl(`http://127.0.0.1:${port}/livez`)).status, 200);
            assert.match(await standIns.docker.logs(standIns.container("web")), /refused a worker: Signature verification failed/);
        });

        it("ends itself with 0 when a run is signed with a foreign key, and the run is not executed", async () => {
            const publicKey = Buffer.from(keyPair().publicKey).toString("base64");
            const { container } = await standIns.startWorker({ WORKER_LIGHTNING_PUBLIC_KEY: publicKey });
            const id = await standIns.enqueue(twoSteps);
            assert.equal(await standIns.ended(container), 0);
            assert.match(await standIns.docker.logs(container), /Error validating run token/);
            assert.equal((await standIns.run(id)).state, "claimed");
        });

        it("ignores the variables of later releases, whatever is in them", async () => {
            const { port } = await standIns.startWorker({ WORKER_WORKLOOPS: "nonsense", WORKER_CAPACITY: "1" });
            await until("the worker", async () => (await standIns.status()).workers.length === 1);
            assert.equal((await fetchUrl(`http://127.0.0.1:${port}/livez`)).status, 200);
        });
    });
});
