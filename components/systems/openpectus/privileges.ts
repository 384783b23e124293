import type { RolePrivileges } from "../../workload";

export const openPectusPrivileges = {
    aggregator: {
        image: "openpectus",
        hostDirectoryCapAdd: ["DAC_OVERRIDE"],
        why: "Works as root in volumes of root's.",
    },
    engine: {
        image: "openpectus",
        hostDirectoryCapAdd: ["DAC_OVERRIDE"],
        why: "Works as root in a volume of root's, and writes its log into its own package: its root file system is writable.",
    },
} satisfies Record<string, RolePrivileges>;
