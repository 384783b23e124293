import * as pulumi from "@pulumi/pulumi";

/** The arguments as far as they are known now: Outputs are left out, so that the rules can look at the rest. */
export function known<T extends object>(args: object): T {
    return Object.fromEntries(
        Object.entries(args)
            .filter(([, value]) => value !== undefined && !pulumi.Output.isInstance(value) && !(value instanceof Promise))
            .map(([key, value]) => [key, isPlainObject(value) ? known(value) : value]),
    ) as T;
}

function isPlainObject(value: unknown): value is object {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
