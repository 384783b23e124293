import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { repository } from "./catalogue";

/** System -> the images built here that it deploys by default. */
const IMAGES_OF: Record<string, string[]> = {
    openpectus: ["openpectus", "edge", "backup"],
    lightning: ["postgres", "edge", "backup"],
};

/** The images that an environment needs, by the systems in its configuration file. */
export function neededImages(stack: string, directory = repository): string[] {
    const { config } = (parse(readFileSync(path.join(directory, `Pulumi.${stack}.yaml`), "utf8")) ?? {}) as { config?: object };
    const systems = Object.keys(config ?? {}).map((key) => key.split(":")[1] ?? "");
    return [...new Set(systems.flatMap((system) => IMAGES_OF[system] ?? []))];
}
