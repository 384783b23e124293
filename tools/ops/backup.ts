import { backupsOfSystem } from "./backups";
import { flag } from "./environment";
import { execute } from "./execute";
import { restoringSince } from "./restore-lock";
import { run, Stop } from "./stop";

/** Takes a backup now, in every backup container of the system; with `ACCEPT_SMALLER=yes` also one that is far smaller than the last. */
async function backup(): Promise<void> {
    const accept = flag("ACCEPT_SMALLER");
    const { backups } = await backupsOfSystem();
    for (const one of backups) {
        const since = await restoringSince(one);
        if (since) console.log(`${one.name}: a restore is under way since ${since}; the backup may have to wait for it`);
        console.log(`${one.name}: backup now`);
        const code = await execute(one, ["backup", "now", ...(accept ? ["--accept-smaller"] : [])]);
        if (code !== 0) throw new Stop(`the backup in ${one.name} failed with code ${code}; its own words are above`);
    }
}

if (require.main === module) run(backup);
