import { createServer, type Server } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

/** Path of the Docker API -> answer; a number is a failure with that code, `never` no answer at all. */
export type Answers = Record<string, unknown>;

export const never = Symbol("never");

/** Speaks as much of the Docker API as a look at a host needs. */
export class FakeEngine {
    readonly asked: string[] = [];

    private constructor(
        private readonly server: Server,
        private readonly directory: string,
    ) {}

    static async start(answers: Answers): Promise<FakeEngine> {
        const directory = mkdtempSync(join(tmpdir(), "groundwork-engine-"));
        const known: Answers = {
            "/info": { ID: "HERE", Name: hostname(), DockerRootDir: directory },
            "/containers/json": [],
            "/volumes": { Volumes: [] },
            ...answers,
        };
        const server = createServer(({ url }, response) => {
            engine.asked.push(url!);
            const answer = known[url!] ?? 404;
            if (answer === never) return;
            response.writeHead(typeof answer === "number" ? answer : 200, { "content-type": "application/json" });
            response.end(JSON.stringify(typeof answer === "number" ? { message: `answer ${answer}` } : answer));
        });
        const engine = new FakeEngine(server, directory);
        await new Promise<void>((resolve) => server.listen(join(directory, "socket"), resolve));
        return engine;
    }

    get address(): string {
        return `unix://${this.directory}/socket`;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
        rmSync(this.directory, { recursive: true, force: true });
    }
}
