/** One thing that is wrong with the settings, in the words of the person who wrote them. */
export interface Problem {
    /** Where: the property path as written in the config file, e.g. `openpectus.engines.reactor-1.hostname`. */
    path: string;
    /** What is wrong, in one sentence without a full stop. */
    problem: string;
    /** What to do about it, in one sentence without a full stop. */
    fix: string;
    /** `error` stops everything before anything is created; `warning` is printed and the update goes on. */
    level: "error" | "warning";
}

export function error(path: string, problem: string, fix: string): Problem {
    return { path, problem, fix, level: "error" };
}

export function warning(path: string, problem: string, fix: string): Problem {
    return { path, problem, fix, level: "warning" };
}

export function describe(problem: Problem): string {
    return `${problem.path}: ${problem.problem}: ${problem.fix}`;
}

/** All errors of a list as one message; undefined when there is none. */
export function report(problems: Problem[]): string | undefined {
    const errors = problems.filter((problem) => problem.level === "error");
    if (errors.length === 0) return undefined;
    const head = errors.length === 1 ? "1 problem in the configuration" : `${errors.length} problems in the configuration`;
    return [`${head}; nothing was changed:`, ...errors.map((problem) => `  ${describe(problem)}`)].join("\n");
}
