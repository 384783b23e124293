import { backupFiles, backupTable } from "./backup-files";
import { backupContainers } from "./backups";
import { stoppedEarlier } from "./consumers";
import { setting } from "./environment";
import { executeQuietly } from "./execute";
import { restoringSince } from "./restore-lock";
import { run } from "./stop";
import { command, verb } from "./verb";
import { choose, type Workload } from "./workloads";

/** The backups of each system, or of `SYSTEM`, newest first, and the command that brings one back. Changes nothing. */
export async function listBackups(): Promise<number> {
    const { candidates } = await backupContainers();
    const chosen = choose(candidates, { system: setting("SYSTEM") }).sort((a, b) => a.system.localeCompare(b.system));
    let code = 0;
    for (const [index, backup] of chosen.entries()) {
        if (index > 0) console.log();
        if (!(await list(backup, chosen))) code = 1;
    }
    return code;
}

/** False when they could not be had. */
async function list(backup: Workload, all: Workload[]): Promise<boolean> {
    const { system, name, info } = backup;
    if (info.State !== "running") {
        console.error(`error: ${system}: ${name} is ${info.State}, so its backups cannot be listed: ${verb("up")} starts it`);
        return false;
    }
    const { code, output } = await executeQuietly(backup, ["backup", "list"]);
    if (code !== 0) {
        console.error(`error: ${system}: the backups in ${name} cannot be listed: ${output.trim()}`);
        return false;
    }
    const several = all.filter((one) => one.system === system).length > 1;
    console.log(backupsInWords(several ? `${system} (${name})` : system, system, output));
    await tellOfRestores(backup);
    return true;
}

/** `title` names the system, and the container where it has several. */
export function backupsInWords(title: string, system: string, output: string): string {
    const files = backupFiles(output);
    if (files.length === 0)
        return `${title}: no backups yet. The first is made on schedule (\`backup.schedule\`); to make one now: ${command("backup", { SYSTEM: system })}`;
    const { name } = files.find(({ apart }) => !apart) ?? files[0]!;
    return [
        `${title}: ${files.length === 1 ? "1 backup" : `${files.length} backups, newest first`}`,
        backupTable(files),
        `To bring one back: ${command("restore", { SYSTEM: system, FILE: name })}`,
    ].join("\n");
}

async function tellOfRestores(backup: Workload): Promise<void> {
    const since = await restoringSince(backup);
    const stopped = (await stoppedEarlier(backup)).join(", ");
    if (since) console.error(`warning: a restore is under way since ${since}`);
    else if (stopped)
        console.error(`warning: an interrupted restore has stopped ${stopped}: the next restore starts it again, or ${verb("up")}`);
}

if (require.main === module) run(listBackups);
