import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import { pipeline } from "./command";

/** What can be made again: outside the checkout, shared by all checkouts of this person. */
export const cache =
    process.env.GROUNDWORK_CACHE || path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "groundwork");

/** Archives of one role that are kept: the current one, a second version, and the one before each. */
const kept = 4;

/** Where the archive of an image lies: in one file, named after the tag. */
export function archiveOf(image: string): string {
    return path.join(cache, "images", `${image.replace(/^groundwork\//, "").replace(":", "_")}.tar.gz`);
}

/** Where the list of what is in an image lies: beside its archive, and removed with it. */
export function sbomOf(image: string): string {
    return archiveOf(image).replace(/\.tar\.gz$/, ".spdx.json");
}

/** Loads an image from the cache; false if it is not there. */
export async function loadArchive(image: string): Promise<boolean> {
    const archive = archiveOf(image);
    if (!existsSync(archive)) {
        return false;
    }
    await pipeline('docker load --input "$1"', [archive]);
    utimesSync(archive, new Date(), new Date());
    return true;
}

/** Keeps an image for the next fresh daemon. Loading takes seconds where building takes a minute and the network. */
export async function saveArchive(image: string): Promise<void> {
    const archive = archiveOf(image);
    const partial = `${archive}.${process.pid}`;
    mkdirSync(path.dirname(archive), { recursive: true });
    try {
        await pipeline('docker save "$1" | gzip -1 > "$2"', [image, partial]);
        renameSync(partial, archive);
    } finally {
        rmSync(partial, { force: true });
    }
    pruneArchives(image);
}

/** Removes the archives of a role that have not been used for longest. */
function pruneArchives(image: string): void {
    const directory = path.dirname(archiveOf(image));
    const role = path.basename(archiveOf(image)).split("_")[0];
    const archives = readdirSync(directory).filter((file) => file.startsWith(`${role}_`) && file.endsWith(".tar.gz"));
    const used = (file: string) => statSync(path.join(directory, file)).mtimeMs;
    for (const file of archives.sort((a, b) => used(b) - used(a)).slice(kept)) {
        rmSync(path.join(directory, file), { force: true });
        rmSync(path.join(directory, file.replace(/\.tar\.gz$/, ".spdx.json")), { force: true });
    }
}
