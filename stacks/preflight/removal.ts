import * as pulumi from "@pulumi/pulumi";
import { error, warning, type Problem } from "../../components/problem";
import type { Config } from "../config";
import { isSystem } from "../rules";
import type { Deployed, DeployedSystem } from "./state";

/** A block that is missing by mistake looks like a wish to delete everything of its system, so that wish has to be written down. */
export function checkRemoval(config: Config, { systems }: Deployed): Problem[] {
    const wished = config.remove ?? [];
    const unsaid = [...systems].filter(([name]) => config[name] === undefined && !wished.includes(name));
    const done = wished.filter((name) => isSystem(name) && config[name] === undefined && !systems.has(name));
    return [
        ...unsaid.map(([name, system]) =>
            error(
                name,
                `it is deployed (${describeSystem(system)}), but the configuration has no such block, which would delete it`,
                `bring the block back, or say that it shall go: ${pulumi.getProject()}:remove: [${name}]`,
            ),
        ),
        ...done.map((name) => warning("remove", `"${name}" is gone`, "delete it from the list")),
    ];
}

function describeSystem({ containers, volumes }: DeployedSystem): string {
    const some = (what: string, names: string[]) => (names.length > 0 ? [`${what} ${[...names].sort().join(", ")}`] : []);
    return [...some("containers", containers), ...some("volumes", volumes)].join("; ") || "nothing of it runs";
}
