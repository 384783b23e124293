/** Rows under headings, columns aligned, for people. */
export function table(headings: string[], rows: string[][]): string {
    const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]!.length)));
    const line = (cells: string[]) =>
        cells
            .map((cell, column) => cell.padEnd(widths[column]!))
            .join("  ")
            .trimEnd();
    return [headings, ...rows].map(line).join("\n");
}
