import * as pulumi from "@pulumi/pulumi";
import { error, type Problem } from "../../components/problem";
import type { VolumeUse } from "../../components/volumes";
import { physicalName } from "../../components/workload/docker/place";
import type { Config } from "../config";
import { volumes } from "../rules";
import type { Deployed, DeployedVolume } from "./state";

/** Why an update would delete a volume, and how it stays. */
interface Cause {
    path: string;
    why: string;
    undo: string;
}

/**
 * A changed name or place looks to the engine like a wish to delete the volume and to begin with an empty one, so that wish has to be
 * written down. Volumes of a system whose block is missing are named where that is refused.
 */
export function checkVolumes(config: Config, deployed: Deployed): Problem[] {
    const uses = new Map(volumes(config).map((use) => [use.name, use]));
    const byCause = new Map<string, { cause: Cause; names: string[] }>();
    for (const volume of deployed.volumes.filter(({ system }) => config[system] !== undefined)) {
        const cause = causeOf(volume, uses.get(volume.logical), config);
        if (!cause || config.remove?.includes(volume.name)) continue;
        const key = `${cause.path} ${cause.why}`;
        byCause.set(key, { cause, names: [...(byCause.get(key)?.names ?? []), volume.name] });
    }
    return [...byCause.values()].map(refuse);
}

/** Undefined: it stays. */
export function causeOf(
    { name, logical, system, host }: DeployedVolume,
    use: VolumeUse | undefined,
    { prefix }: Config,
): Cause | undefined {
    if (!use) return { path: system, why: "the configuration has no use for it any more", undo: "take the change back" };
    const wanted = physicalName(logical, prefix);
    if (wanted !== name) {
        const [before, now] = [name, wanted].map((one) => one.slice(0, -`-${logical}`.length));
        return { path: "prefix", why: `names begin with "${now}" instead of "${before}"`, undo: `set prefix: ${before}` };
    }
    if (host === undefined || host === use.host) return undefined;
    return { path: system, why: `it moves from host "${host}" to host "${use.host}"`, undo: `leave it on host "${host}"` };
}

function refuse({ cause: { path, why, undo }, names }: { cause: Cause; names: string[] }): Problem {
    const list = [...names].sort();
    return error(
        path,
        `this would delete volume ${list.join(", volume ")} with all data in it, because ${why}`,
        `${undo}; or move the data (docs/runbooks/move-data.md); ` +
            `or say that it shall go: ${pulumi.getProject()}:remove: [${list.join(", ")}]`,
    );
}
