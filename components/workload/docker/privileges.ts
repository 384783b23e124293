import type { ContainerSpec, Privileges } from "../types";

/** Enough for any program here that behaves, and far from what would hurt the machine. */
export const PIDS_LIMIT = 1024;

/** The privileges of a container, defaults filled in. Sorted, so that their order never shows as a change. */
export function privilegesOf(role: string, spec: ContainerSpec): Required<Privileges> {
    const { capDrop = ["ALL"], capAdd = [], pidsLimit = PIDS_LIMIT, readOnly = false, tmpfs = [], networkMode = "bridge" } = spec;
    if (readOnly && [spec.files, spec.secrets, spec.secretEnvironment].some((texts) => Object.keys(texts ?? {}).length > 0)) {
        throw new Error(
            `${role}: readOnly cannot go with files, secrets and secretEnvironment, which Docker copies into the root file system`,
        );
    }
    if (networkMode === "none" && (spec.networks ?? []).length > 0) {
        throw new Error(`${role}: networkMode none contradicts networks: leave one of them out`);
    }
    return { capDrop: sorted(capDrop), capAdd: sorted(capAdd), pidsLimit, readOnly, tmpfs: sorted(tmpfs), networkMode };
}

function sorted(names: string[]): string[] {
    return [...new Set(names)].sort();
}
