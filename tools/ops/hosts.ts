import type Docker from "dockerode";
import { client, NoAnswer } from "../../components/workload/docker/client";
import { logicalName, plainValue, urnOf, type Deployment, type Resource } from "./state";
import { Stop } from "./stop";

/** A Docker Engine that this environment uses. */
export interface Host {
    name: string;
    address: string;
    docker: Docker;
}

interface Connection {
    name: string;
    host: string;
    ca?: string;
    cert?: string;
    key?: string;
}

const DEFAULT_NAME = "default";
const DEFAULT_ADDRESS = "unix:///var/run/docker.sock";

/**
 * The engines that the Docker providers of the state name (exported with secrets). This machine's is one of them only if a provider says
 * nothing else: Pulumi keeps such a one as long as something was made with it. A state without providers has nothing on any host, and
 * what this machine has under the same labels is another state's.
 */
export function hostsOf(deployment: Deployment | undefined): Promise<Host[]> {
    const found = connections(deployment?.resources ?? [], localAddress());
    return Promise.all(
        found.map(async (connection) => ({
            name: connection.name,
            address: connection.host,
            docker: await client(connection),
        })),
    );
}

function localAddress(): string {
    return process.env.DOCKER_HOST || DEFAULT_ADDRESS;
}

/** The address of the engine that has a resource of the state. */
export function addressOf(resource: Resource, resources: Resource[]): string {
    const provider = resources.find(({ urn }) => urn === urnOf(resource.provider));
    return (plainValue(provider?.inputs?.host) as string | undefined) ?? localAddress();
}

export function connections(resources: Resource[], local: string): Connection[] {
    const found = new Map<string, Connection>();
    for (const resource of resources.filter(({ type }) => type === "pulumi:providers:docker")) {
        const text = (key: string) => plainValue(resource.inputs?.[key]) as string | undefined;
        const host = text("host") ?? local;
        const name = host === local ? DEFAULT_NAME : logicalName(resource).replace(/^host-/, "");
        if (found.has(host)) continue;
        found.set(host, {
            name,
            host,
            ca: text("caMaterial"),
            cert: text("certMaterial"),
            key: text("keyMaterial"),
        });
    }
    return [...found.values()];
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
    const engine = `the Docker Engine of host ${host.name} (${host.address})`;
    return problem instanceof NoAnswer ? `${engine} does not answer: ${problem.reason}` : `${engine}: ${problem.message}`;
}

/** Like `onEach`, for verbs that must not go on with half of the picture. */
export async function onAll<T>(hosts: Host[], ask: (host: Host) => Promise<T>): Promise<T[]> {
    const { answers, silent } = await onEach(hosts, ask);
    if (silent.length > 0) throw new Stop(silent.map(unreachable).join("\nerror: "));
    return answers;
}
