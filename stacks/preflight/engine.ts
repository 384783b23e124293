import { hostname } from "node:os";
import type Docker from "dockerode";
import { client, DEADLINES, NoAnswer } from "../../components/workload/docker/client";
import type { Connection } from "../../components/workload/docker/connection";

/** A Docker Engine that has answered. */
export interface Engine {
    docker: Docker;
    address: string;
    id: string;
    /** Whether it runs on this machine, whose ports and disks can then be looked at. */
    here: boolean;
    /** Where it keeps images and volumes. */
    directory: string;
    containers: RunningContainer[];
    volumes: Named[];
}

/** Something on a host, and what it says about itself. */
export interface Named {
    name: string;
    labels: Record<string, string>;
}

export interface RunningContainer extends Named {
    published: { address: string; port: number }[];
}

/** Why there was no answer. */
export function reasonOf(problem: Error): string {
    return problem instanceof NoAnswer ? problem.reason : problem.message;
}

/** What must be known of the engine of a host before anything is changed there. Fails when it does not answer in time. */
export async function askEngine(connection: Connection, deadlines = DEADLINES): Promise<Engine> {
    const docker = await client(connection, deadlines);
    const info = (await docker.info()) as { ID: string; Name: string; DockerRootDir: string };
    const [containers, { Volumes: volumes }] = await Promise.all([docker.listContainers(), docker.listVolumes()]);
    return {
        docker,
        address: connection.host,
        id: info.ID,
        // A socket may also be that of a virtual machine, or mounted into the container in which pulumi runs.
        here: connection.host.startsWith("unix:") && info.Name === hostname(),
        directory: info.DockerRootDir,
        containers: containers.map(describeContainer),
        volumes: volumes.map(({ Name, Labels }) => ({ name: Name, labels: Labels ?? {} })),
    };
}

function describeContainer({ Names, Labels, Ports }: Docker.ContainerInfo): RunningContainer {
    const published = Ports.filter(({ PublicPort, Type }) => PublicPort && Type === "tcp");
    return {
        name: Names[0]!.replace(/^\//, ""),
        labels: Labels,
        published: published.map(({ IP, PublicPort }) => ({ address: IP, port: PublicPort })),
    };
}
