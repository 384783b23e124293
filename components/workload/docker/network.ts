import { Network as DockerNetwork } from "@pulumi/docker/network";
import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "./connection";
import { hookSubject, registerHooks } from "./hooks";
import { labelList } from "./labels";

export function dockerNetwork(
    logical: string,
    physical: string,
    labels: Record<string, string>,
    connection: pulumi.Output<Connection>,
    opts: pulumi.ResourceOptions,
): DockerNetwork {
    hookSubject(logical, {}, connection);
    return new DockerNetwork(
        logical,
        { name: physical, driver: "bridge", labels: labelList(labels) },
        pulumi.mergeOptions(opts, { hooks: { beforeCreate: [registerHooks().removeLeftover] } }),
    );
}
