import { existsSync, readFileSync } from "node:fs";

/** When the program of one operation came to what. */
export class Marks {
    private readonly phases: [string, number][];

    /** `start`: milliseconds since 1970; `total`: milliseconds. */
    constructor(start: number, total: number, file: string) {
        const points = existsSync(file)
            ? readFileSync(file, "utf8")
                  .trim()
                  .split("\n")
                  .map((line) => JSON.parse(line))
            : [];
        const at = (name: string) => points.find((point: { name: string }) => point.name === name)?.at - start;
        this.phases = points.length
            ? [
                  ["CLI, plugins and Node start", at("program starts")],
                  ["program loads (bundling, SDK)", at("program loaded") - at("program starts")],
                  ["resources", at("program ends") - at("program loaded")],
                  ["the CLI ends", total - at("program ends")],
              ]
            : [["the CLI, without the program", total]];
    }

    describe(): string {
        return this.phases.map(([name, milliseconds]) => `${name} ${(milliseconds / 1000).toFixed(2)}`).join(", ");
    }
}
