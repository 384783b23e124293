import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";

const root = join(__dirname, "../../..");
const VERBS = "(up|preview|destroy|refresh|stack|config|login|state|cancel|package|plugin|import)";

/** Puts `pulumi` on the PATH of a shell. */
const SETUP = /eval "\$\(make -s (env|toolchain)\b/;

interface Line {
    text: string;
    number: number;
    /** Of a page: what stands above it in its section. */
    above: string;
}

function lines(file: string): Line[] {
    let above = "";
    return readFileSync(join(root, file), "utf8")
        .split("\n")
        .map((text, at) => {
            if (/^#+ /.test(text) && extname(file) === ".md") above = "";
            const line = { text, number: at + 1, above };
            above += `${text}\n`;
            return line;
        });
}

/** How a person is told to type something, by the kind of file. */
const told: Record<string, (line: Line) => boolean> = {
    // A line of a block of commands. What is named in a sentence is not for typing.
    ".md": ({ text, above }) => new RegExp(`^ *([A-Z_]+=\\S+ )*pulumi ${VERBS}\\b`).test(text) && !SETUP.test(above),
    ".yaml": ({ text }) => new RegExp(`#.*(\`|  )pulumi ${VERBS} `).test(text),
    ".ts": ({ text }) => !/^ *(\*|\/\/|\/\*)/.test(text) && new RegExp(`\`pulumi ${VERBS}\\b`).test(text),
    "": ({ text }) => !/^ *#/.test(text) && new RegExp(`\`pulumi ${VERBS} `).test(text),
};
told[".sh"] = told[""]!;

describe("commands that a person is told to type", () => {
    it("work in a fresh clone, where nothing has put pulumi on the PATH", () => {
        const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" });
        const files = listed.split("\n").filter((file) => extname(file) in told && !/^(test|images)\/|^LICENSE$/.test(file) && file);
        assert.ok(files.length > 200);
        const bare = files
            .filter((file) => statSync(join(root, file), { throwIfNoEntry: false })?.isFile())
            .flatMap((file) => lines(file).filter(told[extname(file)]!).map(({ number, text }) => `${file}:${number}: ${text.trim()}`));
        assert.deepEqual(bare, []);
    });
});
