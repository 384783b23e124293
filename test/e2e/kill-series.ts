/**
 * Kills the first `make up` with everything it started, at random moments, and counts how often the next one puts all right:
 *
 *     node --import tsx test/e2e/kill-series.ts [--kills 10]
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Checkout } from "./support/checkout";
import { twoEngines } from "./support/open-pectus";
import { until } from "./support/wait";

export interface Outcome {
    /** Seconds from the start of the CLI to the kill. */
    moment: number;
    /** Containers, networks and volumes that the killed run had made. */
    made: number;
    /** Undefined when the next `make up` succeeded and `make down FORCE_DATA=yes` left nothing. */
    problem?: string;
}

/** Kills one first deployment. `length`: seconds that an undisturbed one takes; one that ends before is tried again, sooner. */
export async function killOnce(checkout: Checkout, length: number): Promise<Outcome> {
    const outcome = await attempt(checkout, length);
    if (outcome !== "missed") return outcome;
    await checkout.make("down", { FORCE_DATA: "yes", YES: "yes" });
    return killOnce(checkout, length / 2);
}

async function attempt(checkout: Checkout, length: number): Promise<Outcome | "missed"> {
    const moment = Math.round(Math.random() * length * 10) / 10;
    const child = spawn("make", ["--silent", "up"], { cwd: checkout.path, env: checkout.environment, stdio: "ignore", detached: true });
    const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
    await until("the CLI", () => descendants(child.pid!).some(isUpdate), 120);
    await Promise.race([sleep(moment * 1000), ended]);
    if (child.exitCode !== null) return "missed";
    for (const pid of [...descendants(child.pid!), child.pid!]) kill(pid);
    await ended;
    const made = Object.values(await checkout.docker.objectsOf(checkout)).flat().length;
    return { moment, made, problem: await recovers(checkout) };
}

async function recovers(checkout: Checkout): Promise<string | undefined> {
    const up = await checkout.up();
    if (up.code !== 0) return `make up: ${up.output.slice(-2000)}`;
    const down = await checkout.tryMake("down", { FORCE_DATA: "yes", YES: "yes" });
    if (down.code !== 0) return `make down: ${(down.stdout + down.stderr).slice(-2000)}`;
    const left = Object.values(await checkout.docker.objectsOf(checkout)).flat();
    return left.length > 0 ? `left behind: ${left.join(", ")}` : undefined;
}

/** All processes below one, by what the kernel says about parents. */
function descendants(root: number): number[] {
    const parents = new Map<number, number>();
    for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        try {
            const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
            parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
        } catch {
            // It ended in between.
        }
    }
    const below = (pid: number): number[] =>
        [...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)]);
    return below(root);
}

function isUpdate(pid: number): boolean {
    try {
        const [program, verb] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return /(^|\/)pulumi$/.test(program) && verb === "up";
    } catch {
        return false;
    }
}

function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // It ended in between.
    }
}

export async function preparedCheckout(): Promise<{ checkout: Checkout; length: number }> {
    const checkout = await Checkout.create("kill");
    checkout.configure(await twoEngines({ dataProtection: false }));
    await checkout.make("images");
    const first = await checkout.up();
    if (first.code !== 0) throw new Error(first.output);
    const seconds = Number(/deployment ([\d.]+) s/.exec(first.output)?.[1] ?? 20);
    await checkout.make("down", { FORCE_DATA: "yes", YES: "yes" });
    return { checkout, length: seconds };
}

async function main(): Promise<void> {
    const { values } = parseArgs({ options: { kills: { type: "string", default: "10" } } });
    const { checkout, length } = await preparedCheckout();
    const outcomes: Outcome[] = [];
    try {
        while (outcomes.length < Number(values.kills)) {
            const outcome = await killOnce(checkout, length);
            outcomes.push(outcome);
            console.log(`killed after ${outcome.moment} s, ${outcome.made} objects made: ${outcome.problem ?? "recovered"}`);
        }
    } finally {
        await checkout.remove();
    }
    const recovered = outcomes.filter(({ problem }) => problem === undefined).length;
    console.log(`${recovered} of ${outcomes.length} recovered`);
    process.exitCode = recovered === outcomes.length ? 0 : 1;
}

if (require.main === module) void main();
