import { orMissing } from "../../components/workload/docker/client";
import { LABEL } from "../../components/workload/docker/labels";
import { forgetStopped, stoppedEarlier } from "./consumers";
import type { Deployed, Sight } from "./drift";
import type { Host } from "./hosts";
import { label, makesBackups } from "./resource-label";
import { refuseDuringRestore } from "./restore-lock";
import { physicalName } from "./state";
import { verb } from "./verb";

/** A restore that nobody goes on with, and whose programs were not started again. */
export interface InterruptedRestore {
    system: string;
    backup: { id: string; name: string; host: Host };
    /** Names of containers. */
    stopped: string[];
}

/** Refuses while a restore is under way. */
export async function interruptedRestores({ containers }: Sight): Promise<InterruptedRestore[]> {
    const found = await Promise.all(containers.filter(makesBackups).map(interruptedRestore));
    return found.flat();
}

async function interruptedRestore({ resource, host, info }: Deployed): Promise<InterruptedRestore[]> {
    if (!info) return [];
    const system = label(resource, LABEL.system) ?? "-";
    const backup = { id: info.Id, name: physicalName(resource), host };
    const [stopped] = await Promise.all([
        // What does not run now is asked the next time.
        stoppedEarlier(backup).catch(() => []),
        refuseDuringRestore(system, backup),
    ]);
    return stopped.length > 0 ? [{ system, backup, stopped }] : [];
}

/** Once its programs run again, or are gone and made again by the update, nothing is left of it. */
export async function closeRestore({ system, backup, stopped }: InterruptedRestore): Promise<void> {
    const found = await Promise.all(stopped.map((name) => orMissing(backup.host.docker.getContainer(name).inspect())));
    if (found.some((info) => info && !info.State.Running)) return;
    await forgetStopped(backup);
    console.log(
        `mending: a restore of ${system} was interrupted, and ${stopped.join(", ")} runs again after it, with the old data or the restored, ` +
            `complete in any case; ${verb("backups", { SYSTEM: system })} lists the backups`,
    );
}
