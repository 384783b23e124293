/**
 * Writes `docs/reference/*.md` from doc comments and variable tables, and `schemas/stack.json` from the configuration schema.
 * With `--check` it writes nothing and fails when a file is not what it would write.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { configSchema } from "../../stacks/config";
import { readBlocks } from "./keys";
import { readPages, ROOTS } from "./pages";
import { renderIndex, renderPage } from "./reference";
import { stackFileSchema } from "./schema";
import { readSources, root } from "./sources";

const REFERENCE = "docs/reference";
const SCHEMA = "schemas/stack.json";

/** Path -> text of every generated file. */
async function generate(): Promise<Map<string, string>> {
    const sources = await readSources();
    const blocks = readBlocks(configSchema, ROOTS, sources.interfaces);
    const pages = readPages(sources, blocks);
    const blockOf = new Map(Object.entries(ROOTS).map(([block, name]) => [name, block]));
    const site = { pages, blockOf, interfaces: sources.interfaces };
    const schema = stackFileSchema("groundwork", configSchema, blocks);
    return new Map([
        ...pages.map((page) => [`${REFERENCE}/${page.name}.md`, renderPage(page, site)] as const),
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
