import * as pulumi from "@pulumi/pulumi";

/**
 * Ends the program with one message. It carries no stack: nobody would see it, and Node 20 needs half a minute to format one that leads
 * through the SDK, as that of every asynchronous program does.
 */
export function refusal(message: string): pulumi.RunError {
    const error = new pulumi.RunError(message);
    error.stack = undefined;
    return error;
}
