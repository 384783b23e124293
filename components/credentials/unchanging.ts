import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Settings of {@link unchanging}. */
export interface UnchangingArgs {
    /** A key with as many random bits as its fingerprint has: 128 or more. */
    value: pulumi.Input<string>;
    /** What a person reads when the value would change: what would be lost, and what to do instead. */
    refusal: string;
}

interface Fingerprint {
    fingerprint: string;
    refusal: string;
}

/**
 * Like every dynamic provider it is stored as text: nothing outside of it can be used. It refuses in `check`, because only that is
 * reported as a problem of the configuration, already in the preview, and without a stack trace.
 */
export const unchangingProvider: pulumi.dynamic.ResourceProvider<Fingerprint, Fingerprint> = {
    async check(olds, news) {
        const before = (olds as Partial<Fingerprint> | undefined)?.fingerprint;
        const changed = before !== undefined && before !== news.fingerprint;
        return { inputs: news, failures: changed ? [{ property: "", reason: news.refusal }] : [] };
    },
    async create(inputs) {
        return { id: inputs.fingerprint, outs: inputs };
    },
    async diff() {
        return { changes: false };
    },
};

class Unchanging extends pulumi.dynamic.Resource {
    constructor(name: string, inputs: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
        super(unchangingProvider, name, inputs, opts, "groundwork", "Unchanging");
    }
}

/**
 * Keeps a key that encrypts data at rest from changing by accident, wherever it comes from: an update with another one is refused, in the
 * preview already. Only a hash of it is stored.
 *
 * @returns the key, secret; whoever uses it waits for the check
 */
export function unchanging(name: string, { value, refusal }: UnchangingArgs, opts?: pulumi.CustomResourceOptions): pulumi.Output<string> {
    const fingerprint = pulumi.unsecret(pulumi.output(value).apply(hash));
    const guard = new Unchanging(name, { fingerprint, refusal }, opts);
    return pulumi.secret(pulumi.all([value, guard.urn]).apply(([key]) => key));
}

function hash(value: string): string {
    return createHash("sha256").update(value).digest("hex").slice(0, 32);
}
