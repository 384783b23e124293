import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { packages } from "../../../package-lock.json";

const root = join(__dirname, "../../..");

/** Packages with scripts for their installation, and why we do without. A new one must be looked at. */
const unneeded: Record<string, string> = {
    "node_modules/cpu-features": "compiles an optional module of ssh2, which picks ciphers without it",
    "node_modules/esbuild": "puts the program of its platform package in the place of a script that starts it",
    "node_modules/protobufjs": "compares version numbers and prints a warning",
    "node_modules/ssh2": "compiles an optional module for ciphers, which Node has as well",
};

describe("npm", () => {
    it("runs no scripts of packages in this checkout", () => {
        const { npm_config_ignore_scripts: _, ...env } = process.env;
        const answer = execFileSync("npm", ["config", "get", "ignore-scripts"], { cwd: root, env, encoding: "utf8" });
        assert.equal(answer.trim(), "true");
    });

    it("has only packages whose scripts are not needed", () => {
        const wanting = Object.entries(packages).filter(([, entry]) => "hasInstallScript" in entry);
        assert.deepEqual(wanting.map(([name]) => name).sort(), Object.keys(unneeded).sort());
    });

    it("takes packages from the lock, each with its hash", () => {
        const loose = Object.entries(packages).filter(([name, entry]) => name !== "" && !("integrity" in entry));
        assert.deepEqual(
            loose.map(([name]) => name),
            [],
        );
    });

    it("is called in one way by tools and workflows", () => {
        // The language host installs packages of other people's programs, when they tell Pulumi to.
        const args = [
            "grep",
            "-lE",
            "npm (install|i|add|update) |ignore-scripts=false|npx ",
            "--",
            "tools",
            ".github",
            ":!tools/toolchain/cli",
        ];
        const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
        assert.deepEqual([status, stdout], [1, ""]);
    });
});
