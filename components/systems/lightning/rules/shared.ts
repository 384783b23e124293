import { posix } from "node:path";
import { error, type Problem } from "../../../problem";

/** What several rules say in the same words. A value that is not known yet (an Output) is looked at nowhere. */

export function whole(value: number | undefined, path: string, least: number, unit = ""): Problem[] {
    if (value === undefined || (Number.isInteger(value) && value >= least)) return [];
    return [error(path, `${value} is out of range`, `give a whole number${unit && ` of ${unit}`}, at least ${least}`)];
}

export function port(value: number | undefined, path: string): Problem[] {
    if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= 65535)) return [];
    return [error(path, `${value} is not a port`, "give a whole number from 1 to 65535")];
}

export function oneOf(value: string | undefined, path: string, words: string[]): Problem[] {
    if (value === undefined || words.includes(value)) return [];
    return [error(path, `"${value}" is none of the words that Lightning knows here`, `give one of ${words.join(", ")}`)];
}

/** A directory of its own, on the host or in a container. */
export function directory(value: string | undefined, path: string): Problem[] {
    if (value === undefined || (posix.isAbsolute(value) && posix.resolve(value) !== "/")) return [];
    return [error(path, `"${value}" is not an absolute path of a directory`, "give one that begins with /")];
}

export function url(value: string | undefined, path: string, schemes: string[]): Problem[] {
    if (value === undefined || (URL.canParse(value) && schemes.includes(new URL(value).protocol.replace(":", "")))) return [];
    return [
        error(
            path,
            `"${value}" is not a URL of the kind that is wanted here`,
            `give one that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
        ),
    ];
}

/** No message quotes it: a key is in it. */
export function sentryDsn(value: unknown, path: string): Problem[] {
    if (typeof value !== "string" || URL.canParse(value)) return [];
    return [error(path, "it is not a URL", "copy it from the project settings of Sentry")];
}

export function email(value: string | undefined, path: string): Problem[] {
    if (value === undefined || /^[^\s@]+@[^\s@]+$/.test(value)) return [];
    return [error(path, `"${value}" is not an e-mail address`, "correct it")];
}

/** Settings of a block that only work together: the absent ones in one message. */
export function together(block: object | undefined, names: string[], path: string, purpose: string): Problem[] {
    if (block === undefined) return [];
    const missing = names.filter((name) => (block as Record<string, unknown>)[name] === undefined);
    if (missing.length === 0) return [];
    const verb = missing.length === 1 ? "is" : "are";
    const absent = missing.length === names.length ? "" : `, but ${list(missing)} ${verb} missing`;
    return [error(path, `${purpose} needs ${list(names)}${absent}`, "set what is missing, or remove the block")];
}

export function list(names: string[]): string {
    return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** The text behind strict, padded Base64 on one line; undefined if it is anything else. */
export function decoded(base64: string): Buffer | undefined {
    const bytes = Buffer.from(base64, "base64");
    return bytes.length > 0 && bytes.toString("base64") === base64 ? bytes : undefined;
}

/** The release of an image stands in its tag; a digest alone does not tell it. */
export const TAG_AND_DIGEST = "name the release beside the digest (…:v1.2.3@sha256:…)";
