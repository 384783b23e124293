import type Docker from "dockerode";
import type { Connection } from "./connection";

/** A Docker API client for hooks. Loaded on demand: most runs never need it. */
export async function client(connection: Connection): Promise<Docker> {
    const { default: Dockerode } = await import("dockerode");
    return new Dockerode(clientOptions(connection));
}

export function clientOptions({ host, ca, cert, key }: Connection): Docker.DockerOptions {
    const url = new URL(host);
    if (url.protocol === "unix:") return { socketPath: url.pathname };
    const port = url.port ? Number(url.port) : undefined;
    if (url.protocol === "ssh:") return { protocol: "ssh", host: url.hostname, port: port ?? 22, username: url.username || "root" };
    return { protocol: ca || cert ? "https" : "http", host: url.hostname, port: port ?? (ca || cert ? 2376 : 2375), ca, cert, key };
}
