/**
 * Ten small services with health checks, ten volumes and a network, once with this project's workload layer and once
 * with `docker compose`, in turns on the same machine. What counts is the ratio: times differ from machine to machine.
 *
 *     node --import tsx tools/bench/bench.ts [--rounds 3] [--repeats 5]
 *
 * The last line is JSON: how many times as long as compose we take (`preview` is held against compose's second `up`).
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import YAML from "yaml";
import { Stack } from "../../test/e2e/harness";
import type { Operation } from "../../test/e2e/support/operation";
import { run } from "../../test/e2e/support/process";
import { smallImage } from "../../test/e2e/support/small-image";
import { Marks } from "./marks";
import { composeFile } from "./services";

/** What we may take at most, in times of compose; and where we want to get. */
const BARS = { up: 2.6, noop: 5.5, preview: 5, destroy: 4.5 };
const GOALS = { up: 2.0, noop: 3.5, preview: 3.5, destroy: 3 };

type Step = "up" | "noop" | "preview" | "destroy";
type Times = Record<Step, number[]>;

const none = (): Times => ({ up: [], noop: [], preview: [], destroy: [] });

class Compose {
    readonly times = none();
    private readonly command: string[];

    constructor(
        private readonly binary: string,
        stack: Stack,
        image: string,
    ) {
        const file = join(stack.directory, "compose.yaml");
        writeFileSync(file, YAML.stringify(composeFile(image)));
        // Named after the stack, so that the stack's clean-up finds what is left of an interrupted run, too.
        this.command = ["--project-name", `${stack.prefix}-compose`, "--file", file];
    }

    private async timed(step: Step, ...args: string[]): Promise<void> {
        const start = Date.now();
        await run(this.binary, [...this.command, ...args]);
        this.times[step].push((Date.now() - start) / 1000);
    }

    up = () => this.timed("up", "up", "--detach", "--wait");
    noop = () => this.timed("noop", "up", "--detach", "--wait");
    destroy = () => this.timed("destroy", "down", "--volumes");
}

class Ours {
    readonly times = none();
    readonly marks: Record<Step, Marks[]> = { up: [], noop: [], preview: [], destroy: [] };

    constructor(
        private readonly stack: Stack,
        private readonly marksFile: string,
    ) {}

    private async timed(step: Step, operation: () => Promise<Operation>, changes: boolean): Promise<void> {
        rmSync(this.marksFile, { force: true });
        const start = Date.now();
        const result = await operation();
        if (result.code !== 0) throw new Error(`${step} failed:\n${result.output}`);
        if (result.changes > 0 !== changes) throw new Error(`${step} made ${result.changes} changes:\n${result.output}`);
        this.times[step].push(result.seconds);
        this.marks[step].push(new Marks(start, result.seconds * 1000, this.marksFile));
    }

    up = () => this.timed("up", () => this.stack.up(), true);
    noop = () => this.timed("noop", () => this.stack.up(), false);
    preview = () => this.timed("preview", () => this.stack.preview(), false);
    // As `make down` does it where nothing is guarded: the program is not needed.
    destroy = () => this.timed("destroy", () => this.stack.destroy({ runProgram: false }), true);
}

function median(values: number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function measure(ours: Ours, compose: Compose, rounds: number, repeats: number): Promise<void> {
    for (let round = 1; round <= rounds; round++) {
        console.error(`round ${round} of ${rounds}`);
        await compose.up();
        await ours.up();
        // In turns, because what else the machine does changes from second to second.
        for (let i = 0; i < repeats; i++) {
            await compose.noop();
            await ours.noop();
            await compose.noop();
            await ours.preview();
        }
        await compose.destroy();
        await ours.destroy();
    }
}

function report(ours: Ours, compose: Compose): void {
    const ratios = {} as Record<Step, number>;
    console.log("\nstep        ours   compose   ratio     bar    goal");
    for (const step of ["up", "noop", "preview", "destroy"] as const) {
        const [mine, peer] = [median(ours.times[step]), median(compose.times[step === "preview" ? "noop" : step])];
        ratios[step] = Number((mine / peer).toFixed(2));
        const columns = [mine.toFixed(2), peer.toFixed(2), ratios[step].toFixed(2), BARS[step].toFixed(1), GOALS[step].toFixed(1)];
        const verdict = ratios[step] <= BARS[step] ? "" : "   over the bar";
        console.log(`${step.padEnd(8)} ${columns.map((column) => column.padStart(7)).join(" ")}${verdict}`);
    }
    console.log("\nWhere the time goes (seconds, median run):");
    for (const step of ["up", "noop", "preview", "destroy"] as const) {
        const index = ours.times[step].indexOf([...ours.times[step]].sort((a, b) => a - b)[Math.floor(ours.times[step].length / 2)]);
        console.log(`${step.padEnd(8)} ${ours.marks[step][index].describe()}`);
    }
    console.log(JSON.stringify({ workload: "10 services, 10 volumes, 1 network", ...ratios }));
}

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: { rounds: { type: "string", default: "3" }, repeats: { type: "string", default: "3" } },
        allowPositionals: true,
    });
    const binary = (await run("tools/toolchain/build", ["compose"], { timeout: 900 })).trim();
    const image = await smallImage("1");
    const marksFile = join(process.env.TMPDIR ?? "/tmp", `groundwork-bench-${process.pid}.jsonl`);
    const stack = await Stack.create({
        name: "bench",
        program: "tools/bench/fixture",
        config: { "gw-bench:image": image },
        env: { BENCH_MARKS: marksFile },
    });
    const compose = new Compose(binary, stack, image);
    const ours = new Ours(stack, marksFile);
    try {
        await measure(ours, compose, Number(values.rounds), Number(values.repeats));
        report(ours, compose);
    } finally {
        await stack.remove();
        rmSync(marksFile, { force: true });
    }
}

void main();
