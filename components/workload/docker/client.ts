import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";
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
    // The types do not know `agent`; the client hands it to Node's http.
    if (url.protocol === "ssh:") return { protocol: "http", host: "docker", port: 80, agent: sshAgent(url) } as Docker.DockerOptions;
    const port = url.port ? Number(url.port) : undefined;
    return { protocol: ca || cert ? "https" : "http", host: url.hostname, port: port ?? (ca || cert ? 2376 : 2375), ca, cert, key };
}

/**
 * Speaks to Docker through the `ssh` program, as the docker CLI and the Docker provider do: keys, agent, known hosts and jump
 * hosts are those of the person's ~/.ssh/config.
 */
function sshAgent(url: URL): Agent {
    const agent = new Agent() as Agent & { createConnection: () => Duplex };
    agent.createConnection = () => {
        const { stdin, stdout } = spawn("ssh", [...sshArguments(url), "docker", "system", "dial-stdio"], {
            stdio: ["pipe", "pipe", "inherit"],
        });
        return Duplex.from({ writable: stdin, readable: stdout });
    };
    return agent;
}

/** Never asks: an update has nobody to answer. */
export function sshArguments({ hostname, port, username }: URL): string[] {
    return ["-o", "BatchMode=yes", ...(username ? ["-l", username] : []), ...(port ? ["-p", port] : []), "--", hostname];
}
