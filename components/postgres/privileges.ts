import type { RolePrivileges } from "../workload";

export const postgresPrivileges = {
    postgres: {
        image: "postgres",
        capAdd: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
        why: "Prepares the directory of the data, whoever it belongs to, and becomes the user postgres, who has no capability.",
    },
    "version-check": {
        image: "postgres",
        capAdd: ["DAC_OVERRIDE"],
        readOnly: true,
        networkMode: "none",
        why: "Reads one file in a directory that is open to the user postgres alone.",
    },
    owner: { image: "backup", why: "Talks to the server." },
} satisfies Record<string, RolePrivileges>;
