import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { catalogue } from "../../../tools/images/catalogue";
import { sourceFiles } from "../../../tools/images/tag";

describe("shell scripts in images/", () => {
    const files = [...catalogue().values()].flatMap(({ directory }) => sourceFiles(directory).map((file) => path.join(directory, file)));
    const scripts = files.filter((file) => /^#!\/bin\/(ba)?sh\n/.test(readFileSync(file, "utf8")));

    it("are found", () => assert.ok(scripts.length >= 7));

    for (const script of scripts) {
        it(`${path.relative(process.cwd(), script)} is executable and parses`, () => {
            const shell = readFileSync(script, "utf8").split("\n")[0].slice(2);
            assert.ok(statSync(script).mode & 0o100, "not executable");
            const { status, stderr } = spawnSync(shell, ["-n", script], { encoding: "utf8" });
            assert.equal(status, 0, stderr);
        });
    }
});
