import { error, type Problem } from "../components/problem";
import { editDistance } from "./lenient";

/** Everything that a file of Pulumi's may have at its left margin. */
export const TOP_LEVEL_KEYS = ["config", "secretsprovider", "encryptedkey", "encryptionsalt", "environment"];

/** Namespaces that mean something to the engine, or to a provider that a program here may use. */
const OTHER_NAMESPACES = ["pulumi", "docker", "random", "tls", "gcp"];

interface Keys {
    keys?: string[];
    topLevel?: string[];
}

/**
 * Blocks that nobody would read, because of where they stand. Pulumi accepts every namespace and every key outside `config`, so such a
 * file would look like one that wants nothing deployed.
 *
 * @param blocks names of the blocks that this project knows
 */
export function checkMisplaced(project: string, blocks: string[], { keys = [], topLevel = [] }: Keys): Problem[] {
    return [
        ...topLevel.filter((key) => !TOP_LEVEL_KEYS.includes(key)).map((key) => outside(key, project, blocks)),
        ...keys.flatMap((key) => strangeNamespace(key, project, blocks)),
    ];
}

function outside(key: string, project: string, blocks: string[]): Problem {
    if (blocks.includes(key))
        return error(key, "it stands outside config, where nothing reads it", `move it below config, as ${project}:${key}`);
    const nearest = TOP_LEVEL_KEYS.find((known) => isNear(key, known));
    return nearest
        ? error(key, "Pulumi knows no such key, and nothing reads what is below it", `write ${nearest}:`)
        : error(key, "it stands outside config, where nothing reads it", "indent it to move it below config:, or remove it");
}

function strangeNamespace(key: string, project: string, blocks: string[]): Problem[] {
    const [namespace, ...rest] = key.split(":");
    const name = rest.join(":");
    if (namespace === project || OTHER_NAMESPACES.includes(namespace!)) return [];
    if (!blocks.includes(name) && !isNear(namespace!, project)) return [];
    return [error(key, `nothing reads it, because this project is called "${project}"`, `write ${project}:${name}`)];
}

/** One typing error in three letters. */
function isNear(word: string, known: string): boolean {
    return editDistance(word.toLowerCase(), known.toLowerCase()) <= Math.max(1, Math.floor(known.length / 3));
}
