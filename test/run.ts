/**
 * Runs the suites one after the other, prints how long each took, and ends with one line that counts over all of them.
 *
 *     node --import tsx test/run.ts check        what needs no machine: types, lint, format, docs, unit, golden, policy
 *     node --import tsx test/run.ts all          that, and everything end to end
 *     node --import tsx test/run.ts e2e <name>   the end-to-end suites whose file name begins with <name>
 */
import { spawnSync } from "node:child_process";
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

const checks: Phase[] = [
    { name: "types", command: [bin("tsc"), "--noEmit", "-p", "."] },
    { name: "lint", command: [bin("eslint"), "."] },
    { name: "format", command: [bin("prettier"), "--check", "--log-level", "warn", "**/*.{ts,mjs,cjs,js,json}"] },
    { name: "docs", command: [process.execPath, "--import", "tsx", "tools/docs/generate.ts", "--check"] },
    ...["unit", "golden", "policy"].filter(hasTests).map((kind) => mocha(kind, `test/${kind}/**/*.test.ts`)),
];

function hasTests(kind: string): boolean {
    return existsSync(join(root, "test", kind));
}

function mocha(name: string, spec: string, timeout?: number): Phase {
    return { name, command: [bin("mocha"), ...(timeout ? ["--timeout", String(timeout)] : []), spec], mocha: true };
}

function endToEnd(prefix = ""): Phase[] {
    return readdirSync(join(root, "test", "e2e"))
        .filter((file) => file.endsWith(".test.ts") && file.startsWith(prefix))
        .sort()
        .map((file) => mocha(`e2e ${file.replace(".test.ts", "")}`, `test/e2e/${file}`, 600_000));
}

function phasesOf(mode: string, name?: string): Phase[] {
    const suites = { check: checks, all: [...checks, ...endToEnd()], e2e: endToEnd(name) }[mode];
    if (!suites) throw new Error(`usage: run.ts check | all | e2e [name], not "${mode}"`);
    if (suites.length === 0) throw new Error(`there is no end-to-end suite "${name}"`);
    return suites;
}

function run(phase: Phase, countsFile: string): Counts {
    console.log(`\n=== ${phase.name}`);
    rmSync(countsFile, { force: true });
    const [command, ...args] = phase.command;
    const { status } = spawnSync(command, args, {
        cwd: root,
        stdio: "inherit",
        env: { ...process.env, GROUNDWORK_TEST_COUNTS: countsFile },
    });
    const counted: Counts | undefined = phase.mocha && existsSync(countsFile) ? JSON.parse(readFileSync(countsFile, "utf8")) : undefined;
    const counts = counted ?? { passed: 0, failed: 0, skipped: 0 };
    // A suite that broke before it could count, or counted nothing, has failed.
    if (status !== 0 && counts.failed === 0) counts.failed = 1;
    if (status === 0 && phase.mocha && counts.passed + counts.skipped === 0) counts.failed = 1;
    if (status === 0 && !phase.mocha) counts.passed = 1;
    return counts;
}

function main(mode = "all", name?: string): void {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    const total: Counts = { passed: 0, failed: 0, skipped: 0 };
    const rows: string[] = [];
    try {
        for (const phase of phasesOf(mode, name)) {
            const start = Date.now();
            const counts = run(phase, join(directory, "counts"));
            for (const key of ["passed", "failed", "skipped"] as const) total[key] += counts[key];
            const seconds = ((Date.now() - start) / 1000).toFixed(1).padStart(7);
            const skipped = counts.skipped ? `, ${counts.skipped} skipped` : "";
            rows.push(`${seconds} s  ${phase.name}: ${counts.passed} passed, ${counts.failed} failed${skipped}`);
        }
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
    console.log(`\n${rows.join("\n")}`);
    if (total.skipped) console.log(`${total.skipped} skipped`);
    console.log(`${total.passed} passed, ${total.failed} failed`);
    process.exitCode = total.failed === 0 ? 0 : 1;
}

main(...process.argv.slice(2));
