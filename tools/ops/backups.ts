import { setting } from "./environment";
import { Stop } from "./stop";
import { verb } from "./verb";
import { allWorkloads, choose, type Workload } from "./workloads";

const ROLE = "backup";

/** The containers that make backups, of every system, and all containers beside them. */
export async function backupContainers(): Promise<{ candidates: Workload[]; all: Workload[] }> {
    const all = await allWorkloads();
    const candidates = all.filter(({ role }) => role === ROLE);
    if (candidates.length === 0)
        throw new Stop(
            `no container of this environment makes backups now; those that were made stay where they are, and ${verb("up")} makes the container again`,
        );
    return { candidates, all };
}

/** The backup containers of `SYSTEM` (not needed while only one system has any), and all containers beside them. */
export async function backupsOfSystem(): Promise<{ backups: Workload[]; all: Workload[] }> {
    const { candidates, all } = await backupContainers();
    const system = setting("SYSTEM") ?? onlySystem(candidates);
    const backups = choose(candidates, { system });
    const stopped = backups.find(({ info }) => info.State !== "running");
    if (stopped) throw new Stop(`${stopped.name} is ${stopped.info.State}, not running: ${verb("up")} starts it`);
    return { backups, all };
}

function onlySystem(candidates: Workload[]): string {
    const systems = [...new Set(candidates.map(({ system }) => system))];
    if (systems.length > 1) throw new Stop(`several systems have backups: choose one with SYSTEM=${systems.join(" or SYSTEM=")}`, 2);
    return systems[0]!;
}
