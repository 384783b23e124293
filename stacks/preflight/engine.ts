import { hostname } from "node:os";
import type Docker from "dockerode";
import { client, NoAnswer } from "../../components/workload/docker/client";
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
}

export interface RunningContainer {
    name: string;
    labels: Record<string, string>;
    published: { address: string; port: number }[];
}

/** Seconds within which an engine must have answered everything about itself, and then a registry about its images. */
const DEADLINE = 10;

export function deadline(): AbortSignal {
    return AbortSignal.timeout(DEADLINE * 1000);
}

/** Why there was no answer. */
export function reasonOf(problem: Error): string {
    if (problem instanceof NoAnswer) return problem.reason;
    return problem.name === "TimeoutError" ? `no answer within ${DEADLINE} s` : problem.message;
}

/** What must be known of the engine of a host before anything is changed there. Fails when it does not answer in time. */
export async function askEngine(connection: Connection, signal: AbortSignal): Promise<Engine> {
    const docker = await client(connection);
    const info = await get<{ ID: string; Name: string; DockerRootDir: string }>(docker, "/info", signal);
    const containers = await get<Docker.ContainerInfo[]>(docker, "/containers/json", signal);
    return {
        docker,
        address: connection.host,
        id: info.ID,
        // A socket may also be that of a virtual machine, or mounted into the container in which pulumi runs.
        here: connection.host.startsWith("unix:") && info.Name === hostname(),
        directory: info.DockerRootDir,
        containers: containers.map(({ Names, Labels, Ports }) => ({
            name: Names[0]!.replace(/^\//, ""),
            labels: Labels,
            published: Ports.filter(({ PublicPort, Type }) => PublicPort && Type === "tcp").map(({ IP, PublicPort }) => ({
                address: IP,
                port: PublicPort,
            })),
        })),
    };
}

/** A request to the engine that ends with the signal, which few calls of the client know how to do. */
export function get<T>({ modem }: Docker, path: string, abortSignal: AbortSignal): Promise<T> {
    const request = { path, method: "GET", statusCodes: { 200: true }, abortSignal };
    return new Promise((resolve, reject) => {
        // The client itself does not tell when an answer stops in the middle.
        abortSignal.addEventListener("abort", () => reject(abortSignal.reason as Error), { once: true });
        modem.dial(request, (problem: unknown, answer: unknown) => (problem ? reject(problem as Error) : resolve(answer as T)));
    });
}
