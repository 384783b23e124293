import type { ContainerInspectInfo } from "dockerode";
import { orMissing } from "../../components/workload/docker/client";
import { addressOf, hostsOf, onAll, type Host } from "./hosts";
import { isContainer, isVolume, type Deployment, type Resource } from "./state";

/** A container of the state, with what the engine that should have it says about it; `info` is missing when it is gone. */
export interface Deployed {
    resource: Resource;
    host: Host;
    info?: ContainerInspectInfo;
}

/** What the state and the hosts together say. */
export interface Sight {
    /** In the order of the state: what others depend on comes first. */
    containers: Deployed[];
    /** Networks, volumes and images that are gone. Images count only where a container is gone that needs one. */
    lost: { resource: Resource; host: Host }[];
}

/** How many questions one engine is asked at a time: over ssh each is a connection of its own. */
const AT_A_TIME = 4;

/** Looks for everything that the state knows on the engine that should have it. Engines of which nothing is known are left alone. */
export async function look(deployment: Deployment): Promise<Sight> {
    const resources = deployment.resources ?? [];
    const on = ({ address }: Host) => resources.filter((one) => isPhysical(one) && addressOf(one, resources) === address);
    const hosts = (await hostsOf(deployment)).filter((host) => on(host).length > 0);
    const sights = await onAll(hosts, (host) => lookAt(host, on(host)));
    return { containers: sights.flatMap(({ containers }) => containers), lost: sights.flatMap(({ lost }) => lost) };
}

async function lookAt(host: Host, resources: Resource[]): Promise<Sight> {
    const { docker } = host;
    const [networks, { Volumes: volumes }] = await Promise.all([docker.listNetworks(), docker.listVolumes()]);
    const present = new Set([...networks.map(({ Id }) => Id), ...(volumes ?? []).map(({ Name }) => Name)]);
    const containers = await inTurns(resources.filter(isContainer), async (resource) => ({
        resource,
        host,
        info: await orMissing(docker.getContainer(resource.id!).inspect()),
    }));
    const gone = resources.filter((resource) => (isVolume(resource) || isNetwork(resource)) && !present.has(resource.id!));
    const images = containers.every(({ info }) => info) ? [] : await lostImages(host, resources);
    return { containers, lost: [...gone, ...images].map((resource) => ({ resource, host })) };
}

async function lostImages({ docker }: Host, resources: Resource[]): Promise<Resource[]> {
    const present = await inTurns(resources.filter(isImage), async (resource) => ({
        resource,
        // The state has the name of the image behind its id.
        info: await orMissing(docker.getImage(/^sha256:[0-9a-f]{64}/.exec(resource.id!)?.[0] ?? resource.id!).inspect()),
    }));
    return present.filter(({ info }) => !info).map(({ resource }) => resource);
}

async function inTurns<T, R>(all: T[], ask: (one: T) => Promise<R>): Promise<R[]> {
    const answers: R[] = [];
    for (let at = 0; at < all.length; at += AT_A_TIME) answers.push(...(await Promise.all(all.slice(at, at + AT_A_TIME).map(ask))));
    return answers;
}

function isPhysical(resource: Resource): boolean {
    const known = resource.id !== undefined && !resource.delete;
    return known && [isContainer, isVolume, isNetwork, isImage].some((is) => is(resource));
}

function isNetwork({ type }: Resource): boolean {
    return type === "docker:index/network:Network";
}

function isImage({ type }: Resource): boolean {
    return type === "docker:index/remoteImage:RemoteImage";
}
