import { LABEL, ownerMark } from "../../components/workload/docker/labels";
import { logicalName, plainValue, type Resource } from "./state";

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
