import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface Answer {
    status: number;
    headers: Record<string, string | string[] | undefined>;
    body: string;
}

export interface RequestOptions {
    method?: string;
    json?: unknown;
    /** PEM of the authority to trust, and no other. */
    ca?: string;
    headers?: Record<string, string>;
    /** Address to connect to, where names do not resolve. */
    address?: string;
}

/** One request without redirects; certificates are verified. */
export function fetchUrl(url: string, { method = "GET", json, ca, headers = {}, address }: RequestOptions = {}): Promise<Answer> {
    const target = new URL(url);
    const body = json === undefined ? undefined : JSON.stringify(json);
    const options = {
        method,
        ca,
        host: address ?? target.hostname,
        servername: target.hostname,
        port: target.port || (target.protocol === "https:" ? 443 : 80),
        path: target.pathname + target.search,
        headers: {
            host: target.host,
            ...(body && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
            ...headers,
        },
        timeout: 20_000,
        agent: false,
    };
    return new Promise((resolve, reject) => {
        const send = target.protocol === "https:" ? httpsRequest : httpRequest;
        const outgoing = send(options, (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
            incoming.on("error", reject);
            incoming.on("end", () =>
                resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks).toString() }),
            );
        });
        outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer from ${url} in time`)));
        outgoing.on("error", reject);
        outgoing.end(body);
    });
}
