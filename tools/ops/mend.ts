import type { ContainerInspectInfo } from "dockerode";
import { orMissing } from "../../components/workload/docker/client";
import { mayStopThisTime, permissionToStop } from "../../components/workload/docker/permission";
import { look, type Deployed, type Sight } from "./drift";
import { flag, type Environment } from "./environment";
import { lostData } from "./lost-data";
import { anothersVolumes } from "./ownership";
import { mustBeDeployable, mustSucceed, pulumi } from "./pulumi";
import { repairs, type Repair } from "./repairs";
import { closeRestore, interruptedRestores } from "./interrupted-restores";
import { makesBackups } from "./resource-label";
import {
    dependents,
    guardedContainers,
    isBeingDeleted,
    isGuarded,
    isVolume,
    logicalName,
    physicalName,
    readable,
    type Deployment,
    type Resource,
} from "./state";
import { Stop } from "./stop";
import { command } from "./verb";

/**
 * Before an update: Pulumi compares the program with the state only, and would change nothing over containers that are gone. What was
 * stopped or changed by hand is set right here, without interrupting what runs; of what is gone the state is told, so that the update
 * makes it again. Looks, then refuses, and only then changes anything: over an empty volume in the place of data, over a program that
 * cannot be deployed anyway, and in the middle of a restore.
 */
export async function mend(env: Environment, deployment: Deployment | undefined): Promise<void> {
    const emptyData = flag("EMPTY_DATA");
    if (!deployment) return;
    const sight = await look(deployment);
    for (const reason of sight.notLookedAt) console.log(`mending: not looked at: ${reason}`);
    if (sight.foreign.length > 0) throw new Stop(anothersVolumes(sight.foreign.map(({ resource }) => resource)));
    const volumes = sight.lost.filter(({ resource }) => isVolume(resource) && !isBeingDeleted(resource, deployment));
    if (volumes.length > 0 && !emptyData) throw new Stop(await lostData(volumes, sight, deployment.resources ?? []));
    const gone = sight.containers.filter(({ info }) => !info);
    for (const one of gone) await refuseToStopAnother(one);
    const broken = sight.containers.flatMap((one) => plan(one, sight, deployment));
    if ([...broken, ...gone, ...sight.lost].length > 0) await mustBeDeployable(env);
    const stuck = await setRight(broken, sight);
    await forget(
        env,
        deployment,
        [...sight.lost, ...gone, ...stuck].map(({ resource }) => resource),
    );
}

/** Whoever made a container by hand in the place of a guarded one may have a run in it. */
async function refuseToStopAnother({ resource, host }: Deployed): Promise<void> {
    const name = physicalName(resource);
    const another = isGuarded(resource) ? await orMissing(host.docker.getContainer(name).inspect()) : undefined;
    if (!another?.State.Running || mayStop(resource)) return;
    throw new Stop(
        `${name} is not the container that was deployed: another one (${another.Id.slice(0, 12)}) runs under its name and would be stopped; ` +
            `if it may stop: ${permissionToStop(hostname(resource))} ${command("up")}`,
    );
}

/** As the program understands it: who may be stopped in this one run. */
function mayStop(resource: Resource): boolean {
    return mayStopThisTime(logicalName(resource), hostname(resource));
}

/** By which people know a guarded container. */
function hostname(resource: Resource): string {
    const { hostname } = (readable(resource.inputs) ?? {}) as { hostname?: string };
    return hostname ?? logicalName(resource);
}

/** A container that is there, and what is to be done with it. */
interface Broken extends Deployed {
    info: ContainerInspectInfo;
    todo: Repair[];
}

/** What can be set right; what must be left as it is it tells. */
function plan(one: Deployed, { lost }: Sight, { resources = [] }: Deployment): Broken[] {
    const { resource, info } = one;
    // An engine that is to be taken away may have been stopped for it, and does not come back for a moment.
    if (!info || (!info.State.Running && isGuarded(resource) && mayStop(resource))) return [];
    const lostIds = new Set(lost.map(({ resource: { id } }) => id));
    const found = repairs(resource, info, (network) => !lostIds.has(network));
    const left = info.State.Running ? leaveAlone(resource, resources, found) : [];
    const todo = found.filter((repair) => !left.includes(repair));
    return todo.length > 0 ? [{ ...one, info, todo }] : [];
}

