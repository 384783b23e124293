import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../images/catalogue";
import { Refusal } from "../images/refusal";
import { committedStacks } from "./cli";

/** What the checkout plans otherwise than a commit does, each with its own program, configuration and packages. */
export function compare(commit: string, stacks?: string[]): string {
    const work = mkdtempSync(join(tmpdir(), "groundwork-plan-"));
    try {
        const base = join(work, "base");
        checkOut(commit, base);
        const names = stacks ?? [...new Set([...committedStacks(base), ...committedStacks(repository)])].sort();
        return names.map((stack) => compareStack(stack, base, work)).join("");
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
}

/** The files of a commit, with the packages that it locks. */
function checkOut(commit: string, directory: string): void {
    mkdirSync(directory);
    const archive = 'git archive "$1" | tar --extract --directory "$2"';
    must("bash", ["-o", "pipefail", "-euc", archive, "plan", commit, directory], repository);
    const lock = (root: string) => readFileSync(join(root, "package-lock.json"), "utf8");
    if (lock(directory) === lock(repository)) symlinkSync(join(repository, "node_modules"), join(directory, "node_modules"));
    else must("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], directory);
}

function compareStack(stack: string, base: string, work: string): string {
    const after = planned(stack, repository);
    const before = planned(stack, base);
    if (before === after) return `${stack}: the same plan\n`;
    return `${stack}: another plan\n${difference(before, after, work)}`;
}

/** As `git diff` shows it, each part headed by the resource that it belongs to. */
function difference(before: string, after: string, work: string): string {
    for (const [name, text] of Object.entries({ before, after, attributes: "* diff=plan\n" })) writeFileSync(join(work, name), text);
    const settings = [`core.attributesFile=${join(work, "attributes")}`, "diff.plan.xfuncname=^  - name: .*$"];
    const args = [...settings.flatMap((setting) => ["-c", setting]), "diff", "--no-index", "--no-color", "--unified=5"];
    const { stdout } = spawnSync("git", [...args, join(work, "before"), join(work, "after")], { encoding: "utf8", maxBuffer: 2 ** 28 });
    return stdout.slice(stdout.indexOf("@@"));
}

/** The plan of a checkout by its own `npm run plan`; empty where there is no such environment. */
function planned(stack: string, root: string): string {
    if (!existsSync(join(root, `Pulumi.${stack}.yaml`))) return "";
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "tools/plan", "--stack", stack], {
        cwd: root,
        encoding: "utf8",
        maxBuffer: 2 ** 28,
    });
    if (status === 0) return stdout;
    if (root === repository) throw new Refusal(`${stack}: ${stderr.trim()}`);
    return `# ${stack}: the commit to compare with has no plan\n${stderr}`;
}

function must(command: string, args: string[], cwd: string): void {
    const { status } = spawnSync(command, args, { cwd, stdio: ["ignore", 2, 2] });
    if (status !== 0) throw new Refusal(`${command} failed, see above`);
}
