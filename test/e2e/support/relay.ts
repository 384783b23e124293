import { once } from "node:events";
import { createServer, connect, type Server, type Socket } from "node:net";

const ENGINE = process.env.DOCKER_HOST?.replace(/^unix:\/\//, "") || "/var/run/docker.sock";

/** A socket through which everybody reaches this machine's Docker Engine, until it falls silent: then it still takes what comes, and answers nothing. */
export class Relay {
    private silent = false;
    private readonly sockets = new Set<Socket>();

    private constructor(
        readonly path: string,
        private readonly server: Server,
    ) {}

    static async start(path: string): Promise<Relay> {
        const server = createServer({ allowHalfOpen: true });
        const relay = new Relay(path, server);
        server.on("connection", (client) => relay.take(client));
        server.listen(path);
        await once(server, "listening");
        return relay;
    }

    get host(): string {
        return `unix://${this.path}`;
    }

    private take(client: Socket): void {
        this.keep(client);
        if (this.silent) return;
        const engine = connect({ path: ENGINE, allowHalfOpen: true });
        this.keep(engine);
        client.pipe(engine).pipe(client);
        for (const [one, other] of [
            [client, engine],
            [engine, client],
        ] as const)
            one.on("close", () => other.destroy());
    }

    private keep(socket: Socket): void {
        this.sockets.add(socket);
        socket.on("error", () => undefined); // the other end may go first
        socket.on("close", () => this.sockets.delete(socket));
    }

    fallSilent(): void {
        this.silent = true;
    }

    stop(): void {
        this.server.close();
        for (const socket of this.sockets) socket.destroy();
    }
}
