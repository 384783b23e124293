import { PassThrough } from "node:stream";
import { createInterface } from "node:readline";
import { flag, setting } from "./environment";
import { run, Stop } from "./stop";
import { allWorkloads, choiceFromEnvironment, choose, type Workload } from "./workloads";

/** The logs of the chosen containers; `FOLLOW=yes` goes on until Ctrl-C, `TAIL` lines (default 100, or `all`) come first. */
async function logs(): Promise<void> {
    const chosen = choose(await allWorkloads(), choiceFromEnvironment());
    const tail = lines(setting("TAIL") ?? "100");
    const width = Math.max(...chosen.map(({ name }) => name.length));
    const follow = flag("FOLLOW");
    if (follow) {
        await Promise.all(chosen.map((workload) => print(workload, tail, follow, prefix(chosen, workload, width))));
        return;
    }
    for (const workload of chosen) await print(workload, tail, follow, prefix(chosen, workload, width));
}

function lines(text: string): number | undefined {
    if (text === "all") return undefined;
    if (!/^\d+$/.test(text)) throw new Stop(`TAIL=${text} is not a number of lines: write TAIL=100 or TAIL=all`, 2);
    return Number(text);
}

function prefix(chosen: Workload[], { name }: Workload, width: number): string {
    return chosen.length > 1 ? `${name.padEnd(width)} | ` : "";
}

async function print({ id, host }: Workload, tail: number | undefined, follow: boolean, start: string): Promise<void> {
    const container = host.docker.getContainer(id);
    const options = { stdout: true, stderr: true, ...(tail !== undefined && { tail }) };
    const out = new PassThrough();
    const printed = printLines(out, start);
    if (follow) {
        const stream = await container.logs({ ...options, follow: true });
        host.docker.modem.demuxStream(stream, out, out);
        await new Promise((resolve) => stream.on("end", resolve).on("close", resolve));
        out.end();
    } else {
        out.end(withoutHeaders(await container.logs({ ...options, follow: false })));
    }
    await printed;
}

async function printLines(out: PassThrough, start: string): Promise<void> {
    for await (const line of createInterface({ input: out })) process.stdout.write(`${start}${line}\n`);
}

/** Docker puts eight bytes before each piece of output: the stream's number and the length. */
export function withoutHeaders(buffer: Buffer): Buffer {
    const pieces: Buffer[] = [];
    for (let at = 0; at + 8 <= buffer.length;) {
        const length = buffer.readUInt32BE(at + 4);
        pieces.push(buffer.subarray(at + 8, at + 8 + length));
        at += 8 + length;
    }
    return Buffer.concat(pieces);
}

if (require.main === module) run(logs);
