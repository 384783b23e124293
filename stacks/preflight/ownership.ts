import { isOwnMark, LABEL } from "../../components/workload/docker/labels";
import type { Named } from "./engine";
import type { Deployed } from "./state";

/**
 * Whether this state made something on a host, a killed update included. Names, project and stack prove nothing: another checkout, another
 * backend or a lost state uses the same ones.
 */
export function isOurs({ name, labels }: Named, { keys, names }: Deployed): boolean {
    const mark = labels[LABEL.mark];
    // From before there were marks.
    if (mark === undefined) return names.has(name);
    // A container that somebody has renamed keeps the mark of the name that it was given.
    return isOwnMark(mark, keys, [name, ...names]);
}
