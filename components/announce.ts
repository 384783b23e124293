import * as pulumi from "@pulumi/pulumi";
import { describe, report, type Problem } from "./problem";

/** Options of components whose settings were looked at by the one around them. */
const inside = new WeakSet<pulumi.ComponentResourceOptions>();

/**
 * The options of a component inside another one that has announced the problems of both, under the paths that the person wrote. The
 * inner one then prints no warning a second time.
 */
export function checkedBy(
    parent: pulumi.Resource,
    more: Omit<pulumi.ComponentResourceOptions, "parent"> = {},
): pulumi.ComponentResourceOptions {
    const opts = { ...more, parent };
    inside.add(opts);
    return opts;
}

/**
 * For constructors: warnings are printed beside the component; errors stop the program with one message and no stack trace.
 * A component hands over the problems of everything inside it, so that a person sees all of them at once.
 *
 * @param opts the component's options, as its constructor got them
 */
export function announce(problems: Problem[], component: pulumi.Resource, opts?: pulumi.ComponentResourceOptions): void {
    const told = opts !== undefined && inside.has(opts);
    for (const problem of told ? [] : problems.filter(({ level }) => level === "warning")) {
        // Nothing waits for a line of log.
        void pulumi.log.warn(describe(problem), component);
    }
    const message = report(problems);
    if (message) throw new pulumi.RunError(message);
}
