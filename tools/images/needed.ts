import { readFileSync } from "node:fs";
import * as path from "node:path";
import { readYaml } from "../../stacks/yaml-check";
import { repository } from "./catalogue";

/** System -> the images built here that it deploys by default. */
const IMAGES_OF: Record<string, string[]> = {
    openpectus: ["openpectus", "edge", "backup"],
    lightning: ["postgres", "edge", "backup"],
};

interface Block {
    host?: string;
    engines?: Record<string, { host?: string } | null>;
}

type Hosts = Record<string, { docker?: { host?: string } | null } | null>;

/**
 * The images that an environment needs on this machine, by the systems in its configuration file. What runs elsewhere gets its images
 * from a registry, or by `make images HOST=…`.
 */
export function neededImages(stack: string, directory = repository): string[] {
    const { config } = (readYaml(readFileSync(path.join(directory, `Pulumi.${stack}.yaml`), "utf8")) ?? {}) as { config?: object };
    const blocks = Object.fromEntries(Object.entries(config ?? {}).map(([key, block]) => [key.split(":")[1], block]));
    const systems = Object.keys(IMAGES_OF).filter((system) => system in blocks && isHere(blocks[system] ?? {}, blocks.hosts ?? {}));
    return [...new Set(systems.flatMap((system) => IMAGES_OF[system]!))];
}

/** Whether anything of a system runs on this machine's Docker Engine. */
function isHere({ host, engines }: Block, hosts: Hosts): boolean {
    const names = [host, ...Object.values(engines ?? {}).map((engine) => engine?.host)];
    return names.some((name) => hosts[name ?? "default"]?.docker?.host?.startsWith("unix:") ?? true);
}
