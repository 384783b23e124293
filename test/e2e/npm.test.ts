import assert from "node:assert/strict";
import { existsSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "./support/checkout";

describe("npm packages", () => {
    let checkout: Checkout;

    before(async () => (checkout = await Checkout.create("npm")));
    after(async () => checkout?.remove());

    const inModules = (file: string) => join(checkout.path, "node_modules", file);

    it("are not installed over those of another checkout, which a link leads to", async () => {
        checkout.edit("package-lock.json", (text) => text.replace(/(?<="node_modules\/zod": {\s*"version": )"[^"]+"/, '"0.0.1"'));
        const { code, stderr } = await checkout.run("tools/ensure-packages");
        assert.equal(code, 1);
        assert.match(stderr, /node_modules is a link to packages that are not those of package-lock\.json\n.*run npm ci where it leads/);
        assert.ok(existsSync(inModules("esbuild/package.json")));
        checkout.restore("package-lock.json");
        unlinkSync(join(checkout.path, "node_modules"));
    });

    it("are installed without running anything that they bring", async () => {
        // As CI systems and people have it set, or not.
        const { code, stderr } = await checkout.run("env -u npm_config_ignore_scripts tools/ensure-packages");
        assert.equal(code, 0, stderr);
        // Its script would have put a program in this place.
        assert.match(readFileSync(inModules("esbuild/bin/esbuild"), "utf8").slice(0, 30), /^#!\/usr\/bin\/env node/);
        assert.ok(!existsSync(inModules("cpu-features/build")) && !existsSync(inModules("ssh2/lib/protocol/crypto/build")));
    });

    it("work all the same: the program is bundled, started and planned", async () => {
        checkout.restore("Pulumi.yaml");
        const { code, stdout, stderr } = await checkout.run(
            'npm run --silent plan -- --stack dev && node -e \'require("./bundle")(process.cwd(), "components/problem.ts")\'',
        );
        assert.equal(code, 0, stderr);
        assert.match(stdout, /^# dev\ncounts:/);
    });
});
