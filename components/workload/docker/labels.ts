import * as pulumi from "@pulumi/pulumi";

/** What a container, network or volume belongs to. */
export interface Owner {
    system: string;
    component: string;
    role: string;
}

export const LABEL = {
    project: "groundwork.project",
    stack: "groundwork.stack",
    system: "groundwork.system",
    component: "groundwork.component",
    role: "groundwork.role",
    /** On volumes: this is data, only `make down FORCE_DATA=yes` deletes it. */
    data: "groundwork.data",
    /** On containers: a keyed hash of each field, so that a change of any of them always replaces the container. */
    config: "groundwork.config",
} as const;

export function ownerLabels(owner: Owner): Record<string, string> {
    return {
        [LABEL.project]: pulumi.getProject(),
        [LABEL.stack]: pulumi.getStack(),
        [LABEL.system]: owner.system,
        [LABEL.component]: owner.component,
        [LABEL.role]: owner.role,
    };
}

/** The form in which the Docker provider takes labels. Sorted, so that their order never shows as a change. */
export function labelList(labels: Record<string, pulumi.Input<string>>) {
    return Object.keys(labels)
        .sort()
        .map((label) => ({ label, value: labels[label]! }));
}
