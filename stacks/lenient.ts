import type { z } from "zod";
import { error, type Problem } from "../components/problem";
import { knownKeys, pathText, schemaAt, valueAt, type Path } from "./schema-walk";

/**
 * Parses what can be parsed: every value of a wrong form is reported and left out, so that the rules can look at the rest and a person
 * sees all problems at once. No message quotes a value: it may be a secret at the wrong place.
 */
export function lenientParse<T>(schema: z.ZodType<T>, input: unknown): { value: T; problems: Problem[] } {
    const pruned = structuredClone(input);
    const first = schema.safeParse(pruned);
    if (first.success) return { value: first.data, problems: [] };
    const problems = first.error.issues.flatMap((issue) => explain(schema, input, issue));
    for (let result: z.ZodSafeParseResult<T> = first; ; result = schema.safeParse(pruned)) {
        if (result.success) return { value: result.data, problems };
        // What is missing after this is a consequence, and no problem of its own.
        result.error.issues.forEach((issue) => prune(pruned, issue));
    }
}

function explain(schema: z.ZodType, input: unknown, issue: z.core.$ZodIssue): Problem[] {
    const path = issue.path as Path;
    if (issue.code === "unrecognized_keys") {
        const known = knownKeys(schemaAt(schema, path));
        return issue.keys.map((key) => error(pathText([...path, key]), "this key is unknown", suggestion(key, known)));
    }
    if (issue.code === "invalid_type") return [wrongType(pathText(path), issue.expected, valueAt(input, path))];
    return [error(pathText(path), issue.message, "correct it")];
}

const WRITE: Record<string, string> = {
    boolean: "write true or false, without quotes",
    number: "write the number, without quotes",
    string: "write a text, in quotes if it looks like something else",
    array: "write a list",
    object: "write keys below it, or {} for an empty block",
    record: "write names with their settings below it, or {}",
};

function wrongType(path: string, expected: string, value: unknown): Problem {
    const fix = WRITE[expected] ?? `write a ${expected}`;
    return value === undefined
        ? error(path, "it is missing", "set it")
        : error(path, `it must be ${nameOf(expected)}, not ${kindOf(value)}`, fix);
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

function suggestion(key: string, known: string[]): string {
    const [nearest] = known
        .map((word) => ({ word, distance: editDistance(key.toLowerCase(), word.toLowerCase()) }))
        .sort((a, b) => a.distance - b.distance);
    if (nearest && nearest.distance <= Math.max(2, key.length / 3)) return `did you mean "${nearest.word}"?`;
    return known.length > 0 ? `remove it; known are ${known.join(", ")}` : "remove it";
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
