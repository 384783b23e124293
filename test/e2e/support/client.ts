/** A web client that goes to a port of this machine, whatever name the address says, as if DNS did not matter. */
import { randomBytes } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import * as tls from "node:tls";

export interface ClientOptions {
    /** PEM of the authorities that are trusted. Default: those of Node. */
    ca?: string;
    method?: string;
    headers?: Record<string, string>;
    body?: string | Buffer;
}

export interface Answer {
    status: number;
    headers: http.IncomingHttpHeaders;
    body: string;
}

/** Resolves every name to this machine. */
const here = ((_name: string, options: { all?: boolean }, callback: (...args: unknown[]) => void) =>
    options.all ? callback(null, [{ address: "127.0.0.1", family: 4 }]) : callback(null, "127.0.0.1", 4)) as never;

/** One request; follows no redirect. */
export function fetchHere(url: string, options: ClientOptions = {}): Promise<Answer> {
    const { ca, method = "GET", headers, body } = options;
    const { request } = url.startsWith("https:") ? https : http;
    return new Promise((resolve, reject) => {
        const sent = request(url, { method, headers, ca, lookup: here, agent: false, timeout: 10_000 }, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", reject);
            response.on("end", () =>
                resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
            );
        });
        sent.on("error", reject);
        sent.on("timeout", () => sent.destroy(new Error(`no answer from ${url}`)));
        sent.end(body);
    });
}

/** A TLS connection to a port of this machine, the certificate checked against `ca` and the name. */
export function connectHere(port: number, options: tls.ConnectionOptions): Promise<tls.TLSSocket> {
    return new Promise((resolve, reject) => {
        const socket = tls.connect({ host: "127.0.0.1", port, ...options }, () => resolve(socket));
        socket.on("error", reject);
    });
}

const [TEXT, PING, PONG] = [1, 9, 10];

/** A WebSocket that has been opened over TLS. Only short texts: enough to see whether it still lives. */
export class EchoSocket {
    private received: Buffer = Buffer.alloc(0);
    private upgraded = false;
    private readonly texts: string[] = [];
    private closed = false;

    private constructor(private readonly socket: tls.TLSSocket) {
        socket.on("data", (chunk: Buffer) => {
            this.received = Buffer.concat([this.received, chunk]);
            if (this.upgraded) this.takeFrames();
        });
        socket.on("close", () => (this.closed = true));
        socket.on("error", () => (this.closed = true));
    }

    static async open(url: string, ca: string, headers: Record<string, string> = {}): Promise<EchoSocket> {
        const { hostname, port, pathname, host } = new URL(url);
        const socket = await connectHere(Number(port || 443), { servername: hostname, ca, ALPNProtocols: ["http/1.1"] });
        const client = new EchoSocket(socket);
        const key = randomBytes(16).toString("base64");
        const upgrade = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Version: 13"];
        const others = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
        socket.write([`GET ${pathname} HTTP/1.1`, `Host: ${host}`, ...upgrade, ...others, "", ""].join("\r\n"));
        await client.until(() => client.received.includes("\r\n\r\n"));
        const answer = client.received;
        if (!answer.toString().startsWith("HTTP/1.1 101")) throw new Error(`no WebSocket: ${answer.toString().split("\r\n")[0]}`);
        client.received = answer.subarray(answer.indexOf("\r\n\r\n") + 4);
        client.upgraded = true;
        return client;
    }

    /** Sends a text and waits for it to come back. */
    async echo(text: string): Promise<string> {
        this.send(TEXT, Buffer.from(text));
        await this.until(() => this.texts.length > 0);
        return this.texts.shift()!;
    }

    private send(opcode: number, payload: Buffer): void {
        const mask = randomBytes(4);
        const masked = payload.map((byte, index) => byte ^ mask[index % 4]!);
        this.socket.write(Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, masked]));
    }

    /** A server asks now and then whether anybody is there, and hangs up on who does not answer. */
    private takeFrames(): void {
        while (this.received.length >= 2 && this.received.length >= 2 + this.received[1]!) {
            const [opcode, end] = [this.received[0]! & 0x0f, 2 + this.received[1]!];
            const payload = this.received.subarray(2, end);
            this.received = this.received.subarray(end);
            if (opcode === TEXT) this.texts.push(payload.toString());
            if (opcode === PING) this.send(PONG, payload);
        }
    }

    close(): void {
        this.socket.destroy();
    }

    private async until(condition: () => boolean): Promise<void> {
        for (const end = Date.now() + 10_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 20))) {
            if (this.closed) throw new Error("the WebSocket was closed");
            if (Date.now() > end) throw new Error("nothing came back over the WebSocket");
        }
    }
}
