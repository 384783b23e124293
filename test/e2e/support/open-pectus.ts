import assert from "node:assert/strict";
import { fetchUrl } from "./https";
import { freePort, until } from "./wait";

/** An aggregator and two engines on this machine, behind TLS on ports that nobody uses. */
export async function twoEngines(more: Record<string, unknown> = {}) {
    const edge = { domain: "localhost", httpPort: await freePort(), httpsPort: await freePort(), tls: { devCa: {} } };
    return {
        hosts: { default: { docker: {} } },
        openpectus: { hostname: "GROUNDWORK-PECTUS-E2E", edge, engines: { "reactor-1": {}, "reactor-2": {} }, ...more },
    };
}

export interface Unit {
    id: string;
    name: string;
    state: { state: string };
}

export interface Run {
    run_id: string;
    engine_id: string;
    run_started?: string;
}

/** A client of the aggregator, as browsers and scripts are: through the reverse proxy, trusting one authority. */
export class AggregatorClient {
    constructor(
        readonly url: string,
        readonly ca: string | undefined,
        /** Where the name leads, when no name server knows it. */
        private readonly address?: string,
    ) {}

    async get(path: string): Promise<string> {
        const { status, body } = await fetchUrl(`${this.url}${path}`, { ca: this.ca, address: this.address });
        assert.equal(status, 200, `GET ${path}: ${body.slice(0, 300)}`);
        return body;
    }

    async json<T>(path: string): Promise<T> {
        return JSON.parse(await this.get(path)) as T;
    }

    units(): Promise<Unit[]> {
        return this.json<Unit[]>("/api/process_units");
    }

    /** The units of these engines, once the aggregator says that all are in this state. */
    unitsIn(state: string, engines: string[], seconds = 90): Promise<Unit[]> {
        return until(
            `units of ${engines.join(", ")} in state ${state}`,
            async () => {
                const units = (await this.units()).filter((unit) => engines.some((engine) => unit.id.startsWith(`${engine}_`)));
                const states = units.map((unit) => `${unit.id} is ${unit.state.state}`);
                if (units.length === engines.length && units.every((unit) => unit.state.state === state)) return units;
                throw new Error(states.join(", ") || "the aggregator knows none");
            },
            seconds,
        );
    }

    async command(unit: string, command: "Start" | "Stop"): Promise<void> {
        const path = `/api/process_unit/${encodeURIComponent(unit)}/execute_control_button_command`;
        const { status, body } = await fetchUrl(`${this.url}${path}`, {
            ca: this.ca,
            address: this.address,
            method: "POST",
            json: { command, source: "unit_button" },
        });
        assert.equal(status, 200, `${command}: ${body.slice(0, 300)}`);
    }

    /** Starts a run and stops it; resolves when it is among the recent runs. */
    async makeRun(engine: string): Promise<Run> {
        const [unit] = await this.unitsIn("ready", [engine]);
        const before = new Set((await this.recentRuns()).map((run) => run.run_id));
        await until(`a run of ${engine}`, () => this.start(engine, unit.id), 90);
        await this.command(unit.id, "Stop");
        return until(`a finished run of ${engine}`, async () => (await this.recentRuns()).find((run) => !before.has(run.run_id)));
    }

    /**
     * An engine that has registered only just is shown as ready, and does not hear anything yet; or it begins, and the aggregator never
     * learns of it. Such a one refuses to start, and must be stopped first.
     */
    private async start(engine: string, unit: string): Promise<Unit[]> {
        const isRunning = (await this.units()).some(({ id, state }) => id === unit && state.state === "in_progress");
        if (!isRunning) {
            await this.command(unit, "Start").catch(async (refusal: Error) => {
                await this.command(unit, "Stop").catch(() => undefined);
                throw refusal;
            });
        }
        return this.unitsIn("in_progress", [engine], 10);
    }

    recentRuns(): Promise<Run[]> {
        return this.json<Run[]>("/api/recent_runs/");
    }

    /** The run as CSV, the form in which people take it away. */
    async csv(run: string): Promise<string> {
        const { filename, csv_content } = await this.json<{ filename: string; csv_content: string }>(`/api/recent_runs/${run}/csv_json`);
        assert.ok(filename);
        return csv_content;
    }
}
