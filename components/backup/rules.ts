import { posix } from "node:path";
import { Cron } from "croner";
import type { Claim } from "../claims";
import { checkImage } from "../images";
import { error, warning, type Problem } from "../problem";
import type { BackupSettings } from "./args";

/** What the rules must know besides the settings. */
export interface BackupSurroundings {
    /** Directory of the host that the database is in; absent when it is in a volume. */
    sourcePath?: string;
    /** Whether the data is worth a warning. */
    dataProtection: boolean;
}

/**
 * Every broken rule of one backup.
 *
 * @param path where the settings stand in the config file, e.g. `openpectus.backup`
 */
export function checkBackup(settings: BackupSettings, path: string, surroundings: BackupSurroundings): Problem[] {
    return [
        ...checkImage(settings.image, "backup", `${path}.image`, surroundings),
        ...checkNumber(settings, path),
        ...checkSchedule(settings, path),
        ...checkTarget(settings, path, surroundings),
    ];
}

/** The directory of the host that only this backup may have. */
export function backupClaims({ directory }: BackupSettings, path: string, host: string): Claim[] {
    return directory?.hostPath === undefined
        ? []
        : [{ kind: "directory", host, value: directory.hostPath, path: `${path}.directory.hostPath` }];
}

/** Logical names of its volumes. */
export function backupVolumes({ directory }: BackupSettings = {}, name: string): string[] {
    return directory?.hostPath === undefined ? [`${name}-backups`] : [];
}

function checkNumber({ keep = 30 }: BackupSettings, path: string): Problem[] {
    if (Number.isInteger(keep) && keep >= 1) return [];
    return [error(`${path}.keep`, `${keep} backups cannot be kept`, "give a whole number, at least 1; 30 is the default")];
}

function checkSchedule({ schedule }: BackupSettings, path: string): Problem[] {
    if (schedule === undefined) return [];
    try {
        if (new Cron(schedule, { mode: "5-part", paused: true }).nextRun() !== null) return [];
        return [error(`${path}.schedule`, `"${schedule}" never comes`, 'correct it; "5 4 * * *" is daily at 04:05')];
    } catch {
        return [error(`${path}.schedule`, `"${schedule}" is not a schedule`, 'give five cron fields, e.g. "5 4 * * *" for daily at 04:05')];
    }
}

function checkTarget({ directory }: BackupSettings, path: string, { sourcePath, dataProtection }: BackupSurroundings): Problem[] {
    const target = directory?.hostPath;
    if (target === undefined) {
        const fix = "set directory.hostPath to a directory of another disk, or copy the backups elsewhere";
        return dataProtection ? [warning(path, "backups lie on the same disk as the data and are lost with it", fix)] : [];
    }
    const place = `${path}.directory.hostPath`;
    if (!posix.isAbsolute(target)) return [error(place, `"${target}" is not an absolute path`, "begin it with /")];
    if (sourcePath === undefined || !(inside(target, sourcePath) || inside(sourcePath, target))) return [];
    return [error(place, `backups in ${target} would lie in one tree with the data in ${sourcePath}`, "choose a directory apart from it")];
}

function inside(inner: string, outer: string): boolean {
    const way = posix.relative(outer, inner);
    return way === "" || !(way === ".." || way.startsWith("../"));
}
