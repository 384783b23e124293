import type * as pulumi from "@pulumi/pulumi";

/** A variable or argument that a program gets: one row of a system's table, which is also the source of the reference documentation. */
export interface Variable<Values> {
    name: string;
    /** How it travels. `secret …` stays out of `docker inspect`; a secret argument still shows in the process list. */
    kind: "environment" | "secret environment" | "argument" | "secret argument";
    /** Path of the setting that it comes from; none for what Groundwork decides. */
    setting?: string;
    /** What the program does without it. */
    default: string;
    description: string;
    /** Undefined: the program does not get it. An empty text: an argument without a value. */
    value(values: Values): pulumi.Input<string> | undefined;
}
