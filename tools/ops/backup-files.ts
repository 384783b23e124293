/** The list that the script `backup` prints, for people. */
import { table } from "./table";

export interface BackupFile {
    name: string;
    /** When it was made, as its name tells: `2026-05-04 04:05:00`, in UTC. */
    time: string;
    bytes: number;
    /** It was far smaller than the one before, so it does not count as a backup. */
    apart: boolean;
}

/** A name and a size in bytes per line. */
export function backupFiles(list: string): BackupFile[] {
    const lines = list.split("\n").map((line) => line.trim());
    return lines.filter(Boolean).map((line) => {
        const [name, bytes] = line.split(/\s+/) as [string, string];
        const [, date, hour, minute, second] = /-(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z\./.exec(name) ?? [];
        return { name, time: date ? `${date} ${hour}:${minute}:${second}` : "-", bytes: Number(bytes), apart: name.includes(".smaller.") };
    });
}

/** In the order in which they come. */
export function backupTable(files: BackupFile[]): string {
    const rows = files.map(({ name, time, bytes, apart }) => [
        time,
        inUnits(bytes),
        apart ? `${name} (far smaller than the one before)` : name,
    ]);
    return table(["TIME (UTC)", "SIZE", "FILE"], rows);
}

const UNITS = ["KiB", "MiB", "GiB", "TiB"];

export function inUnits(bytes: number): string {
    if (bytes < 1024) return `${bytes} B`;
    let [size, unit] = [bytes / 1024, 0];
    // Not 1024.0 of one unit, but 1.0 of the next.
    while (Number(size.toFixed(1)) >= 1024 && unit < UNITS.length - 1) [size, unit] = [size / 1024, unit + 1];
    return `${size.toFixed(1)} ${UNITS[unit]}`;
}
