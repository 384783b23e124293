import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { blocksOf, pages } from "../../support/pages";

const root = join(__dirname, "..", "..", "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

function textsBelow(folder: string, ...endings: string[]): string[] {
    return readdirSync(join(root, folder), { recursive: true, encoding: "utf8", withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
        .filter(({ name }) => endings.some((ending) => name.endsWith(ending)) || (endings.includes("") && !name.includes(".")))
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
}

describe("pages for people", () => {
    const suites = readdirSync(join(root, "test", "e2e"))
        .filter((file) => file.endsWith(".test.ts"))
        .map((file) => read(join("test", "e2e", file)));

    for (const page of pages()) {
        const runnable = blocksOf(page).filter(({ language, notRun }) => ["sh", "yaml", "ts"].includes(language) && notRun === undefined);
        if (runnable.length === 0) continue;
        it(`${page}: its commands are run by a suite`, () => assert.ok(suites.some((text) => text.includes(basename(page)))));
    }

    it("each block that is not run says why", () => {
        const reasons = pages().flatMap((page) => blocksOf(page).flatMap(({ notRun }) => (notRun === undefined ? [] : [notRun])));
        for (const reason of reasons) assert.match(reason, /\w+ \w+ \w+/);
    });

    it("the messages that troubleshooting.md quotes are there", () => {
        const sources = [...textsBelow("components", ".ts"), ...textsBelow("stacks", ".ts"), ...textsBelow("tools", ".ts", ".sh", "")].join("\n");
        const rows = read("docs/troubleshooting.md").split("\n").filter((line) => /^\| `/.test(line));
        const quoted = rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, text]) => text!));
        const ofOthers = ["permission denied", "docker.sock", "backup", "lost"];
        const unknown = quoted.filter((text) => !ofOthers.includes(text) && !sources.includes(text));
        assert.ok(quoted.length > 15);
        assert.deepEqual(unknown, []);
    });
});
