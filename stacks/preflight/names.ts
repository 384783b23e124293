import * as pulumi from "@pulumi/pulumi";
import { error, type Problem } from "../../components/problem";
import type { VolumeUse } from "../../components/volumes";
import { makerOf } from "../../components/workload/docker/claim";
import { physicalName } from "../../components/workload/docker/place";
import type { Config } from "../config";
import type { Engine, Named } from "./engine";
import { isOurs } from "./ownership";
import type { Deployed } from "./state";

/**
 * Volumes of a host that somebody else made under names that this configuration wants. Hooks refuse every such name when its turn comes;
 * here it is refused before anything is made. Another environment of the same names shows in its volumes.
 */
export function checkNames({ address, volumes }: Engine, uses: VolumeUse[], { prefix, adopt = [] }: Config, deployed: Deployed): Problem[] {
    const wanted = uses.map(({ name }) => physicalName(name, prefix)).filter((name) => !adopt.includes(name));
    // One that was taken over keeps the mark of whoever made it.
    const isKnown = (volume: Named) => deployed.names.has(volume.name) || isOurs(volume, deployed);
    const foreign = volumes.filter((volume) => wanted.includes(volume.name) && !isKnown(volume));
    if (foreign.length === 0) return [];
    const names = foreign.map(({ name }) => name).sort();
    const program = { project: pulumi.getProject(), stack: pulumi.getStack() };
    const makers = [...new Set(foreign.map(({ labels }) => makerOf(labels, program)))].join(" and by ");
    const problem = `volume ${names.join(", volume ")} exists on the Docker Engine ${address} and was made by ${makers}, not by this state`;
    const fix = `use the state that made it, choose another prefix, or, if its data is meant for this environment, set adopt: [${names.join(", ")}]`;
    return [error("prefix", problem, fix)];
}
