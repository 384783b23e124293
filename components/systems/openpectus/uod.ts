import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { error, type Problem } from "../../problem";
import type { OpenPectusUod } from "./args";

/** A unit operation definition as it goes into the container. */
export interface Uod {
    text: string;
    /** Its path in the container; upstream records it with every run. */
    target: string;
}

/** Reads the definition on the machine where pulumi runs. Undefined: the demo that the package brings. */
export function readUod(uod: OpenPectusUod | undefined): Uod | undefined {
    if (uod?.content !== undefined) return { text: uod.content, target: "/uod/uod.py" };
    if (uod?.path === undefined) return undefined;
    return { text: readFileSync(resolve(uod.path), "utf8"), target: `/uod/${basename(uod.path)}` };
}

/** An engine ends with code 0 when its definition cannot be loaded, so what can be seen beforehand is looked for here. */
export function checkUod(uod: OpenPectusUod | undefined, loginRequired: boolean, path: string): Problem[] {
    if (uod === undefined) return [];
    if ((uod.path === undefined) === (uod.content === undefined)) {
        return [error(path, "it needs exactly one of path and content", "remove one of them, or the whole block for the demo unit")];
    }
    const key = uod.path === undefined ? `${path}.content` : `${path}.path`;
    const read = attempt(() => readUod(uod)?.text);
    if (read === undefined)
        return [error(key, `the file "${uod.path}" cannot be read`, "give a path relative to the project, or an absolute one")];
    return [...checkCreate(read, key), ...checkRoles(read, loginRequired, key)];
}

function checkCreate(text: string, path: string): Problem[] {
    if (/\bcreate\b/.test(text)) return [];
    return [
        error(path, "it has no function create(), which engines call", "define create() and return the unit operation definition from it"),
    ];
}

function checkRoles(text: string, loginRequired: boolean, path: string): Problem[] {
    if (loginRequired || !/\bwith_required_roles\s*\(/.test(text)) return [];
    const fix = "set the azure block, or remove with_required_roles from the definition";
    return [error(path, "it requires roles, but without user login nobody has any, and the unit would be invisible", fix)];
}

function attempt<T>(make: () => T): T | undefined {
    try {
        return make();
    } catch {
        return undefined;
    }
}
