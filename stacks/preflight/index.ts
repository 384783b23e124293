import * as pulumi from "@pulumi/pulumi";
import { error, warning, type Problem } from "../../components/problem";
import type { VolumeUse } from "../../components/volumes";
import type { Connection } from "../../components/workload/docker/connection";
import { physicalName } from "../../components/workload/docker/place";
import type { Config } from "../config";
import { connectionTo, DEFAULT_HOST } from "../hosts";
import { claims, images, SYSTEMS, volumes } from "../rules";
import { askEngine, reasonOf } from "./engine";
import { checkIdentity } from "./engine-identity";
import { checkImages } from "./images";
import { checkNames } from "./names";
import { checkPorts } from "./ports";
import { checkRemoval } from "./removal";
import { checkSpace } from "./space";
import { readState, type Deployed } from "./state";
import { checkVolumes } from "./volumes";

export interface Preflight {
    problems: Problem[];
    /** Host -> id of its Docker Engine: as it answers, or as it was last known. */
    engineIds: Map<string, string>;
    /** Where every volume is once this run is through. */
    volumes: VolumeUse[];
}

/** A host with the answers of its engine, all looked at. */
interface Look {
    problems: Problem[];
    engineId?: string;
}

/**
 * Looks at what is deployed and at every host before the first resource is registered, so that an update that could not succeed is refused
 * while everything still runs.
 *
 * @param earlier what is wrong with the configuration itself: nothing is said twice about one setting
 */
export async function preflight(config: Config, earlier: Problem[]): Promise<Preflight> {
    const deployed = await readState();
    const engineIds = new Map(deployed.engineIds);
    // A destroy cannot be told from an update here, and must not depend on images and ports.
    if (process.env.GROUNDWORK_SKIP_PREFLIGHT === "yes") return { problems: [], engineIds, volumes: placesOf(deployed) };
    const wrong = earlier.filter(({ level }) => level === "error").map(({ path }) => path);
    const hosts = usedHosts(config).filter((name) => !wrong.some((path) => path === `hosts.${name}` || path.startsWith(`hosts.${name}.`)));
    const looks = await Promise.all(hosts.map((host) => look(host, config, deployed)));
    looks.forEach(({ engineId }, index) => engineId && engineIds.set(hosts[index]!, engineId));
    const found = [...checkRemoval(config, deployed), ...checkVolumes(config, deployed), ...looks.flatMap(({ problems }) => problems)];
    return { problems: found.filter(({ path }) => !wrong.includes(path)), engineIds, volumes: placesAfter(config, deployed) };
}

/** Once taken over, a volume stays so, whether the configuration goes on saying it or not. */
function placesAfter(config: Config, deployed: Deployed): VolumeUse[] {
    const adopted = (name: string) =>
        (config.adopt ?? []).includes(physicalName(name, config.prefix)) ||
        deployed.volumes.some((volume) => volume.logical === name && volume.adopted);
    return volumes(config).map((use) => (adopted(use.name) ? { ...use, adopted: true } : use));
}

/** A destroy moves nothing, whatever the configuration says by now. */
function placesOf({ volumes }: Deployed): VolumeUse[] {
    return volumes.flatMap(({ logical, host, adopted }) =>
        host === undefined ? [] : [{ name: logical, host, ...(adopted && { adopted }) }],
    );
}

/** Hosts that exist and have something placed on them. */
function usedHosts(config: Config): string[] {
    const known = [DEFAULT_HOST, ...Object.keys(config.hosts ?? {})];
    return known.filter((name, index) => known.indexOf(name) === index && images(config).some(({ host }) => host === name));
}

async function look(host: string, config: Config, deployed: Deployed): Promise<Look> {
    const connection = connectionTo(config.hosts?.[host]?.docker);
    try {
        return await lookAt(host, connection, config, deployed);
    } catch (problem) {
        return { problems: [silent(host, connection, problem as Error)] };
    }
}

async function lookAt(host: string, connection: Connection, config: Config, deployed: Deployed): Promise<Look> {
    const engine = await askEngine(connection);
    const settings = config.hosts?.[host]?.docker ?? {};
    const runs = [...deployed.systems.values()].some(({ containers }) => containers.length > 0);
    const identity = { host, address: engine.address, settings, answers: engine.id, deployedTo: deployed.engineIds.get(host), runs };
    const there = <T extends { host: string }>(things: T[]) => things.filter((thing) => thing.host === host);
    const [ports, { problems, pulls }] = await Promise.all([
        checkPorts(engine, there(claims(config)), deployed),
        checkImages(engine, there(images(config))),
    ]);
    const creates = pulls || SYSTEMS.some((name) => config[name] !== undefined && !deployed.systems.has(name));
    const space = engine.here && creates ? await checkSpace(host, engine.directory) : [];
    const names = checkNames(engine, there(volumes(config)), config, deployed);
    return { engineId: engine.id, problems: [...checkIdentity(identity), ...names, ...ports, ...problems, ...space] };
}

/** A preview, e.g. of a pull request, may be made where no host can be reached. */
function silent(host: string, { host: address }: Connection, reason: Error): Problem {
    const problem = `the Docker Engine at ${address} does not answer: ${reasonOf(reason)}`;
    return pulumi.runtime.isDryRun()
        ? warning(`hosts.${host}`, problem, "start it before the update; whether that can succeed was not looked at")
        : error(`hosts.${host}`, problem, "start it, or correct its address");
}
