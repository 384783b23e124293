/** Reads Markdown as GitHub does, as far as the tests of the documentation need it. */

/** Where a link to a heading leads: GitHub's own rule. A heading that stands there twice gets a number. */
export function anchors(text: string): Set<string> {
    const seen = new Map<string, number>();
    return new Set(
        headings(text).map((heading) => {
            const slug = heading
                .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
                .toLowerCase()
                .replace(/[^\p{L}\p{N} _-]/gu, "")
                .replaceAll(" ", "-");
            const count = seen.get(slug) ?? 0;
            seen.set(slug, count + 1);
            return count === 0 ? slug : `${slug}-${count}`;
        }),
    );
}

function headings(text: string): string[] {
    return [...withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => heading!.trim());
}

/** Targets of links and images. What stands in code is text. */
export function links(text: string): string[] {
    const prose = withoutCode(text).replace(/`[^`\n]*`/g, "");
    return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target!);
}

function withoutCode(text: string): string {
    return text.replace(/^```[\s\S]*?^```/gm, "");
}

export interface Table {
    heading: string[];
    rows: string[][];
}

/** Every table, cell by cell. A `|` in a cell is written `\|`, in code, too. */
export function tables(text: string): Table[] {
    const blocks = withoutCode(text).match(/(?:^\|.*\|$\n?)+/gm) ?? [];
    return blocks.map((block) => {
        const [heading, , ...rows] = block
            .trim()
            .split("\n")
            .map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim()));
        return { heading: heading!, rows };
    });
}
