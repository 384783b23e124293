/**
 * Runs the suites two at a time, prints how long each took, and ends with one line that counts over all of them.
 *
 *     node --import tsx test/run.ts check        what needs no machine: types, lint, format, docs, unit, golden, policy
 *     node --import tsx test/run.ts all          that, and everything end to end; a suite that fails is run again, alone
 *     node --import tsx test/run.ts e2e <name>   the end-to-end suites whose file name begins with <name>
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Phase {
    name: string;
    command: string[];
    /** Mocha counts its tests itself; any other command counts as one test. */
    mocha?: boolean;
}

interface Counts {
    passed: number;
    failed: number;
    skipped: number;
}

const root = join(__dirname, "..");
const bin = (tool: string) => join(root, "node_modules", ".bin", tool);

/** The longest first, so that none of them ends alone. */
const checks: Phase[] = [
    ...["unit", "golden", "policy"].filter(hasTests).map((kind) => mocha(kind, `test/${kind}/**/*.test.ts`)),
    { name: "lint", command: [bin("eslint"), "."] },
    { name: "types", command: [bin("tsc"), "--noEmit", "-p", "."] },
    { name: "format", command: [bin("prettier"), "--check", "--log-level", "warn", "**/*.{ts,mjs,cjs,js,json}"] },
    { name: "docs", command: [process.execPath, "--import", "tsx", "tools/docs/generate.ts", "--check"] },
];

function hasTests(kind: string): boolean {
    return existsSync(join(root, "test", kind));
}

function mocha(name: string, spec: string, timeout?: number): Phase {
    return { name, command: [bin("mocha"), ...(timeout ? ["--timeout", String(timeout)] : []), spec], mocha: true };
}

/** The longest first, so that none of them ends alone. */
const LONG = [
    "lightning",
    "runbooks",
    "prepare-a-host",
    "openpectus",
    "drift",
    "remote",
    "workload",
    "readme",
    "backup",
    "postgres",
    "kill",
    "edge",
];
const rank = (file: string) => LONG.indexOf(file.replace(".test.ts", "")) + 1 || LONG.length + 1;

/** Suites share nothing but the machine: names, ports and state are their own. */
function endToEnd(prefix = ""): Phase[] {
    return readdirSync(join(root, "test", "e2e"))
        .filter((file) => file.endsWith(".test.ts") && file.startsWith(prefix))
        .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
        .map((file) => mocha(`e2e ${file.replace(".test.ts", "")}`, `test/e2e/${file}`, 600_000));
}

function phasesOf(mode: string, name?: string): Phase[] {
    const suites = { check: checks, all: [...checks, ...endToEnd()], e2e: endToEnd(name) }[mode];
    if (!suites) throw new Error(`usage: run.ts check | all | e2e [name], not "${mode}"`);
    if (suites.length === 0) throw new Error(`there is no end-to-end suite "${name}"`);
    return suites;
}

interface Ended {
    code: number;
    output: string;
}

