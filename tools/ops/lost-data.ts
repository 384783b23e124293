import { backupFiles, backupTable, type BackupFile } from "./backup-files";
import { LABEL } from "../../components/workload/docker/labels";
import { storeOf, storesWithoutMaker, type Store } from "./backup-stores";
import type { Sight } from "./drift";
import { label, makesBackups } from "./resource-label";
import { physicalName, type Resource } from "./state";
import { command } from "./verb";

type Lost = Sight["lost"][number];

/** What a person must know before an empty volume takes the place of one that is gone: which backups there are, and the ways on. */
export async function lostData(volumes: Lost[], sight: Sight, resources: Resource[]): Promise<string> {
    const names = volumes.map(({ resource }) => physicalName(resource));
    const systems = [...new Set(volumes.map(({ resource }) => label(resource, LABEL.system) ?? "-"))];
    const lines = [`gone with the data in it: volume ${names.join(", volume ")}; nothing was changed`];
    for (const system of systems) lines.push(...(await backupsOf(system, volumes, sight, resources)));
    return [
        ...lines,
        "  Is a disk not mounted? Mount it and restart Docker. To go on without that data:",
        `    ${command("up", { EMPTY_DATA: "yes" })}`,
        ...systems.map((system) => `    ${command("restore", { SYSTEM: system, FILE: "<file>" })}`),
    ].join("\n");
}

async function backupsOf(system: string, lost: Lost[], { containers }: Sight, resources: Resource[]): Promise<string[]> {
    const ofSystem = ({ resource }: { resource: Resource }) => label(resource, LABEL.system) === system;
    const makers = containers.filter((one) => makesBackups(one) && ofSystem(one));
    // After `make down` there are none, and the backups are still there: where the data was.
    const hosts = [...new Set(lost.filter(ofSystem).map(({ host }) => host))];
    const stores = makers.length > 0 ? makers.map(storeOf) : hosts.flatMap((host) => storesWithoutMaker(system, host, resources));
    if (stores.length === 0) return [`  No backups of ${system} are known.`];
    const found = await Promise.all(stores.map((store) => backupsIn(store, lost)));
    return found.flatMap(({ place, gone, files }) => {
        if (gone) return [`  Backups of ${system} were in ${place}, which is gone too.`];
        if (!files) return [`  Backups of ${system} are in ${place}, which could not be read.`];
        if (files.length === 0) return [`  There are no backups of ${system} in ${place}.`];
        const rest = files.length > SHOWN ? [`    and ${files.length - SHOWN} older ones`] : [];
        const shown = backupTable(files.slice(0, SHOWN)).split("\n");
        return [`  Backups of ${system} in ${place}, newest first:`, ...shown.map((line) => `    ${line}`), ...rest];
    });
}

/** More do not help in a choice. */
const SHOWN = 10;

interface Place {
    place: string;
    gone?: boolean;
    /** Missing where the place could not be read. */
    files?: BackupFile[];
}

async function backupsIn({ host, volume, hostPath, list }: Store, lost: Lost[]): Promise<Place> {
    const where = host.name === "default" ? "" : ` of host ${host.name}`;
    const place = volume ? `volume ${volume}${where}` : `directory ${hostPath}${where}`;
    if (lost.some(({ resource }) => physicalName(resource) === volume)) return { place, gone: true };
    try {
        const { code, output } = await list();
        return { place, files: code === 0 ? backupFiles(output) : undefined };
    } catch {
        return { place };
    }
}
