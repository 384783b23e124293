/** Writes the keys of the configuration as Markdown: a section for each block, a row for each key. */
import type { Block, Key } from "./keys";
import { anchor, table } from "./markdown";
import { proseOf } from "./prose";

const HEADING = ["Key", "Type", "Default", "What it is", "A change"];

/** `pageOf` names the page of a block. */
export function renderBlocks(blocks: Block[], all: Block[], pageOf: (path: string) => string): string[] {
    return blocks.flatMap((block) => {
        const rows = block.keys.map((key) => row(key, block, all, pageOf));
        const heading = block.path === "" ? [] : [`## \`${block.path}\``];
        return [...heading, ...(block.comment ? [block.comment] : []), table(HEADING, rows)];
    });
}

function row(key: Key, block: Block, all: Block[], pageOf: (path: string) => string): string[] {
    const prose = proseOf(key.comment);
    const type = key.type === "block" ? blockLink(key, block, pageOf) : [key.type, unit(key), key.secret && "**secret**"].filter(Boolean).join(", ");
    const change = prose.change ?? inheritedChange(block, all, pageOf) ?? "–";
    return [`\`${key.path}\``, type, key.required ? "**required**" : (prose.default ?? "–"), prose.text || "–", change];
}

function blockLink({ path }: Key, block: Block, pageOf: (path: string) => string): string {
    const page = pageOf(path);
    return `[block](${page === pageOf(block.path) ? "" : `${page}.md`}${anchor(path)})`;
}

/** What is said once for a whole block holds for all that is in it. */
function inheritedChange(block: Block, all: Block[], pageOf: (path: string) => string): string | undefined {
    const around = all.filter(({ path }) => path === block.path || block.path.startsWith(`${path}.`));
    const nearest = around.reverse().find(({ comment }) => /\bchange\b/.test(comment));
    if (!nearest || pageOf(nearest.path) !== pageOf(block.path)) return undefined;
    return nearest === block ? "as said above" : `as said of [\`${nearest.path}\`](${anchor(nearest.path)})`;
}

/** Of a number; its name or its description says it. */
function unit({ path, type, comment }: Key): string | undefined {
    if (type !== "number") return undefined;
    if (/(\.p|P)ort$/.test(path)) return "TCP port";
    const [, named] = /(Seconds|Minutes|Days)$/.exec(path) ?? [];
    return named?.toLowerCase() ?? /\bMi?B\b/.exec(comment)?.[0];
}
