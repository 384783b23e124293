import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import YAML from "yaml";
import { root, run, tryRun } from "./support/process";

const folder = join(root, ".github", "workflows");
const workflows = readdirSync(folder);

describe("GitHub workflows", () => {
    it("pass actionlint", async () => {
        const actionlint = (await run("tools/toolchain/build", ["actionlint"], { timeout: 600 })).trim();
        const { code, stdout } = await tryRun(actionlint, ["-no-color", "-shellcheck=", "-pyflakes="]);
        assert.equal(code, 0, stdout);
    });

    it("run `make check` and `make test`", () => {
        const text = workflows.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
        for (const verb of ["check", "test"]) assert.match(text, new RegExp(`run: make ${verb}$`, "m"));
        for (const [, file] of text.matchAll(/node-version-file: (\S+)/g)) assert.ok(existsSync(join(root, file)), file);
    });

    it("show no plan, and no secret, to pull requests from forks", () => {
        const { on, permissions, jobs } = YAML.parse(readFileSync(join(folder, "preview.yml"), "utf8"));
        assert.ok("pull_request" in on && !("pull_request_target" in on), "the other one would run a fork's code with secrets");
        assert.deepEqual(permissions, {});
        assert.match(jobs.preview.if, /head\.repo\.full_name == github\.repository/);
        assert.equal(jobs.preview.permissions.contents, "read");
        const commands = jobs.preview.steps.map((step: { with?: { command?: string } }) => step.with?.command).filter(Boolean);
        assert.deepEqual(commands, ["preview"]);
    });
});
