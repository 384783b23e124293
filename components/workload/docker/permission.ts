/** Whether `GROUNDWORK_ALLOW_STOP` (`all`, or a list of logical names) lets a guarded container stop in this one run. Loads nothing: verbs ask, too. */
export function mayStopThisTime(name: string): boolean {
    const allowed = (process.env.GROUNDWORK_ALLOW_STOP ?? "").split(",").map((word) => word.trim());
    return allowed.includes("all") || allowed.includes(name);
}
