import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { makeCommand } from "../../../components/make-command";

describe("a command of the Makefile", () => {
    it("always names its environment", () => {
        assert.equal(makeCommand("prod", "status"), "make status STACK=prod");
        assert.equal(makeCommand("dev", "up"), "make up STACK=dev");
    });

    it("is readable where no quotes are needed", () => {
        assert.equal(makeCommand("dev", "restore", { SYSTEM: "op", FILE: "<file>" }), "make restore STACK=dev SYSTEM=op FILE=<file>");
    });

    it("reaches make as it was meant, whatever is in it", () => {
        const settings = { CMD: `sh -c 'echo "a  b"'`, ROLE: "edge" };
        const line = makeCommand("prod", "exec", settings).replace("make", 'printf "%s\\n"');
        const words = execFileSync("sh", ["-c", line], { encoding: "utf8" }).trimEnd().split("\n");
        assert.deepEqual(words, ["exec", "STACK=prod", `CMD=${settings.CMD}`, "ROLE=edge"]);
    });
});
