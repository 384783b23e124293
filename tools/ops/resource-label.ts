import { LABEL } from "../../components/workload/docker/labels";
import { readable, type Resource } from "./state";

/** A label as the program gave it. */
export function label({ inputs }: Resource, name: string): string | undefined {
    return find(inputs?.labels, name);
}

/** A label as it was on the host when the state was written. */
export function notedLabel({ outputs }: Resource, name: string): string | undefined {
    return find(outputs?.labels, name);
}

function find(value: unknown, name: string): string | undefined {
    const labels = readable(value) as { label: string; value: string }[] | undefined;
    return labels?.find(({ label }) => label === name)?.value;
}

/** Whether a container makes the backups of its system. */
export function makesBackups({ resource }: { resource: Resource }): boolean {
    return label(resource, LABEL.role) === "backup";
}
