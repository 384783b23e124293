import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./process";

/** One block of code of a page. */
export interface CodeBlock {
    text: string;
}

/** The blocks between ```sh and ``` of a page, from the first to the last; of another language on demand. */
export function codeBlocks(page: string, language = "sh"): CodeBlock[] {
    const text = readFileSync(join(root, page), "utf8");
    const blocks = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms");
    return [...text.matchAll(blocks)].map(([, commands]) => ({ text: commands! }));
}
