import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { findRole, type Role } from "./catalogue";
import { programPins } from "./programs";

/**
 * The name of an image says what went into it: `groundwork/<role>:<version>-<12 hex digits>`.
 * The digits hash the inputs of the build, not its output: Debian's packages move on below an unchanged tag.
 */
export function imageTag(roles: Map<string, Role>, role: Role): string {
    return `groundwork/${role.name}:${role.version}-${contentHash(roles, role).slice(0, 12)}`;
}

/** Hash over the role's files, the image it is built in, its build arguments and its programs' pins. */
export function contentHash(roles: Map<string, Role>, role: Role): string {
    const hash = createHash("sha256");
    field(hash, "version", role.version);
    field(hash, "from", role.from ? contentHash(roles, findRole(roles, role.from)) : "");
    folder(hash, "role", role.directory);
    for (const name of role.programs) {
        folder(hash, `program ${name}`, programPins(name));
    }
    return hash.digest("hex");
}

/** The files of a folder in a fixed order. Prose is no part of an image, nor is what a Python run from the checkout leaves behind. */
export function sourceFiles(directory: string): string[] {
    return readdirSync(directory, { recursive: true, encoding: "utf8" })
        .filter((file) => statSync(path.join(directory, file)).isFile())
        .filter((file) => !file.endsWith(".md") && !file.endsWith(".pyc"))
        .sort();
}

function folder(hash: Hash, name: string, directory: string): void {
    for (const file of sourceFiles(directory)) {
        const full = path.join(directory, file);
        // Git keeps the executable bit and no other, so neither does the hash.
        const mode = statSync(full).mode & 0o100 ? "x" : "-";
        field(hash, `${name}: ${file} ${mode}`, readFileSync(full));
    }
}

/** Adds a value with its name and length, so that no two different inputs read the same. */
function field(hash: Hash, name: string, value: string | Buffer): void {
    hash.update(`${name}\0${Buffer.byteLength(value)}\0`);
    hash.update(value);
}
