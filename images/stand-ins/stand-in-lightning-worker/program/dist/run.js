/** One run: its channel to web, its execution by the engine, and what web is told of it, in order. */
import { randomUUID } from "node:crypto";
import { engineOptions, executionPlan, firstJobs } from "./plan.js";

const microseconds = (nanoseconds) => (BigInt(nanoseconds) / 1000n).toString();
const now = () => (BigInt(Date.now()) * 1000n).toString();

/** A promise of the reply to what was pushed. */
export function reply(push) {
    return new Promise((resolve, reject) => {
        push.receive("ok", resolve);
        push.receive("error", (response) => reject(new Error(`web answered ${JSON.stringify(response)}`)));
        push.receive("timeout", () => reject(new Error("web did not answer in time")));
    });
}

export class Run {
    constructor({ socket, engine, logger, settings, version }, { id, token }) {
        Object.assign(this, { id, engine, logger, settings, version });
        this.channel = socket.channel(`run:${id}`, { token });
        /** Job -> dataclip that it gets. */
        this.inputs = {};
        /** Job -> why it ended. */
        this.reasons = {};
        /** Everything is told after what happened before it. */
        this.told = Promise.resolve();
    }

    /** Until web knows how it ended. */
    async execute() {
        try {
            await reply(this.channel.join());
            const told = await this.ask("fetch:plan", {});
            this.plan = executionPlan(told);
            this.showsDataclips = told.options?.output_dataclips !== false;
            for (const job of firstJobs(this.plan)) this.inputs[job] = told.dataclip_id;
            await this.work(told.dataclip_id ? await this.dataclip(told.dataclip_id) : {}, engineOptions(told.options));
        } catch (error) {
            this.logger.error(`${this.id}: ${error.message}`);
        } finally {
            this.channel.leave();
        }
    }

    ask(event, payload) {
        return reply(this.channel.push(event, payload));
    }

    async dataclip(id) {
        return JSON.parse(new TextDecoder().decode(await this.ask("fetch:dataclip", { id })));
    }

    work(input, options) {
        return new Promise((resolve) => {
            const ended = (tell) => (event) => this.tell(() => tell.call(this, event)).then(resolve);
            const then = (tell) => (event) => this.tell(() => tell.call(this, event));
            this.engine.listen(this.id, {
                "workflow-start": then(this.started),
                "job-start": then(this.stepStarted),
                "job-complete": then(this.stepEnded),
                "job-error": then(this.stepEnded),
                "workflow-log": then(this.log),
                "workflow-complete": ended(this.completed),
                "workflow-error": ended(this.broken),
            });
            const credential = (id) => this.ask("fetch:credential", { id });
            const payloadLimitMb = this.settings.WORKER_MAX_PAYLOAD_MB ?? 10;
            this.engine.execute(this.plan, input, { resolvers: { credential }, payloadLimitMb, ...options });
        });
    }

    /** What web refuses is logged, and the run goes on. */
    tell(task) {
        this.told = this.told.then(task).catch((error) => this.logger.error(`${this.id}: ${error.message}`));
        return this.told;
    }

    async started({ versions, time }) {
        await this.ask("run:start", { versions: { worker: this.version, ...versions }, timestamp: microseconds(time) });
        await this.log({ name: "VER", level: "info", message: [`stand-in for worker ${this.version}`], time });
    }

    async stepStarted({ jobId, time }) {
        this.step = { step_id: randomUUID(), job_id: jobId };
        await this.ask("step:start", { ...this.step, timestamp: microseconds(time), input_dataclip_id: this.inputs[jobId] });
    }

    async stepEnded({ state, error, next, mem, duration, threadId, time, redacted }) {
        const { step } = this;
        const reason = this.reasonOf(step.job_id, state, error);
        this.reasons[step.job_id] = reason;
        this.step = undefined;
        const output = randomUUID();
        for (const job of next ?? []) this.inputs[job] = output;
        const told = { ...step, mem, duration, thread_id: threadId, timestamp: microseconds(time) };
        const shown = { output_dataclip_id: output, ...(this.showsDataclips ? { output_dataclip: JSON.stringify(state ?? {}) } : {}) };
        await this.ask("step:complete", { ...told, ...(redacted ? { output_dataclip_error: "DATACLIP_TOO_LARGE" } : shown), ...reason });
    }

    /** An error in the state is a job that failed; one beside it, a job that broke. */
    reasonOf(job, state, error) {
        const failed = state?.errors?.[job];
        if (failed) return { reason: "fail", error_type: failed.name ?? failed.type, error_message: failed.message };
        return error ? reasonOfError(error) : { reason: "success", error_type: null, error_message: null };
    }

    async log({ name, level, message, time }) {
        const parts = typeof message === "string" ? JSON.parse(message) : message;
        const line = { run_id: this.id, message: parts, source: name, level, timestamp: microseconds(time) };
        await this.ask("run:log", this.step ? { ...line, step_id: this.step.step_id } : line);
    }

    /** Failed as soon as a job did behind which no other was executed. */
    async completed({ state, time }) {
        const leaves = this.plan.workflow.steps.filter(({ next }) => !Object.keys(next ?? {}).some((id) => id in this.reasons));
        const failed = leaves.map(({ id }) => this.reasons[id]).find((reason) => reason?.reason === "fail");
        const reason = failed ?? { reason: "success", error_type: null, error_message: null };
        await this.ask("run:complete", { final_state: state, timestamp: microseconds(time), ...reason });
    }

    async broken(error) {
        if (this.step) await this.stepEnded({ error, time: BigInt(now()) * 1000n });
        await this.ask("run:complete", { ...reasonOfError(error), timestamp: now() });
    }
}

const reasonOfError = ({ severity, type, subtype, name, message }) => ({
    reason: severity ?? "crash",
    error_type: subtype ?? type ?? name,
    error_message: message,
});
