import type Docker from "dockerode";
import { client, NoAnswer } from "../../components/workload/docker/client";
import { toConnection, type Connection, type ProviderSettings } from "../../components/workload/docker/engine-address";
import { isDockerHost, logicalName, readable, urnOf, type Deployment, type Resource } from "./state";
import { Stop } from "./stop";

/** A Docker Engine that this environment uses. */
export interface Host {
    name: string;
    address: string;
    docker: Docker;
    /** The engine that the environment was deployed to; unknown to states of older releases. */
    engineId?: string;
}

interface Engine {
    name: string;
    connection: Connection;
    engineId?: string;
}

const DEFAULT_NAME = "default";

/**
 * The engines that the Docker providers of the state name (exported with secrets). This machine's is one of them only if a provider says
 * nothing else: Pulumi keeps such a one as long as something was made with it. A state without providers has nothing on any host, and
 * what this machine has under the same labels is another state's.
 */
export function hostsOf(deployment: Deployment | undefined): Promise<Host[]> {
    const found = engines(deployment?.resources ?? []);
    return Promise.all(
        found.map(async ({ name, connection, engineId }) => ({
            name,
            address: connection.host,
            docker: await client(connection),
            engineId,
        })),
    );
}

/** The address of the engine that has a resource of the state. */
export function addressOf(resource: Resource, resources: Resource[]): string {
    const provider = resources.find(({ urn }) => urn === urnOf(resource.provider));
    return settingsOf(provider).host || localAddress();
}

function localAddress(): string {
    return toConnection({}).host;
}

export function engines(resources: Resource[]): Engine[] {
    const local = localAddress();
    const found = new Map<string, Engine>();
    for (const provider of resources.filter(({ type }) => type === "pulumi:providers:docker")) {
        const connection = reachable(settingsOf(provider));
        if (found.has(connection.host)) continue;
        const host = logicalName(provider).startsWith("host-") ? logicalName(provider).replace("host-", "") : DEFAULT_NAME;
        const name = connection.host === local ? DEFAULT_NAME : host;
        found.set(connection.host, { name, connection, engineId: engineIdOf(host, resources) });
    }
    return [...found.values()];
}

function settingsOf(provider: Resource | undefined): ProviderSettings {
    return (readable(provider?.inputs) ?? {}) as ProviderSettings;
}

function reachable(settings: ProviderSettings): Connection {
    try {
        return toConnection(settings);
    } catch (problem) {
        throw new Stop((problem as Error).message);
    }
}

/** As the stack noted it when it was deployed. */
function engineIdOf(host: string, resources: Resource[]): string | undefined {
    const noted = resources.find((resource) => isDockerHost(resource) && logicalName(resource) === `host-${host}`);
    return noted?.outputs?.engineId as string | undefined;
}

/** Undefined when the engine at this address is the one that the environment was deployed to. */
export async function anotherMachine({ name, address, docker, engineId }: Host): Promise<string | undefined> {
    if (engineId === undefined) return undefined;
    const { ID: answers } = (await docker.info()) as { ID: string };
    if (answers === engineId) return undefined;
    return `the Docker Engine of host ${name} (${address}) is another machine (${answers}) than the one with what is deployed (${engineId})`;
}

/** Asks every host; one that does not answer is a problem of its own, not of the others. */
export async function onEach<T>(hosts: Host[], ask: (host: Host) => Promise<T>): Promise<{ answers: T[]; silent: Failure[] }> {
    const results = await Promise.allSettled(hosts.map(ask));
    const answers = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const silent = results.flatMap((result, index) =>
        result.status === "rejected" ? [{ host: hosts[index]!, problem: result.reason as Error }] : [],
    );
    return { answers, silent };
}

export interface Failure {
    host: Host;
    problem: Error;
}

export function unreachable({ host, problem }: Failure): string {
    if (problem instanceof Stop) return problem.message; // It names the host itself.
    const engine = `the Docker Engine of host ${host.name} (${host.address})`;
    return problem instanceof NoAnswer ? `${engine} does not answer: ${problem.reason}` : `${engine}: ${problem.message}`;
}

/** Like `onEach`, for verbs that must not go on with half of the picture. */
export async function onAll<T>(hosts: Host[], ask: (host: Host) => Promise<T>): Promise<T[]> {
    const { answers, silent } = await onEach(hosts, ask);
    if (silent.length > 0) throw new Stop(silent.map(unreachable).join("\nerror: "));
    return answers;
}
