import { backupFiles } from "./backup-files";
import { listBackups } from "./backup-list";
import { backupsOfSystem } from "./backups";
import { confirm } from "./confirm";
import { consumersOf, stoppedEarlier, waitUntilWell, whileStopped } from "./consumers";
import { environment, setting, type Environment } from "./environment";
import { execute, executeQuietly } from "./execute";
import { uninterrupted } from "./interruption";
import { backendFolder, judge, readLocks } from "./lock";
import { migrate, migrationsOf } from "./migrations";
import { withRestoreLock } from "./restore-lock";
import { run, Stop } from "./stop";
import { verb } from "./verb";
import type { Workload } from "./workloads";

/** Puts a backup back: `FILE` names it, and without `FILE` those that exist are listed. */
async function restore(): Promise<number> {
    const file = setting("FILE");
    if (!file) return listBackups();
    const { backups, all } = await backupsOfSystem();
    if (backups.length > 1)
        throw new Stop(
            `${backups[0]!.system} has several backup containers (${backups.map(({ name }) => name).join(", ")}): see the runbook`,
            2,
        );
    const backup = backups[0]!;
    await mustExist(backup, file);
    const consumers = consumersOf(backup, all, await stoppedEarlier(backup));
    const names = consumers.map(({ name }) => name).join(", ");
    // A database server must run for its own restore; who uses it is cut off when the restored data takes over.
    const meanwhile = names ? `${names} is stopped meanwhile` : "programs that are connected to it are cut off";
    await confirm(`The data of ${backup.system} is replaced by that of ${file}; ${meanwhile}.`);
    await withRestoreLock(backup, async (id) => {
        refuseDuringUpdate(environment());
        await mustBeUnchanged(backup, consumers);
        await takeSafetyBackup(backup);
        await uninterrupted((interruption) => exchange(backup, { file, id }, consumers, interruption));
    });
    console.log(names ? `${file} is restored and ${names} is running again.` : `${file} is restored.`);
    return 0;
}

/** It starts and replaces programs, and knows nothing of a restore that begins meanwhile. Another machine's run cannot be judged from here. */
function refuseDuringUpdate(env: Environment): void {
    const folder = backendFolder(process.env.PULUMI_BACKEND_URL);
    const update = folder && readLocks(folder, env).find((lock) => judge(lock) === "alive");
    if (update) throw new Stop(`stack ${env.stack} is being updated right now (since ${update.timestamp}): wait for that run to end`);
}

/** The question may have stood there for a while, and a program that was not announced would not be stopped. */
async function mustBeUnchanged(backup: Workload, announced: Workload[]): Promise<void> {
    const { backups, all } = await backupsOfSystem();
    const names = announced.map(({ name }) => name);
    const now = backups.flatMap((one) => [one, ...consumersOf(one, all, names)]);
    const ids = (workloads: Workload[]) => workloads.map(({ id }) => id).join();
    if (ids(now) === ids([backup, ...announced])) return;
    throw new Stop(`the containers of ${backup.system} have changed meanwhile; nothing was restored: run it again`);
}

interface Restoration {
    file: string;
    /** The script knows it by that: somebody else's may be at work by hand, and this one wait for it. */
    id: string;
}

/** As a shell counts a program that Ctrl-C ended. */
const INTERRUPTED = 130;

async function exchange(backup: Workload, what: Restoration, consumers: Workload[], interruption: AbortSignal): Promise<void> {
    const { file } = what;
    const migrations = await migrationsOf(backup.system);
    try {
        await whileStopped(backup, consumers, interruption, async () => {
            await putBack(backup, what, interruption);
            await migrate(migrations);
        });
    } catch (problem) {
        if (problem !== interruption.reason) throw problem;
        throw new Stop("interrupted: nothing was changed", INTERRUPTED);
    }
    for (const consumer of consumers) await waitUntilWell(consumer, interruption);
    if (interruption.aborted) throw new Stop(`interrupted too late to stop it: ${file} is restored`, INTERRUPTED);
}

/** The script in the container does not end with its caller, and must not go on behind the back of programs that run again. */
async function putBack(backup: Workload, { file, id }: Restoration, interruption: AbortSignal): Promise<void> {
    const cancel = () => {
        console.log("stopping the restore");
        void executeQuietly(backup, ["backup", "cancel", id]).catch(() => undefined);
    };
    interruption.addEventListener("abort", cancel);
    const code = await execute(backup, ["backup", "restore", file, id]).finally(() => interruption.removeEventListener("abort", cancel));
    if (code === 0) return;
    interruption.throwIfAborted();
    throw new Stop(`restoring ${file} failed with code ${code}; its own words are above`);
}

/** A typing error should not cost anybody a stop. A path is left to the script, which looks for itself. */
async function mustExist(backup: Workload, file: string): Promise<void> {
    if (file.startsWith("/")) return;
    const { code, output } = await executeQuietly(backup, ["backup", "list"]);
    if (code !== 0) throw new Stop(`the backups in ${backup.name} cannot be listed: ${output.trim()}`);
    if (!backupFiles(output).some(({ name }) => name === file)) {
        throw new Stop(`there is no backup ${file}: ${verb("backups", { SYSTEM: backup.system })} lists those that exist`, 2);
    }
}

/**
 * What a wrong choice of file would destroy can be had back. Data that is lost or damaged cannot be backed up, and is no
 * reason not to restore: the script leaves the file that was there beside the restored one. Nothing is pruned here, or the
 * oldest backup could go at the moment it is wanted.
 */
async function takeSafetyBackup(backup: Workload): Promise<void> {
    console.log(`${backup.name}: backup of the present data first`);
    const code = await execute(backup, ["env", "BACKUP_KEEP=1000000", "backup", "now"]);
    if (code !== 0) console.log("going on all the same: what is there now is kept beside the restored data, named before-restore");
}

if (require.main === module) run(restore);
