import type { VolumeInspectInfo } from "dockerode";
import { LABEL, ownerMark } from "../../components/workload/docker/labels";
import { isVolume, logicalName, plainValue, readable, type Resource } from "./state";
import { command } from "./verb";

/**
 * Whether this state made something: its mark has a key that is in this state only (exported with secrets). Names and the other labels
 * are no proof: another checkout, another backend or a lost state uses the same ones.
 */
export function ownership(resources: Resource[]): (name: string, labels: Record<string, string> | undefined) => boolean {
    const keys = resources
        .filter((resource) => resource.type.startsWith("random:") && logicalName(resource).endsWith("-config-key"))
        .map(({ outputs }) => plainValue(outputs?.result))
        .filter((key): key is string => typeof key === "string");
    return (name, labels) => {
        const mark = labels?.[LABEL.mark];
        return mark !== undefined && keys.some((key) => ownerMark(key, name) === mark);
    };
}

/**
 * Whether a volume was made by another state after the one of the same name that this state knows, and that is gone. The state has the
 * labels that the volume had when it was made or taken over. One without a mark was made by hand, to move or restore data.
 */
export function isAnothers({ Name, Labels }: Pick<VolumeInspectInfo, "Name" | "Labels">, resource: Resource): boolean {
    if (!isVolume(resource) || resource.id !== Name) return false;
    const labels = (readable(resource.outputs?.labels) ?? []) as { label: string; value: string }[];
    const noted = labels.find(({ label }) => label === LABEL.mark)?.value;
    const mark = Labels?.[LABEL.mark];
    return mark !== undefined && mark !== noted;
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
