import { createInterface } from "node:readline/promises";
import { flag } from "./environment";
import { Stop } from "./stop";

/** Goes on only after a typed `yes`, or with `YES=yes`. */
export async function confirm(question: string): Promise<void> {
    if (flag("YES")) return;
    if (!process.stdin.isTTY) throw new Stop(`${question} Nobody is here to ask: add YES=yes to say yes beforehand`, 2);
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(`${question} Type yes to go on: `);
    terminal.close();
    if (answer.trim() !== "yes") throw new Stop("nothing was changed", 2);
}
