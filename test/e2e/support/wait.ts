import { randomInt } from "node:crypto";
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

/** Below the ports that outgoing connections take: one of those could have it before a test does. */
const [LOWEST, BEYOND] = [20_000, 32_768];

/** A TCP port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
    for (;;) {
        const port = randomInt(LOWEST, BEYOND);
        if (await canListen(port)) return port;
    }
}

function canListen(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const server = createServer();
        server.on("error", () => resolve(false));
        server.listen(port, "0.0.0.0", () => server.close(() => resolve(true)));
    });
}
