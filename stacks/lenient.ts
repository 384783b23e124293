import type { z } from "zod";
import { error, type Problem } from "../components/problem";
import { childSchema, knownKeys, pathText, schemaAt, valueAt, type Path } from "./schema-walk";

/**
 * Parses what can be parsed: every value of a wrong form is reported and left out, so that the rules can look at the rest and a person
 * sees all problems at once. No message quotes a value: it may be a secret at the wrong place.
 */
export function lenientParse<T>(schema: z.ZodType<T>, input: unknown): { value: T; problems: Problem[] } {
    const pruned = structuredClone(input);
    const first = schema.safeParse(pruned);
    const dropped = droppedNames(input);
    if (first.success) return { value: first.data, problems: dropped };
    const problems = [...dropped, ...first.error.issues.flatMap((issue) => explain(schema, input, issue))];
    for (let result: z.ZodSafeParseResult<T> = first; ; result = schema.safeParse(pruned)) {
        if (result.success) return { value: result.data, problems };
        // What is missing after this is a consequence, and no problem of its own.
        result.error.issues.forEach((issue) => prune(pruned, issue));
    }
}

/** The schema's library leaves this one name out of every object, without a word. */
function droppedNames(value: unknown, path: Path = []): Problem[] {
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) =>
        key === "__proto__"
            ? [error(pathText([...path, key]), "this name is not possible", "choose another one")]
            : droppedNames(inner, [...path, key]),
    );
}

function explain(schema: z.ZodType, input: unknown, issue: z.core.$ZodIssue): Problem[] {
    const path = issue.path as Path;
    if (issue.code === "unrecognized_keys") {
        const known = knownKeys(schemaAt(schema, path));
        const fix = (key: string) => suggestion(key, known, ownerOf(schemaAt(schema, path), key), ownerOf(schema, key));
        return issue.keys.map((key) =>
            path.length === 0 && isPath(schema, key)
                ? error(key, "it is one key with dots in it, as `config set` writes it without --path", `remove it, and set it with --path`)
                : error(pathText([...path, key]), "this key is unknown", fix(key)),
        );
    }
    if (issue.code === "invalid_type") return [wrongType(path, issue.expected, valueAt(input, path))];
    return [error(pathText(path), issue.message, "correct it")];
}

/** `openpectus.engineSecret`. */
function isPath(schema: z.ZodType, key: string): boolean {
    const path = key.split(".");
    return path.length > 1 && schemaAt(schema, path) !== undefined;
}

const WRITE: Record<string, string> = {
    boolean: "write true or false, without quotes",
    number: "write the number, without quotes",
    string: "write a text, in quotes if it looks like something else",
    array: "put it into brackets: [ … ]",
    object: "write keys below it, or {} for an empty block",
    record: "write names with their settings below it, or {}",
};

function wrongType(path: Path, expected: string, value: unknown): Problem {
    const at = pathText(path);
    const fix = WRITE[expected] ?? `write a ${expected}`;
    if (value === undefined) return error(at, "it is missing", "set it");
    // The engine hands a block without anything below it over as an empty text.
    if (value === "" && ["object", "record", "array"].includes(expected)) return error(at, "it is empty", EMPTY[expected]!);
    const problem = `it must be ${nameOf(expected)}, not ${kindOf(value)}`;
    return error(at, problem, expected === "number" && hasUnit(value) ? `write the number alone, ${unitOf(String(path.at(-1)))}` : fix);
}

const EMPTY: Record<string, string> = {
    object: "write keys below it, or {} for the defaults, or remove it",
    record: "write names with their settings below it, or {}, or remove it",
    array: "write a list, or remove it",
};

/** `512 MB`, `30s`. */
function hasUnit(value: unknown): boolean {
    return typeof value === "string" && /^\d+(\.\d+)?\s*[a-z]+$/i.test(value);
}

function unitOf(key: string): string {
    if (key.endsWith("Seconds")) return "in seconds";
    return key === "memory" ? "in MiB" : "in the unit that docs/reference names";
}

function nameOf(type: string): string {
    return (
        { string: "a text", number: "a number", boolean: "true or false", array: "a list", object: "a block", record: "a block of names" }[
            type
        ] ?? type
    );
}

function kindOf(value: unknown): string {
    if (value === null) return "nothing";
    return nameOf(Array.isArray(value) ? "array" : typeof value);
}

/** Removes what an issue is about; for a missing value, the block that wants it. */
function prune(input: unknown, issue: z.core.$ZodIssue): void {
    const path = issue.path as Path;
    if (issue.code === "unrecognized_keys") {
        const parent = valueAt(input, path) as Record<string, unknown>;
        issue.keys.forEach((key) => delete parent[key]);
        return;
    }
    for (let length = path.length; length > 0; length--) {
        const parent = valueAt(input, path.slice(0, length - 1)) as Record<string | number, unknown> | undefined;
        const key = path[length - 1]!;
        if (parent && typeof parent === "object" && key in parent) {
            delete parent[key];
            return;
        }
    }
}

/**
 * @param inner the block here in which the same key would be right
 * @param owner the block at the top of the file that has it
 */
function suggestion(key: string, known: string[], inner: string | undefined, owner: string | undefined): string {
    const near = nearest(key, known);
    if (near !== undefined) return `did you mean "${near}"?`;
    if (inner !== undefined) return `did you mean "${inner}.${key}"?`;
    if (owner !== undefined) return `remove it: only ${owner} has it`;
    return known.length > 0 ? `remove it; known are ${known.join(", ")}` : "remove it";
}

/** The known word that a word with typing errors stands for. */
export function nearest(word: string, known: string[]): string | undefined {
    const [first] = known
        .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
        .sort((a, b) => a.distance - b.distance);
    return first && first.distance <= Math.max(2, word.length / 3) ? first.candidate : undefined;
}

/** The one block below that knows a key. */
function ownerOf(schema: z.core.$ZodType | undefined, key: string): string | undefined {
    const owners = knownKeys(schema).filter((block) => knownKeys(childSchema(schema, block)).includes(key));
    return owners.length === 1 ? owners[0] : undefined;
}

/** Levenshtein's distance. */
export function editDistance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++) {
            next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
        }
        row = next;
    }
    return row[b.length]!;
}
