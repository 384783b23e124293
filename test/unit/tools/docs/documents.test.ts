import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { anchors, links, tables } from "./markdown";

const root = join(__dirname, "..", "..", "..", "..");

/** Documents of the checkout, new ones too. */
const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && existsSync(join(root, file)));
const read = (file: string) => readFileSync(join(root, file), "utf8");

describe("every document", () => {
    it("has links that lead somewhere, to headings too", () => {
        assert.ok(documents.length > 20 && documents.flatMap((file) => links(read(file))).length > 100, "there is something to look at");
        assert.deepEqual(documents.flatMap(broken), []);
    });

    it("has tables whose rows have all their cells", () => {
        const ragged = documents.flatMap((file) =>
            tables(read(file)).flatMap(({ heading, rows }) =>
                rows.filter((row) => row.length !== heading.length).map((row) => `${file}: ${row.join(" | ")}`),
            ),
        );
        assert.deepEqual(ragged, []);
    });
});

function broken(file: string): string[] {
    return links(read(file))
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => {
            const [path, anchor] = target.split("#") as [string, string?];
            const found = path === "" ? file : relative(root, join(root, dirname(file), path));
            if (!existsSync(join(root, found))) return true;
            return anchor !== undefined && !anchors(read(found)).has(anchor);
        })
        .map((target) => `${file}: ${target}`);
}
