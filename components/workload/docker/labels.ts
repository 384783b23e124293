import { createHmac } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";

/** The labels on everything that is made on a host. The verbs read them, so nothing here may load Pulumi. */
export const LABEL = {
    project: "groundwork.project",
    stack: "groundwork.stack",
    system: "groundwork.system",
    component: "groundwork.component",
    role: "groundwork.role",
    /** On volumes: this is data, only `make down FORCE_DATA=yes` deletes it. */
    data: "groundwork.data",
    /** Whose it is: a mark that only the state which made it can make. The labels above only say what it is. */
    mark: "groundwork.mark",
    /** On containers that must not be stopped without permission. */
    guarded: "groundwork.guarded",
    /** On containers: a keyed hash of each field, so that a change of any of them always replaces the container. */
    config: "groundwork.config",
} as const;

/**
 * The mark on what a state made. Project and stack have default names, so another checkout, another backend or a lost state uses the
 * same names and labels; the key is in one state only.
 */
export function ownerMark(key: string, name: string): string {
    return createHmac("sha256", key).update(`groundwork owner of ${name}`).digest("hex").slice(0, 24);
}

/** Last part of the logical name of the resource that has such a key; each component has one. */
export const MARK_KEY = "config-key";

/** Whether a resource of the state has such a key: by its type and logical name. */
export function isMarkKey(type: string, logical: string): boolean {
    return type.startsWith("random:") && logical.endsWith(`-${MARK_KEY}`);
}

/** Whether a mark was made with one of the keys, for what is or was called so. */
export function isOwnMark(mark: string, keys: string[], names: string[]): boolean {
    return names.some((name) => keys.some((key) => ownerMark(key, name) === mark));
}

/** The form in which the Docker provider takes labels. Sorted, so that their order never shows as a change. */
export function labelList(labels: Record<string, pulumi.Input<string>>) {
    return Object.keys(labels)
        .sort()
        .map((label) => ({ label, value: labels[label]! }));
}
