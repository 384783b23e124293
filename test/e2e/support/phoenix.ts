/** Phoenix channels, version 2 of their frames, as workers and web speak them. */
import { createHmac } from "node:crypto";
import { WebSocket, WebSocketServer, type RawData } from "ws";

/** [join_ref, ref, topic, event, payload] */
export type Frame = [string | null, string | null, string, string, unknown];

/** The answer to one frame, whether it came as text or as bytes. */
export interface Reply {
    status: string;
    response: unknown;
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** What a worker shows to connect: the secret itself is the key. */
export function workerToken(secret: string, claims: object = {}): string {
    const content = [{ alg: "HS256" }, { worker_id: "test", iss: "urn:openfn:worker", ...claims }].map(base64url).join(".");
    return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

/** Lengths of join_ref, ref, topic and status, one byte each after the kind, then these texts, then the response. */
export function decodeBinary(data: Buffer): Frame {
    let start = 5;
    const [joinRef, ref, topic, status] = [...data.subarray(1, 5)].map((length) => data.toString("utf8", start, (start += length)));
    return [joinRef!, ref!, topic!, "phx_reply", { status, response: data.subarray(start) }];
}

function decode(data: RawData, binary: boolean): Frame {
    return binary ? decodeBinary(data as Buffer) : (JSON.parse(data.toString()) as Frame);
}

export class PhoenixClient {
    /** In the order in which they came. */
    readonly received: Frame[] = [];
    /** Code with which the other side ended the connection. */
    closed?: number;
    private readonly waiting = new Set<() => void>();

    private constructor(private readonly socket: WebSocket) {
        socket.on("message", (data, binary) => this.wake(() => this.received.push(decode(data, binary))));
        socket.on("close", (code) => this.wake(() => (this.closed = code)));
        socket.on("error", () => undefined); // the close that follows says it
    }

    /** Fails with the answer of the server if that is no WebSocket. */
    static open(url: string, token: string): Promise<PhoenixClient> {
        const socket = new WebSocket(`${url}/worker/websocket?${new URLSearchParams({ token, vsn: "2.0.0" })}`);
        const client = new PhoenixClient(socket);
        return new Promise((resolve, reject) => {
            socket.once("open", () => resolve(client));
            socket.once("error", reject);
        });
    }

    private wake(change: () => void): void {
        change();
        for (const look of this.waiting) look();
    }

    /** The first frame received, now or later, for which `wanted` is true. */
    async receive(what: string, wanted: (frame: Frame) => boolean): Promise<Frame> {
        await this.until(what, () => this.received.some(wanted) || this.closed !== undefined);
        const frame = this.received.find(wanted);
        if (!frame) throw new Error(`the connection was closed with ${this.closed} before ${what}`);
        return frame;
    }

    /** Code with which the connection ended. */
    async ended(): Promise<number> {
        await this.until("the end of the connection", () => this.closed !== undefined);
        return this.closed!;
    }

    private until(what: string, condition: () => boolean): Promise<void> {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => done(() => reject(new Error(`waited 30 s for ${what}`))), 30_000);
            const look = () => condition() && done(resolve);
            const done = (end: () => void) => {
                clearTimeout(timer);
                this.waiting.delete(look);
                end();
            };
            this.waiting.add(look);
            look();
        });
    }

    sendRaw(data: string | Buffer): void {
        this.socket.send(data);
    }

    /** Sends a frame and waits for the answer to it. */
    async ask(frame: Frame): Promise<Reply> {
        this.sendRaw(JSON.stringify(frame));
        const [, ref, topic, event] = frame;
        const answer = await this.receive(`the answer to ${event}`, (one) => one[1] === ref && one[2] === topic && one[3] === "phx_reply");
        return answer[4] as Reply;
    }

    close(): void {
        this.socket.terminate();
    }
}

/** Stands between a worker and web, and writes down what the worker says. */
export class Listener {
    readonly said: Frame[] = [];
    private readonly server: WebSocketServer;

    constructor(
        readonly port: number,
        web: string,
    ) {
        this.server = new WebSocketServer({ port, host: "127.0.0.1" });
        this.server.on("connection", (worker, request) => this.connect(worker, new WebSocket(`${web}${request.url}`)));
    }

    private connect(worker: WebSocket, web: WebSocket): void {
        const early: RawData[] = [];
        worker.on("message", (data) => {
            this.said.push(JSON.parse(data.toString()) as Frame);
            if (web.readyState === WebSocket.OPEN) web.send(data.toString());
            else early.push(data);
        });
        web.on("open", () => early.forEach((data) => web.send(data.toString())));
        web.on("message", (data, binary) => worker.send(data, { binary }));
        web.on("close", () => worker.close());
        worker.on("close", () => web.close());
        for (const socket of [worker, web]) socket.on("error", () => undefined); // the close that follows is passed on
    }

    close(): void {
        for (const client of this.server.clients) client.terminate();
        this.server.close();
    }
}
