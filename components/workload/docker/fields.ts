import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** The settings of a container by field, e.g. `environment`, `mounts`. */
export type Fields = Record<string, unknown>;

/** Field -> short keyed hash. A field is missing while a value in it is unknown. */
export type FieldHashes = Record<string, string>;

/**
 * Hashes each field with a key that lives in the state. The Docker provider does not see a change of some fields
 * (labels, health check, networks after a refresh), so the hashes go into a label, where any change replaces the container.
 * The key keeps a reader of the label from guessing secrets.
 */
export function hashFields(key: pulumi.Input<string>, fields: Fields): { label: pulumi.Output<string>; known: FieldHashes } {
    const known: FieldHashes = {};
    const hashes = Object.keys(fields)
        .filter((field) => fields[field] !== undefined)
        .sort()
        .map((field) =>
            pulumi.all([key, fields[field]]).apply(([hmacKey, value]) => {
                // `destroy --run-program` runs the program over a state from which the key may be gone already.
                if (hmacKey === undefined) return "";
                known[field] = createHmac("sha256", hmacKey).update(stable(value)).digest("hex").slice(0, 10);
                return `${field}=${known[field]}`;
            }),
        );
    return { label: pulumi.unsecret(pulumi.all(hashes).apply((all) => all.join(" "))), known };
}

/** Reads the label back. */
export function parseFields(label: string | undefined): FieldHashes {
    return Object.fromEntries(
        (label ?? "")
            .split(" ")
            .filter(Boolean)
            .map((pair) => pair.split("=") as [string, string]),
    );
}

/** The fields that are known to differ. */
export function changedFields(before: FieldHashes, after: FieldHashes): string[] {
    const changed = Object.keys(after).filter((field) => after[field] !== before[field]);
    return changed.sort();
}

/** JSON with sorted keys: the order in which somebody writes a map is no change. */
function stable(value: unknown): string {
    return JSON.stringify(value, (_key, inner: unknown) =>
        inner && typeof inner === "object" && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
            : inner,
    );
}
