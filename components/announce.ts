import * as pulumi from "@pulumi/pulumi";
import { describe, report, type Problem } from "./problem";

/**
 * For constructors: warnings are printed beside the component; errors stop the program with one message and no stack trace.
 *
 * @param opts the component's options: inside another component of ours it stays silent about warnings, because the outer one has
 * checked the same settings, and under the names that the person gave them
 */
export function announce(problems: Problem[], component: pulumi.Resource, opts?: pulumi.ComponentResourceOptions): void {
    for (const problem of isOurs(opts?.parent) ? [] : problems.filter(({ level }) => level === "warning")) {
        // Nothing waits for a line of log.
        void pulumi.log.warn(describe(problem), component);
    }
    const message = report(problems);
    if (message) throw new pulumi.RunError(message);
}

function isOurs(resource: pulumi.Resource | undefined): boolean {
    return (resource as { __pulumiType?: string } | undefined)?.__pulumiType?.startsWith("groundwork:") ?? false;
}
