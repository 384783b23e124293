import { createHash } from "node:crypto";
import { RemoteImage } from "@pulumi/docker/remoteImage";
import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "./connection";
import { hookSubject, registerHooks } from "./hooks";

/**
 * The image of a reference on the host: used when it is there, pulled when it is not. Named after the reference,
 * so that a changed reference is a new resource and the old image stays on the host for a way back.
 */
export function dockerImage(
    name: string,
    reference: string,
    connection: pulumi.Output<Connection>,
    opts: pulumi.ResourceOptions,
): RemoteImage {
    const logical = `${name}-image-${createHash("sha256").update(reference).digest("hex").slice(0, 8)}`;
    hookSubject({ logical, connection }, { image: reference });
    return new RemoteImage(
        logical,
        { name: reference, keepLocally: true },
        pulumi.mergeOptions(opts, { hooks: { beforeCreate: [registerHooks().requireImage] } }),
    );
}