/** Of a container that must not be interrupted: what would do that, which a person hears of instead. */
function leaveAlone(resource: Resource, resources: Resource[], found: Repair[]): Repair[] {
    const name = physicalName(resource);
    const guard = guardedContainers(resources).find(({ resource: { urn }, allowRestart }) => urn === resource.urn && !allowRestart);
    if (!guard || mayStop(resource)) return [];
    const left = found.filter(({ interrupts }) => interrupts);
    const way = `${permissionToStop(hostname(resource))} ${command("up")}`;
    for (const { interrupts } of left)
        console.log(`mending: left as it is, because ${guard.subject} must not be interrupted: ${name}: ${interrupts}; ${way} mends it`);
    return left;
}

/** Returns the containers that could not be started any more and must be made again. */
async function setRight(broken: Broken[], sight: Sight): Promise<Deployed[]> {
    // They tell whether a restore is under way, in the middle of which no program may start.
    const [backups, others] = [broken.filter(makesBackups), broken.filter((one) => !makesBackups(one))];
    const stuck = await apply(backups);
    const interrupted = await interruptedRestores(sight);
    stuck.push(...(await apply(others)));
    for (const restore of interrupted) await closeRestore(restore);
    return stuck;
}

async function apply(broken: Broken[]): Promise<Deployed[]> {
    const stuck: Deployed[] = [];
    for (const one of broken) {
        const { resource, host, info, todo } = one;
        for (const { says, call } of todo) {
            try {
                await call(host.docker);
                console.log(`mending: ${physicalName(resource)} ${says}`);
            } catch (problem) {
                // A stopped container does not keep its network from being removed, and can never be started again.
                if (!info.State.Running && /network \S+ not found/.test((problem as Error).message)) stuck.push(await remove(one));
                else console.log(`mending: not so that ${physicalName(resource)} ${says}: ${(problem as Error).message.trim()}`);
            }
        }
    }
    return stuck;
}

/** It does not run, so nobody is interrupted. Left there, the update would replace it, and its guard refuse that. */
async function remove(stuck: Deployed): Promise<Deployed> {
    console.log(`mending: ${physicalName(stuck.resource)} cannot be started, because its network is gone; removing it`);
    await stuck.host.docker.getContainer(stuck.resource.id!).remove({ v: false });
    return stuck;
}

/** Pulumi looks at these on their hosts, and finds them gone. */
async function forget({ stack }: Environment, { resources = [] }: Deployment, lost: Resource[]): Promise<void> {
    if (lost.length === 0) return;
    const names = (some: Resource[]) => some.map(physicalName).join(", ");
    const volumes = lost.filter(isVolume);
    const others = lost.filter((resource) => !isVolume(resource));
    if (volumes.length > 0)
        console.log(
            `mending: gone with the data in it, and made again empty, as EMPTY_DATA=yes says: ${names(volumes)}; ` +
                "no backup is made before the change of a database that is not there",
        );
    if (others.length > 0) console.log(`mending: gone, and made again by the update: ${names(others)}`);
    const targets = lost.flatMap(({ urn }) => ["--target", urn]);
    const code = await pulumi(["refresh", "--yes", "--skip-preview", "--suppress-outputs", "--stack", stack, ...targets]);
    if (code !== 0) throw new Stop("the state could not be brought up to date; the reason is above", code);
    const jobs = jobsFor(volumes, resources);
    if (jobs.length > 0) await mustSucceed(["state", "taint", "--yes", "--stack", stack, ...jobs.map(({ urn }) => urn)]);
}

/** A new volume wants its owner and mode, a new database its tables and first user. Of an empty one there is nothing to back up. */
export function jobsFor(volumes: Resource[], resources: Resource[]): Resource[] {
    const jobs = dependents(volumes, resources).filter(({ type }) => type.endsWith(":Job"));
    return jobs.filter((job) => !logicalName(job).endsWith("-before-change"));
}
