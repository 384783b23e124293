import type Docker from "dockerode";
import { clientOptions } from "../../components/workload/docker/client";
import { logicalName, plainValue, type Deployment, type Resource } from "./state";
import { Stop } from "./stop";

/** A Docker Engine that this environment uses. */
export interface Host {
    name: string;
    address: string;
    docker: Docker;
    /** URNs of the Docker providers that lead to it. */
    providers: string[];
}

interface Connection {
    name: string;
    providers: string[];
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
export async function hostsOf(deployment: Deployment | undefined): Promise<Host[]> {
    // Loaded late: the verbs that find nothing to do are faster without it.
    const { default: Dockerode } = await import("dockerode");
    return connections(deployment?.resources ?? [], process.env.DOCKER_HOST || DEFAULT_ADDRESS).map((connection) => ({
        name: connection.name,
        address: connection.host,
        providers: connection.providers,
        docker: new Dockerode(clientOptions(connection)),
    }));
}

export function connections(resources: Resource[], local: string): Connection[] {
    const found = new Map<string, Connection>();
    for (const resource of resources.filter(({ type }) => type === "pulumi:providers:docker")) {
        const text = (key: string) => plainValue(resource.inputs?.[key]) as string | undefined;
        const host = text("host") ?? local;
        const name = host === local ? DEFAULT_NAME : logicalName(resource).replace(/^host-/, "");
        if (found.has(host)) {
            found.get(host)!.providers.push(resource.urn);
            continue;
        }
        found.set(host, {
            name,
            providers: [resource.urn],
            host,
            ca: text("caMaterial"),
            cert: text("certMaterial"),
            key: text("keyMaterial"),
        });
    }
    return [...found.values()];
}

/** Asks every host; one that does not answer is a problem of its own, not of the others. */
export async function onEach<T>(
    hosts: Host[],
    ask: (host: Host) => Promise<T>,
): Promise<{ answers: T[]; silent: { host: Host; reason: string }[] }> {
    const results = await Promise.allSettled(hosts.map(ask));
    const answers = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const silent = results.flatMap((result, index) =>
        result.status === "rejected" ? [{ host: hosts[index]!, reason: String((result.reason as Error).message) }] : [],
    );
    return { answers, silent };
}

export function unreachable({ host, reason }: { host: Host; reason: string }): string {
    return `the Docker Engine of host ${host.name} (${host.address}) does not answer: ${reason}`;
}

/** Like `onEach`, for verbs that must not go on with half of the picture. */
export async function onAll<T>(hosts: Host[], ask: (host: Host) => Promise<T>): Promise<T[]> {
    const { answers, silent } = await onEach(hosts, ask);
    if (silent.length > 0) throw new Stop(unreachable(silent[0]!));
    return answers;
}
