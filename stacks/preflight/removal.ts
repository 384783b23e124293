import * as pulumi from "@pulumi/pulumi";
import { error, warning, type Problem } from "../../components/problem";
import type { Config } from "../config";
import { isSystem, volumes, type SystemName } from "../rules";
import type { Deployed, DeployedSystem } from "./state";
import { causeOf } from "./volumes";

/** A block that is missing by mistake looks like a wish to delete everything of its system, so that wish has to be written down. */
export function checkRemoval(config: Config, deployed: Deployed): Problem[] {
    const wished = config.remove ?? [];
    const unsaid = [...deployed.systems].filter(([name]) => config[name] === undefined && !wished.includes(name));
    return [
        ...unsaid.map(([name, system]) =>
            error(
                name,
                `it is deployed (${describeSystem(system)}), but the configuration has no such block, which would delete it`,
                `bring the block back, or say that it shall go: ${pulumi.getProject()}:remove: [${name}]`,
            ),
        ),
        ...wished.flatMap((name) => (isSystem(name) ? checkSystem(name, config, deployed) : checkVolume(name, config, deployed))),
    ];
}

function checkSystem(name: SystemName, config: Config, { systems }: Deployed): Problem[] {
    if (config[name] !== undefined || systems.has(name)) return [];
    return [warning("remove", `"${name}" is gone`, "delete it from the list")];
}

/** A leave that nobody needs today would delete the volume on another day. */
function checkVolume(name: string, config: Config, deployed: Deployed): Problem[] {
    const volume = deployed.volumes.find((one) => one.name === name);
    if (!volume) return [warning("remove", `"${name}" is no system, and no volume that is deployed`, "delete it from the list")];
    const use = volumes(config).find((one) => one.name === volume.logical);
    if (config[volume.system] === undefined || causeOf(volume, use, config)) return [];
    return [error("remove", `volume ${name} is in use and stays`, "delete it from the list, or change what uses it")];
}

function describeSystem({ containers, volumes }: DeployedSystem): string {
    const some = (what: string, names: string[]) => (names.length > 0 ? [`${what} ${[...names].sort().join(", ")}`] : []);
    return [...some("containers", containers), ...some("volumes", volumes)].join("; ") || "nothing of it runs";
}
