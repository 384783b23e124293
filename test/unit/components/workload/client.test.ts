import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { client, NoAnswer, orMissing, SSH_OPTIONS } from "../../../../components/workload/docker/client";
import { jobProvider } from "../../../../components/workload/docker/job-provider";

const DEADLINES = { question: 300, work: 600 };

/** Accepts connections and never takes one: when its short queue is full, the kernel drops every packet that wants another. */
const FULL_QUEUE = `
import socket, sys
listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(0)
waiting = [socket.socket() for _ in range(4)]
for one in waiting: one.setblocking(False); one.connect_ex(listener.getsockname())
print(listener.getsockname()[1], flush=True)
sys.stdin.read()`;

describe("a client of a Docker Engine", () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-client-"));
    const closing: (() => void)[] = [];

    after(() => {
        for (const close of closing) close();
        rmSync(directory, { recursive: true });
    });

    async function listening<T extends Server | HttpServer>(server: T, path?: string): Promise<string> {
        server.listen(path ?? { port: 0, host: "127.0.0.1" });
        await once(server, "listening");
        server.unref();
        closing.push(() => server.close());
        return path ? `unix://${path}` : `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    /** Fails within the deadline, with what a person reads. */
    async function silence(host: string, reason: RegExp): Promise<void> {
        const start = Date.now();
        const docker = await client({ host }, DEADLINES);
        await assert.rejects(docker.listContainers(), (problem: Error) => {
            assert.ok(problem instanceof NoAnswer);
            assert.ok(problem.message.startsWith(`the Docker Engine ${host} does not answer: `), problem.message);
            assert.match(problem.reason, reason);
            return true;
        });
        assert.ok(Date.now() - start < 5000, "it took longer than the deadline");
    }

    const silent = () => createServer((socket) => closing.push(() => socket.destroy()));

    it("gives up a socket that accepts and never answers", async () => {
        await silence(await listening(silent(), join(directory, "silent.sock")), /^nothing came within 0\.3 s$/);
    });

    it("gives up a TCP port that accepts and never answers", async () => {
        await silence(await listening(silent()), /^nothing came within 0\.3 s$/);
    });

    it("gives up an address that drops packets", async () => {
        const program: ChildProcess = spawn("python3", ["-c", FULL_QUEUE], { stdio: ["pipe", "pipe", "inherit"] });
        closing.push(() => program.stdin!.end());
        const [port] = await once(program.stdout!, "data");
        await silence(`tcp://127.0.0.1:${String(port).trim()}`, /^nothing came within 0\.3 s$/);
    });

    it("gives up an engine that begins to answer and does not go on", async () => {
        const host = await listening(createServer((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[")));
        await silence(host, /^nothing came within 0\.3 s$/);
    });

    it("says so where nothing listens", async () => {
        await silence(`unix://${directory}/nobody.sock`, /ENOENT/);
    });

    describe("through ssh", () => {
        const path = process.env.PATH;
        const fakeSsh = (script: string) => {
            writeFileSync(join(directory, "ssh"), `#!/bin/sh\n${script}\n`);
            chmodSync(join(directory, "ssh"), 0o755);
            process.env.PATH = `${directory}:${path}`;
        };
        afterEach(() => (process.env.PATH = path));

        it("gives up a silent machine, and leaves no ssh behind", async () => {
            const file = join(directory, "pid");
            fakeSsh(`echo $$ >${file}; exec sleep 60`);
            await silence("ssh://plant", /^nothing came within 0\.3 s$/);
            const pid = Number(readFileSync(file, "utf8"));
            const gone = async () => {
                for (; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
                    try {
                        process.kill(pid, 0);
                    } catch {
                        return;
                    }
                }
            };
            await gone();
        });

        it("repeats the last words of an ssh that failed", async () => {
            fakeSsh("echo 'Warning: something' >&2; echo 'ssh: connect to host plant port 22: Connection timed out' >&2; exit 255");
            await silence("ssh://plant", /^ssh: connect to host plant port 22: Connection timed out$/);
        });

        it("says that there is no ssh", async () => {
            process.env.PATH = directory;
            rmSync(join(directory, "ssh"), { force: true });
            await silence("ssh://plant", /ENOENT/);
        });
    });

    describe("that answers", () => {
        let host: string;

        before(async () => {
            const server = createHttpServer((request, response) => {
                if (request.url!.includes("missing")) return response.writeHead(404).end('{"message":"no such container"}');
                if (request.url!.includes("broken")) return response.writeHead(500).end('{"message":"out of order"}');
                const late = () => response.end(request.url!.includes("wait") ? '{"StatusCode":0}' : "the end");
                response.flushHeaders();
                return setTimeout(late, 900);
            });
            host = await listening(server);
        });

        it("is not cut off in a stream, nor while it waits for a container", async () => {
            const docker = await client({ host }, DEADLINES);
            const stream = await docker.getContainer("one").logs({ follow: true, stdout: true });
            const chunks: Buffer[] = [];
            for await (const chunk of stream) chunks.push(chunk as Buffer);
            assert.equal(Buffer.concat(chunks).toString(), "the end");
            assert.deepEqual(await docker.getContainer("one").wait(), { StatusCode: 0 });
        });

        it("says itself what is not there, and what is wrong", async () => {
            const docker = await client({ host }, DEADLINES);
            assert.equal(await orMissing(docker.getContainer("missing").inspect()), undefined);
            await assert.rejects(orMissing(docker.getContainer("broken").inspect()), /HTTP code 500.*out of order/);
        });
    });

    it("speaks ssh in jobs as everywhere else", () => {
        const text = jobProvider.create!.toString();
        for (const option of SSH_OPTIONS.filter((word) => word !== "-o")) assert.ok(text.includes(option), option);
    });
});
