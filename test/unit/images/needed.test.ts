import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catalogue } from "../../../tools/images/catalogue";
import { neededImages } from "../../../tools/images/needed";

describe("images: what an environment needs", () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-"));
    after(() => rmSync(directory, { recursive: true }));
    const needed = (text: string) => {
        writeFileSync(join(directory, "Pulumi.test.yaml"), text);
        return neededImages("test", directory);
    };

    it("follows from the systems in its configuration", () => {
        assert.deepEqual(needed("config:\n  groundwork:openpectus: {}\n"), ["openpectus", "edge", "backup"]);
        assert.deepEqual(needed("config:\n  groundwork:hosts: {}\n"), []);
        assert.deepEqual(needed(""), []);
    });

    it("names every image once, and only images that can be built", () => {
        const all = needed("config:\n  groundwork:openpectus: {}\n  groundwork:lightning: {}\n");
        assert.equal(new Set(all).size, all.length);
        for (const name of all) assert.ok(catalogue().has(name), name);
    });
});
