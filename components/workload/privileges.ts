import type { Mount, Privileges } from "./types";

/** What the container of one role needs, and why: a row of the reference, with which end-to-end tests compare what runs. */
export interface RolePrivileges extends Privileges {
    /** Role of the image in `images.lock.json`, or whose it is. */
    image: string;
    /** What the program does with its privileges, or does without. */
    why: string;
    /** Capabilities that it needs besides when a directory of the host is mounted, which may belong to any user. */
    hostDirectoryCapAdd?: string[];
}

/** The part of a specification that a row decides. */
export function granted({ image: _image, why: _why, hostDirectoryCapAdd = [], ...row }: RolePrivileges, mounts: Mount[] = []): Privileges {
    const hostDirectory = mounts.some(({ hostPath }) => hostPath !== undefined);
    return { ...row, capAdd: [...(row.capAdd ?? []), ...(hostDirectory ? hostDirectoryCapAdd : [])] };
}

/** Roles that volumes and directories of the host make. */
export const directoryPrivileges = {
    directory: {
        image: "that of the program",
        capAdd: ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
        readOnly: true,
        networkMode: "none",
        why: "Gives an empty directory its owner and mode, whoever it belongs to.",
    },
} satisfies Record<string, RolePrivileges>;
