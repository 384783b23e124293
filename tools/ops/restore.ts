import { backupsOfSystem } from "./backups";
import { confirm } from "./confirm";
import { setting } from "./environment";
import { execute, executeQuietly } from "./execute";
import { run, Stop } from "./stop";
import { command, verb } from "./verb";
import type { Workload } from "./workloads";

/** Puts a backup back: `FILE` names it, and without `FILE` those that exist are listed. */
async function restore(): Promise<number> {
    const { backups, all } = await backupsOfSystem();
    const file = setting("FILE");
    if (!file) return list(backups);
    if (backups.length > 1)
        throw new Stop(
            `${backups[0]!.system} has several backup containers (${backups.map(({ name }) => name).join(", ")}): see the runbook`,
            2,
        );
    const backup = backups[0]!;
    await mustExist(backup, file);
    const consumers = consumersOf(backup, all);
    const names = consumers.map(({ name }) => name).join(", ");
    // A database server must run for its own restore; who uses it is cut off when the restored data takes over.
    const meanwhile = names ? `${names} is stopped meanwhile` : "programs that are connected to it are cut off";
    await confirm(`The data of ${backup.system} is replaced by that of ${file}; ${meanwhile}.`);
    await takeSafetyBackup(backup);
    await whileStopped(consumers, async () => {
        const code = await execute(backup, ["backup", "restore", file]);
        if (code !== 0) throw new Stop(`restoring ${file} failed with code ${code}; its own words are above`);
    });
    console.log(names ? `${file} is restored and ${names} is running again.` : `${file} is restored.`);
    return 0;
}

async function list(backups: Workload[]): Promise<number> {
    for (const backup of backups) {
        console.log(`Backups in ${backup.name}:`);
        await execute(backup, ["backup", "list"]);
    }
    console.error(`error: choose one: ${command("restore", { SYSTEM: backups[0]!.system, FILE: "<name>" })}`);
    return 2;
}

/** A typing error should not cost anybody a stop. A path is left to the script, which looks for itself. */
async function mustExist(backup: Workload, file: string): Promise<void> {
    if (file.startsWith("/")) return;
    const { code, output } = await executeQuietly(backup, ["backup", "list"]);
    if (code !== 0) throw new Stop(`the backups in ${backup.name} cannot be listed: ${output.trim()}`);
    if (!backupNames(output).includes(file)) {
        throw new Stop(`there is no backup ${file}: ${verb("restore", { SYSTEM: backup.system })} lists those that exist`, 2);
    }
}

/** `backup list` prints a name and a size per line. */
export function backupNames(list: string): string[] {
    return list.split("\n").map((line) => line.trim().split(/\s+/)[0]!);
}

/**
 * What a wrong choice of file would destroy can be had back. Data that is lost or damaged cannot be backed up, and is no
 * reason not to restore: the script leaves the file that was there beside the restored one. Nothing is pruned here, or the
 * oldest backup could go at the moment it is wanted.
 */
async function takeSafetyBackup(backup: Workload): Promise<void> {
    console.log(`${backup.name}: backup of the present data first`);
    const code = await execute(backup, ["env", "BACKUP_KEEP=1000000", "backup", "now"]);
    if (code !== 0) console.log("the present data could not be backed up; it is kept beside the restored data, named before-restore");
}

/** The running containers of the same system and host that mount what the backup container mounts. */
export function consumersOf(backup: Workload, all: Workload[]): Workload[] {
    const sources = new Set(sourcesOf(backup));
    return all.filter(
        (workload) =>
            workload.id !== backup.id &&
            workload.system === backup.system &&
            workload.host.address === backup.host.address &&
            workload.info.State === "running" &&
            sourcesOf(workload).some((source) => sources.has(source)),
    );
}

function sourcesOf({ info }: Workload): string[] {
    return (info.Mounts ?? []).map(({ Type, Name, Source }) => `${Type} ${Type === "volume" ? Name : Source}`);
}

/** Whatever happens, what ran before runs afterwards. */
async function whileStopped(workloads: Workload[], work: () => Promise<void>): Promise<void> {
    try {
        for (const workload of workloads) {
            console.log(`stopping ${workload.name}`);
            await container(workload).stop();
        }
        await work();
    } finally {
        for (const workload of [...workloads].reverse()) await start(workload);
    }
    for (const workload of workloads) await waitUntilWell(workload);
}

async function start(workload: Workload): Promise<void> {
    console.log(`starting ${workload.name}`);
    await container(workload)
        .start()
        .catch((problem: { statusCode?: number; message: string }) => {
            // 304: it was still running.
            if (problem.statusCode !== 304) console.error(`error: ${workload.name} does not start: ${problem.message}`);
        });
}

const PATIENCE = 180_000;

async function waitUntilWell(workload: Workload): Promise<void> {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 1000))) {
        const { Running, Health } = (await container(workload).inspect()).State;
        if (Running && (!Health || Health.Status === "healthy")) return;
    }
    throw new Stop(
        `${workload.name} is not healthy ${PATIENCE / 1000} s after its start: look at ${verb("logs", { ROLE: workload.name })}`,
    );
}

function container({ host, id }: Workload) {
    return host.docker.getContainer(id);
}

if (require.main === module) run(restore);
