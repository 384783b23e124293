import { createInterface } from "node:readline/promises";
import { setting } from "./environment";
import { Stop } from "./stop";

/** Goes on only after `word` was typed, or given beforehand as `YES=<word>`. */
export async function confirm(question: string, word = "yes"): Promise<void> {
    const given = setting("YES");
    if (given === word) return;
    if (given !== undefined) throw new Stop(`YES=${given} does not answer it: ${question} Say YES=${word} to go on`, 2);
    if (!process.stdin.isTTY) throw new Stop(`${question} Nobody is here to ask: add YES=${word} to say it beforehand`, 2);
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(`${question} Type ${word} to go on: `);
    terminal.close();
    if (answer.trim() !== word) throw new Stop("nothing was changed", 2);
}
