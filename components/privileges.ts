import { backupPrivileges } from "./backup/privileges";
import { edgePrivileges } from "./edge/privileges";
import { postgresPrivileges } from "./postgres/privileges";
import { lightningPrivileges } from "./systems/lightning/privileges";
import { openPectusPrivileges } from "./systems/openpectus/privileges";
import { directoryPrivileges, type RolePrivileges } from "./workload";

/** Every role of every component: the table in the reference, and what end-to-end tests compare with `docker inspect`. */
export const privileges: Record<string, RolePrivileges> = {
    ...openPectusPrivileges,
    ...lightningPrivileges,
    ...postgresPrivileges,
    ...backupPrivileges,
    ...edgePrivileges,
    ...directoryPrivileges,
};
