import { LABEL } from "../../components/workload/docker/labels";
import { readable, type Resource } from "./state";

/** A label as the program gave it. */
export function label(resource: Resource, name: string): string | undefined {
    const labels = readable(resource.inputs?.labels) as { label: string; value: string }[] | undefined;
    return labels?.find((candidate) => candidate.label === name)?.value;
}

/** Whether a container makes the backups of its system. */
export function makesBackups({ resource }: { resource: Resource }): boolean {
    return label(resource, LABEL.role) === "backup";
}
