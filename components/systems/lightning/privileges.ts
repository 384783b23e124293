import type { RolePrivileges } from "../../workload";

export const lightningPrivileges = {
    web: { image: "lightning", why: "Runs as a user of its own, in directories of that user." },
    migrate: { image: "lightning", why: "As `web`." },
    superuser: { image: "lightning", why: "As `web`." },
    worker: {
        image: "lightning-worker",
        why: "Works as root, and installs adaptors into a volume of root's. The code of runs is in this container.",
    },
    content: {
        image: "that of the program",
        networkMode: "none",
        readOnly: true,
        why: "Looks once whether a directory of the host has anything in it, as the user that will read it.",
    },
} satisfies Record<string, RolePrivileges>;
