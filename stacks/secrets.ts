import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { makeCommand, shellWord } from "../components/make-command";
import { error, warning, type Problem } from "../components/problem";
import { isSecretText } from "../components/settings";
import { childSchema, knownKeys, pathText, required, schemaAt, valueAt, type Path } from "./schema-walk";

/** The same value with every secret leaf as a secret Output. Components take Inputs there, so the type stays. */
export function seal<T>(schema: z.core.$ZodType, value: T): T {
    if (isSecret(schema)) return (value === undefined ? value : pulumi.secret(value)) as T;
    if (Array.isArray(value)) return value.map((item, index) => seal(childSchema(schema, index)!, item)) as T;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, seal(childSchema(schema, key)!, inner)])) as T;
}

/** What must be known of the place where the configuration is written. */
export interface Written {
    /** Block -> value as written in the file, secrets as `secure: …`; undefined when there is no file to look at. */
    written?: Record<string, unknown>;
    /** Whether anything in a block is encrypted. */
    hasSecret(block: string): boolean;
}

/** Secrets that stand in the file in plain text, and the other way round. */
export function checkEncryption(schema: z.core.$ZodType, config: object, source: Written): Problem[] {
    const plain = secretPaths(schema, config).filter((path) => !isEncrypted(path, source));
    return [
        ...plain.map((path) =>
            error(pathText(path), "it is a secret, but is not encrypted in the config file", encryptIt(path, valueAt(config, path))),
        ),
        ...encryptedPaths(source.written ?? {})
            .filter((path) => isPublic(schema, path))
            .map((path) => warning(pathText(path), "it is encrypted in the file, but is used in plain", "remove it if nobody may see it")),
    ];
}

/** A prompt takes one line only. */
function encryptIt(path: Path, value: unknown): string {
    const key = shellWord(`${pulumi.getProject()}:${pathText(path)}`);
    const command = makeCommand(pulumi.getStack(), "pulumi", { ARGS: `config set --secret --path ${key}` });
    const lines = typeof value === "string" && value.trim().includes("\n");
    return lines ? `put the value into a file, and run \`${command} < <file>\`` : `run \`${command}\` and type the value`;
}

function secretPaths(schema: z.core.$ZodType | undefined, value: unknown, path: Path = []): Path[] {
    if (value === undefined || !schema) return [];
    if (isSecret(schema)) return [path];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => secretPaths(childSchema(schema, key), inner, [...path, key]));
}

function isEncrypted(path: Path, { written, hasSecret }: Written): boolean {
    const block = String(path[0]);
    // Not from the file, e.g. `--config` or a program that runs the engine: only the whole block can be asked about.
    if (valueAt(written, path) === undefined && !path.some((_, index) => isSecure(valueAt(written, path.slice(0, index + 1)))))
        return hasSecret(block);
    return path.some((_, index) => isSecure(valueAt(written, path.slice(0, index + 1))));
}

/** Every place with an encrypted value, in blocks as they are written. */
export function encryptedPaths(value: unknown, path: Path = []): Path[] {
    if (isSecure(value)) return [path];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => encryptedPaths(inner, [...path, key]));
}

export function isSecure(value: unknown): boolean {
    return typeof value === "object" && value !== null && "secure" in value && Object.keys(value).length === 1;
}

/** A single value that is no secret. Whole encrypted blocks may well hold secrets. */
function isPublic(schema: z.core.$ZodType, path: Path): boolean {
    const leaf = required(schemaAt(schema, path));
    return (
        leaf !== undefined &&
        !isSecretText(leaf) &&
        ["string", "number", "boolean"].includes(leaf._zod.def.type) &&
        knownKeys(leaf).length === 0
    );
}

function isSecret(schema: z.core.$ZodType): boolean {
    const inner = required(schema);
    return inner !== undefined && isSecretText(inner);
}
