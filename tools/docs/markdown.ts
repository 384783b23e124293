/** What pages are written with, in the Markdown that GitHub reads. */

export function table(heading: string[], rows: string[][]): string {
    const line = (cells: string[]) => `| ${cells.map(cell).join(" | ")} |`;
    return [line(heading), line(heading.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A table ends at a line break, and a cell at a `|`. */
function cell(text: string): string {
    return text.replaceAll(/\s+/g, " ").replaceAll(/(?<!\\)\|/g, "\\|");
}

/** `#` and what GitHub makes of a heading. */
export function anchor(heading: string): string {
    const kept = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "");
    return `#${kept.replaceAll(" ", "-")}`;
}
