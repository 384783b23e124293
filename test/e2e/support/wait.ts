import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Asks again and again until `condition` returns something true, or fails with what it said last. */
export async function until<T>(
    what: string,
    condition: () => Promise<T | undefined | false> | T | undefined | false,
    seconds = 60,
): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    let last: unknown = "not yet";
    for (;;) {
        try {
            const value = await condition();
            if (value) return value;
            last = "not yet";
        } catch (error) {
            last = error;
        }
        if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}: ${last instanceof Error ? last.message : last}`);
        await sleep(200);
    }
}

/** A TCP port of 127.0.0.1 that nobody listens on at this moment. */
export function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.on("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
        });
    });
}
