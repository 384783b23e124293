import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { repository, type Role } from "./catalogue";
import { imageTag } from "./tag";

/** One image that the program deploys by default. */
export interface LockedImage {
    /** Name and tag. For an image built here the tag hashes what goes into it. */
    image: string;
    /** Version of the software inside. */
    version: string;
    /** Processor that it runs on, as registries call it, e.g. `amd64`. */
    architecture: string;
    /** Built from `images/` (true) or published by its makers (false). */
    builtHere: boolean;
    /** The exact image in a registry, `registry/name@sha256:...`; used instead of `image` when present. */
    digest?: string;
}

export type Lock = Record<string, LockedImage>;

/** Of the images built here: the build refuses any other daemon. */
const ARCHITECTURE = "amd64";

const defaultFile = path.join(repository, "images.lock.json");

export function readLock(file = defaultFile): Lock {
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Lock) : {};
}

/** Writes the lock if it says something new, and tells whether it did. */
export function writeLock(lock: Lock, file = defaultFile): boolean {
    const text = `${JSON.stringify(lock, null, 4)}\n`;
    if (existsSync(file) && readFileSync(file, "utf8") === text) {
        return false;
    }
    writeFileSync(file, text);
    return true;
}

/** The lock as this checkout's `images/` wants it. A digest survives as long as the image it belongs to. */
export function currentLock(roles: Map<string, Role>, old: Lock): Lock {
    const lock: Lock = {};
    for (const role of roles.values()) {
        if (role.use === "deploy") {
            const image = imageTag(roles, role);
            const digest = old[role.name]?.image === image ? old[role.name].digest : undefined;
            lock[role.name] = { image, version: role.version, architecture: ARCHITECTURE, builtHere: true, ...(digest && { digest }) };
        }
    }
    const published = Object.entries(old).filter(([, entry]) => !entry.builtHere);
    return { ...lock, ...Object.fromEntries(published) };
}
