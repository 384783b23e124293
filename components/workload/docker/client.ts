import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";
import type Docker from "dockerode";
import type { Connection } from "./connection";

/**
 * Milliseconds that a Docker Engine has for an answer. A stream (logs, attach, exec, pull) must begin in time and then lasts as long
 * as it likes. job-provider.ts repeats these figures.
 */
export const DEADLINES = {
    /** It only says what it knows. */
    question: 20_000,
    /** It creates, starts or removes something: a large volume or a busy disk takes its time. */
    work: 120_000,
};

/** A Docker API client for hooks and verbs, whose every call ends. Loaded on demand: most runs never need it. */
export async function client(connection: Connection, deadlines = DEADLINES): Promise<Docker> {
    const { default: Dockerode } = await import("dockerode");
    return withDeadlines(new Dockerode(clientOptions(connection)), connection.host, deadlines);
}

/** Nothing came back from the engine, or nothing in time. What it answers itself, refusals too, are other errors. */
export class NoAnswer extends Error {
    constructor(
        host: string,
        readonly reason: string,
    ) {
        super(`the Docker Engine ${host} does not answer: ${reason}`);
    }
}

/** What was asked for; undefined where the engine says that it is not there (404). Any other problem stays one. */
export function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
    return asked.catch((problem: Problem) => {
        if (problem.statusCode === 404) return undefined;
        throw problem;
    });
}

interface Problem extends Error {
    /** HTTP status, where the engine answered. */
    statusCode?: number;
}

interface Call {
    method: string;
    path: string;
    /** Of a caller who does not want to wait as long. */
    abortSignal?: AbortSignal;
}

/** The client's own `timeout` also ends streams that are silent for a while, so every call gets its deadline where all of them pass. */
function withDeadlines(docker: Docker, host: string, deadlines: typeof DEADLINES): Docker {
    const { modem } = docker;
    const dial = modem.dial.bind(modem);
    modem.dial = (call: Call, answer: (problem: Problem | null, result?: unknown) => void) => {
        const abort = new AbortController();
        const limit = limitOf(call, deadlines);
        const end = (problem: Problem | null, result?: unknown) => {
            clearTimeout(timer);
            answer(problem && problem.statusCode === undefined ? new NoAnswer(host, problem.message) : problem, result);
            answer = () => undefined;
        };
        const late = () => {
            end(new Error(`nothing came within ${limit! / 1000} s`));
            abort.abort();
        };
        call.abortSignal?.addEventListener("abort", () => {
            end(new Error("nothing came in time"));
            abort.abort();
        });
        const timer = limit === undefined ? undefined : setTimeout(late, limit);
        dial({ ...call, abortSignal: abort.signal }, end);
    };
    return docker;
}

function limitOf({ method, path }: Call, { question, work }: typeof DEADLINES): number | undefined {
    // They last as long as the container does, or as it takes to stop.
    if (/^\/containers\/[^/]+\/(wait|stop|restart)\b/.test(path)) return undefined;
    // A log is read from the disk and may be long.
    if (/\/logs\b/.test(path)) return work;
    return method === "GET" || /\/(exec|attach)\b/.test(path) ? question : work;
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
    agent.createConnection = () => socketOf(spawn("ssh", [...sshArguments(url), "docker", "system", "dial-stdio"], { stdio: "pipe" }));
    return agent;
}

/** The two ends of an ssh as one socket. When ssh fails, so does the socket, with ssh's last words. */
function socketOf(ssh: ChildProcessWithoutNullStreams): Duplex {
    const { stdin, stdout, stderr } = ssh;
    const socket = new Duplex({
        read: () => void stdout.resume(),
        // A problem in writing is told by the end of ssh, in better words.
        write: (chunk: Buffer, encoding, done) => void stdin.write(chunk, encoding, () => done()),
        final: (done) => void stdin.end(done),
        destroy: (problem, done) => {
            ssh.kill();
            done(problem);
        },
    });
    let words = "";
    stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
    stdin.on("error", () => undefined);
    stdout.on("data", (chunk: Buffer) => void (socket.push(chunk) || stdout.pause()));
    ssh.on("error", (problem) => socket.destroy(problem));
    ssh.on("close", (code) => {
        if (code) socket.destroy(new Error(words.trim().split("\n").at(-1) || `ssh ended with code ${code}`));
        else socket.push(null);
    });
    return socket;
}

/**
 * For the `ssh` program, wherever it leads to a Docker Engine: it never asks, because an update has nobody to answer, gives up a
 * machine that is not there after 10 s, and one that went away after 30 s.
 */
export const SSH_OPTIONS = ["BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=10", "ServerAliveCountMax=3"].flatMap((option) => [
    "-o",
    option,
]);

export function sshArguments({ hostname, port, username }: URL): string[] {
    return [...SSH_OPTIONS, ...(username ? ["-l", username] : []), ...(port ? ["-p", port] : []), "--", hostname];
}
