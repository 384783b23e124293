import type { RolePrivileges } from "../workload";

const OWNERS = ["CHOWN", "DAC_OVERRIDE", "FOWNER"];

/** One role, two kinds of database: the kind is `BACKUP_KIND` in its environment. */
export const backupPrivileges = {
    "backup of SQLite": {
        image: "backup",
        capAdd: OWNERS,
        networkMode: "none",
        why: "Database and directory belong to whoever runs the program; a restored database gets the owner of the one before. Remembers a failed backup in its root file system, over restarts.",
    },
    "before-change of SQLite": {
        image: "backup",
        capAdd: OWNERS,
        networkMode: "none",
        readOnly: true,
        tmpfs: ["/run", "/tmp"],
        why: "As `backup`, once.",
    },
    "backup of PostgreSQL": {
        image: "backup",
        hostDirectoryCapAdd: ["DAC_OVERRIDE"],
        why: "Talks to the server and writes to a volume of root's.",
    },
    "before-change of PostgreSQL": {
        image: "backup",
        capAdd: ["DAC_OVERRIDE"],
        why: "Looks into the directory of the data, which is open to the user postgres alone.",
    },
} satisfies Record<string, RolePrivileges>;
