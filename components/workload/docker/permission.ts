/**
 * The permission to stop a guarded container in one run: `GROUNDWORK_ALLOW_STOP` is `all`, or a list of host names, by which people know
 * an engine. Logical names are taken, too: so messages called them once. Loads nothing: verbs ask as well.
 */
const VARIABLE = "GROUNDWORK_ALLOW_STOP";

/** Whether it is given. `names`: all by which the container may be named; undefined where there is none. */
export function mayStopThisTime(...names: (string | undefined)[]): boolean {
    const allowed = (process.env[VARIABLE] ?? "").split(",").map((word) => word.trim());
    return allowed.includes("all") || names.some((name) => name !== undefined && allowed.includes(name));
}

/**
 * The names of one container. The deployed host name counts only where the configuration has no other one any more: with both, one name
 * would stop two engines that swap theirs.
 */
export function namesToStop(logical: string, configured: string | undefined, deployed: string | undefined): (string | undefined)[] {
    return [logical, configured ?? deployed];
}

/** What a person writes in front of a command to give it. */
export function permissionToStop(name: string): string {
    return `${VARIABLE}=${name}`;
}
