import assert from "node:assert/strict";
import { run, tryRun } from "./support/process";

describe("GitHub workflows", () => {
    it("pass actionlint", async () => {
        const actionlint = (await run("tools/toolchain/build", ["actionlint"], { timeout: 600 })).trim();
        const { code, stdout } = await tryRun(actionlint, ["-no-color", "-shellcheck=", "-pyflakes="]);
        assert.equal(code, 0, stdout);
    });
});