/** `quiet` keeps the output until the end, so that two phases do not mix theirs. */
function execute({ name, command: [command, ...args] }: Phase, countsFile: string, quiet: boolean): Promise<Ended> {
    console.log(quiet ? `... ${name}` : `\n=== ${name}`);
    return new Promise((resolve, reject) => {
        const env = { ...process.env, GROUNDWORK_TEST_COUNTS: countsFile };
        const child = spawn(command, args, { cwd: root, stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"], env });
        let output = "";
        child.stdout?.on("data", (chunk) => (output += chunk));
        child.stderr?.on("data", (chunk) => (output += chunk));
        child.on("error", reject);
        child.on("close", (code) => {
            if (quiet) console.log(`\n=== ${name}\n${output}`);
            resolve({ code: code ?? 1, output });
        });
    });
}

/** How much of what a failed phase printed is worth another look at the end, where it is found. */
const LINES_OF_FAILURE = 60;

/** More than these fail for a reason. */
const MOST_RUN_AGAIN = 3;

class Tally {
    private readonly directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    /** Of each phase, what its last run counted. */
    private readonly counts = new Map<string, Counts>();
    private readonly rows: string[] = [];
    private readonly failures: string[] = [];

    private async run(phase: Phase, quiet: boolean): Promise<Counts> {
        const start = Date.now();
        const countsFile = join(this.directory, phase.name.replaceAll(" ", "-"));
        rmSync(countsFile, { force: true });
        const { code, output } = await execute(phase, countsFile, quiet);
        const counts = countsOf(phase, code, countsFile);
        this.counts.set(phase.name, counts);
        const seconds = ((Date.now() - start) / 1000).toFixed(1).padStart(7);
        const skipped = counts.skipped ? `, ${counts.skipped} skipped` : "";
        this.rows.push(`${seconds} s  ${phase.name}: ${counts.passed} passed, ${counts.failed} failed${skipped}`);
        if (counts.failed > 0 && quiet) this.failures.push(`=== ${phase.name} failed\n${failureIn(output)}`);
        return counts;
    }

    /**
     * Two at a time: as many as the smallest machines have cores. What fails end to end is run once more, alone: on a machine that is busy
     * with another suite a time limit says nothing about the program. Both runs are shown, and the second one counts.
     */
    async runAll(phases: Phase[]): Promise<void> {
        if (phases.length === 1) {
            await this.run(phases[0], false);
            return;
        }
        const waiting = [...phases];
        const failed: Phase[] = [];
        const worker = async () => {
            for (let phase = waiting.shift(); phase; phase = waiting.shift()) {
                if ((await this.run(phase, true)).failed > 0) failed.push(phase);
            }
        };
        await Promise.all([worker(), worker()]);
        if (failed.length <= MOST_RUN_AGAIN) await this.runAgain(failed.filter(({ name }) => name.startsWith("e2e ")));
    }

    private async runAgain(phases: Phase[]): Promise<void> {
        for (const phase of phases) {
            this.rows.push(`           ${phase.name}, again and alone:`);
            await this.run(phase, true);
        }
    }

    finish(): void {
        rmSync(this.directory, { recursive: true, force: true });
        for (const failure of this.failures) console.log(`\n${failure}`);
        console.log(`\n${this.rows.join("\n")}`);
        const sum = (key: keyof Counts) => [...this.counts.values()].reduce((total, counts) => total + counts[key], 0);
        if (sum("skipped")) console.log(`${sum("skipped")} skipped`);
        console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
        process.exitCode = sum("failed") === 0 ? 0 : 1;
    }
}

/** From mocha's list of failures on, or the end. */
function failureIn(output: string): string {
    const lines = output.trimEnd().split("\n");
    const start = lines.findIndex((line) => /^\s+\d+ failing$/.test(line));
    return (start < 0 ? lines.slice(-LINES_OF_FAILURE) : lines.slice(start, start + LINES_OF_FAILURE)).join("\n");
}

function countsOf(phase: Phase, status: number, countsFile: string): Counts {
    const counted: Counts | undefined = phase.mocha && existsSync(countsFile) ? JSON.parse(readFileSync(countsFile, "utf8")) : undefined;
    const counts = counted ?? { passed: 0, failed: 0, skipped: 0 };
    // A suite that broke before it could count, or counted nothing, has failed.
    if (status !== 0 && counts.failed === 0) counts.failed = 1;
    if (status === 0 && phase.mocha && counts.passed + counts.skipped === 0) counts.failed = 1;
    if (status === 0 && !phase.mocha) counts.passed = 1;
    return counts;
}

async function main(mode = "all", name?: string): Promise<void> {
    const phases = phasesOf(mode, name);
    const tally = new Tally();
    await tally.runAll(phases);
    tally.finish();
}

void main(...process.argv.slice(2));
