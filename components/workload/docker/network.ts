import { Network as DockerNetwork } from "@pulumi/docker/network";
import * as pulumi from "@pulumi/pulumi";
import { hookSubject, registerHooks } from "./hooks";
import { labelList } from "./labels";
import type { Place } from "./place";

export function dockerNetwork(place: Place, opts: pulumi.ResourceOptions): DockerNetwork {
    const { logical, physical, labels } = place;
    hookSubject(place, {});
    return new DockerNetwork(
        logical,
        { name: physical, driver: "bridge", labels: labelList(labels) },
        pulumi.mergeOptions(opts, {
            hooks: { beforeCreate: [registerHooks().claimName] },
            // Other labels are no reason to cut every container off from its network.
            ignoreChanges: ["labels"],
        }),
    );
}
