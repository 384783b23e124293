import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

/** A fenced block of a page. */
export interface Block {
    language: string;
    text: string;
    line: number;
    /** Why no test runs it, from a comment above the block: `<!-- not run: … -->`. */
    notRun?: string;
}

/** Every page that a person reads, generated ones and those of folders aside. */
export function pages(): string[] {
    const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".md") && !file.startsWith("reference"))
        .map((file) => join("docs", file));
    return ["README.md", "SECURITY.md", ...docs.sort()];
}

export function blocksOf(page: string): Block[] {
    const lines = readFileSync(join(root, page), "utf8").split("\n");
    const blocks: Block[] = [];
    for (let i = 0; i < lines.length; i++) {
        const [, indent, language] = /^( *)```(\w+)$/.exec(lines[i]!) ?? [];
        if (language === undefined) continue;
        const end = lines.indexOf(`${indent}\`\`\``, i);
        if (end < 0) throw new Error(`${page}:${i + 1}: the block has no end`);
        const text = lines.slice(i + 1, end).map((line) => line.slice(indent!.length));
        blocks.push({
            language,
            text: `${text.join("\n")}\n`,
            line: i + 1,
            notRun: /^ *<!-- not run: (.*) -->$/.exec(lines[i - 1] ?? "")?.[1],
        });
        i = end;
    }
    return blocks;
}
