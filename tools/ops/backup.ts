import { backupsOfSystem } from "./backups";
import { execute } from "./execute";
import { run, Stop } from "./stop";

/** Takes a backup now, in every backup container of the system. */
async function backup(): Promise<void> {
    const { backups } = await backupsOfSystem();
    for (const one of backups) {
        console.log(`${one.name}: backup now`);
        const code = await execute(one, ["backup", "now"]);
        if (code !== 0) throw new Stop(`the backup in ${one.name} failed with code ${code}; its own words are above`);
    }
}

if (require.main === module) run(backup);
