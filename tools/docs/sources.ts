/** Reads what the reference is made of out of the checkout. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { readDeclarations, type Interface } from "./interfaces";
import type { VariableRow } from "./reference";

export const root = join(__dirname, "..", "..");

/** A folder with components: arguments, classes and tables of variables. */
export interface Folder {
    name: string;
    files: string[];
    interfaces: Interface[];
    /** Those that other projects may use. */
    components: Interface[];
    variables?: Record<string, VariableRow[]>;
}

export interface Sources {
    folders: Folder[];
    /** By name, those of the hosts as well. */
    interfaces: Map<string, Interface>;
}

export const HOSTS = "stacks/hosts.ts";
const PUBLISHED = "components/classes.ts";

export async function readSources(): Promise<Sources> {
    const published = new Set(Object.keys((await import(join(root, PUBLISHED))) as object));
    const folders = await Promise.all(componentFolders().map((path) => readFolder(path, published)));
    const interfaces = [...folders.flatMap((folder) => folder.interfaces), ...readDeclarations(join(root, HOSTS)).interfaces];
    return { folders, interfaces: new Map(interfaces.map((one) => [one.name, one])) };
}

function componentFolders(): string[] {
    const inside = (path: string) => readdirSync(join(root, path)).map((name) => `${path}/${name}`);
    return [...inside("components"), ...inside("components/systems")].filter((folder) => existsSync(join(root, folder, "args.ts"))).sort();
}

async function readFolder(path: string, published: Set<string>): Promise<Folder> {
    const files = readdirSync(join(root, path)).filter((file) => file.endsWith(".ts") && file !== "index.ts");
    const classes = files.flatMap((file) => readDeclarations(join(root, path, file)).components);
    const variables = `${path}/variables.ts`;
    const described = existsSync(join(root, variables));
    return {
        name: basename(path),
        files: [`${path}/args.ts`, ...(described ? [variables] : [])],
        interfaces: readDeclarations(join(root, path, "args.ts")).interfaces,
        components: classes.filter(({ name }) => published.has(name)).reverse(),
        variables: described ? await readVariables(variables) : undefined,
    };
}

/** The exported tables of a `variables.ts`, named after what is before `Variables`: `aggregatorVariables` -> `aggregator`. */
async function readVariables(file: string): Promise<Record<string, VariableRow[]>> {
    const tables = Object.entries((await import(join(root, file))) as Record<string, unknown>).filter(([name]) => name.endsWith("Variables"));
    return Object.fromEntries(tables.map(([name, rows]) => [name.replace(/Variables$/, ""), rows as VariableRow[]]));
}
