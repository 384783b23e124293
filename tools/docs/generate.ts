/**
 * Writes `docs/reference/*.md` from doc comments and variable tables, and `schemas/stack.json` from the configuration schema.
 * With `--check` it writes nothing and fails when a file is not what it would write.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { privileges } from "../../components/privileges";
import { configSchema } from "../../stacks/config";
import { type Declarations, readDeclarations } from "./interfaces";
import { type Page, renderIndex, renderPage, type VariableRow } from "./reference";
import { stackFileSchema } from "./schema";

const root = join(__dirname, "..", "..");
const REFERENCE = "docs/reference";
const SCHEMA = "schemas/stack.json";

/** Which interface documents which block of the configuration. */
const SCHEMA_ROOTS = { "hosts.*": "HostSettings", openpectus: "OpenPectusSettings", "openpectus.engines.*": "OpenPectusEngineSettings", lightning: "LightningSettings" };

/** Title of a page, where the name of the folder is not it. */
const TITLES: Record<string, string> = { openpectus: "Open Pectus", lightning: "OpenFn Lightning", workload: "Workloads", hosts: "Hosts", edge: "Edge", backup: "Backup", postgres: "PostgreSQL" };

function folders(): string[] {
    const inside = (path: string) => readdirSync(join(root, path)).map((name) => `${path}/${name}`);
    return [...inside("components"), ...inside("components/systems")].filter((folder) => existsSync(join(root, folder, "args.ts"))).sort();
}

async function pageOf(folder: string): Promise<Page> {
    const name = basename(folder);
    const files = readdirSync(join(root, folder)).filter((file) => file.endsWith(".ts") && file !== "index.ts");
    const all = files.map((file) => readDeclarations(join(root, folder, file)));
    const components = all.flatMap((declarations) => declarations.components);
    const variables = `${folder}/variables.ts`;
    const described = existsSync(join(root, variables));
    return {
        name,
        title: TITLES[name] ?? name,
        sources: [`${folder}/args.ts`, ...(described ? [variables] : [])],
        declarations: { interfaces: readDeclarations(join(root, folder, "args.ts")).interfaces, components },
        variables: described ? await readVariables(variables) : undefined,
    };
}

/** The exported tables of a `variables.ts`, named after what is before `Variables`: `aggregatorVariables` -> `aggregator`. */
async function readVariables(file: string): Promise<Record<string, VariableRow[]>> {
    const tables = Object.entries((await import(join(root, file))) as Record<string, unknown>).filter(([name]) => name.endsWith("Variables"));
    return Object.fromEntries(tables.map(([name, rows]) => [name.replace(/Variables$/, ""), rows as VariableRow[]]));
}

function pageOfFile(name: string, file: string): Page {
    const { interfaces } = readDeclarations(join(root, file));
    return { name, title: TITLES[name] ?? name, sources: [file], declarations: { interfaces, components: [] } };
}

/** Path -> text of every generated file. */
async function generate(): Promise<Map<string, string>> {
    const pages = [
        ...(await Promise.all(folders().map(pageOf))),
        pageOfFile("hosts", "stacks/hosts.ts"),
        { ...pageOfFile("workload", "components/workload/types.ts"), privileges },
    ];
    const declarations: Declarations = { interfaces: pages.flatMap((page) => page.declarations.interfaces), components: [] };
    const schema = stackFileSchema("groundwork", configSchema, SCHEMA_ROOTS, declarations);
    return new Map([
        ...pages.map((page) => [`${REFERENCE}/${page.name}.md`, renderPage(page, pages)] as const),
        [`${REFERENCE}/README.md`, renderIndex(pages)] as const,
        [SCHEMA, JSON.stringify(schema, null, 4) + "\n"] as const,
    ]);
}

function stale(files: Map<string, string>): string[] {
    const present = existsSync(join(root, REFERENCE)) ? readdirSync(join(root, REFERENCE)).map((file) => `${REFERENCE}/${file}`) : [];
    const current = (file: string) => existsSync(join(root, file)) && readFileSync(join(root, file), "utf8") === files.get(file);
    return [...[...files.keys()].filter((file) => !current(file)), ...present.filter((file) => !files.has(file))];
}

function write(files: Map<string, string>): void {
    rmSync(join(root, REFERENCE), { recursive: true, force: true });
    for (const [file, text] of files) {
        mkdirSync(join(root, dirname(file)), { recursive: true });
        writeFileSync(join(root, file), text);
    }
}

async function main(): Promise<void> {
    const files = await generate();
    if (!process.argv.includes("--check")) return write(files);
    const old = stale(files);
    if (old.length === 0) return;
    console.error(`out of date: ${old.join(", ")}\nrun \`npm run docs\` and commit the result`);
    process.exitCode = 1;
}

void main();
