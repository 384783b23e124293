import type { VolumeInspectInfo } from "dockerode";
import { isMarkKey, isOwnMark, LABEL } from "../../components/workload/docker/labels";
import { notedLabel } from "./resource-label";
import { isDockerHost, isVolume, logicalName, plainValue, type Resource } from "./state";
import { command } from "./verb";

/**
 * Whether this state made something: its mark has a key that is in this state only (exported with secrets). Names and the other labels
 * are no proof: another checkout, another backend or a lost state uses the same ones.
 */
export function ownership(resources: Resource[]): (name: string, labels: Record<string, string> | undefined) => boolean {
    const keys = resources
        .filter((resource) => isMarkKey(resource.type, logicalName(resource)))
        .map(({ outputs }) => plainValue(outputs?.result))
        .filter((key): key is string => typeof key === "string");
    return (name, labels) => {
        const mark = labels?.[LABEL.mark];
        return mark !== undefined && isOwnMark(mark, keys, [name]);
    };
}

/**
 * The volumes of this state that were made by another one, in the place of ours that are gone. One that was taken over keeps the mark of
 * whoever made it, and is ours. One without a mark was made by hand, to move or restore data.
 */
export function anothers(resources: Resource[], all: Resource[], volumes: Pick<VolumeInspectInfo, "Name" | "Labels">[]): Resource[] {
    const adopted = new Set(all.filter(isDockerHost).flatMap(({ outputs }) => outputs?.adopted ?? []));
    return resources.filter(isVolume).filter((resource) => {
        const mark = volumes.find(({ Name }) => Name === resource.id)?.Labels?.[LABEL.mark];
        return mark !== undefined && mark !== notedLabel(resource, LABEL.mark) && !adopted.has(logicalName(resource));
    });
}

/** Data of somebody else is neither used nor deleted. */
export function anothersVolumes(foreign: Resource[]): string {
    const targets = foreign.map((resource) => `--target **::${logicalName(resource)}`);
    return [
        `made by another state, in the place of a volume of this environment that is gone: ${foreign.map(({ id }) => id).join(", ")}; nothing was changed`,
        "  If the other environment is in use, give this one another prefix. If it is gone, take its data over:",
        `    ${command("pulumi", { ARGS: ["refresh --yes", ...targets].join(" ") })}`,
    ].join("\n");
}
