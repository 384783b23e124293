import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { isSecret, type Output } from "@pulumi/pulumi";
import * as ts from "typescript";
import { recordResources, valueOf } from "./recorder";

const ROOT = path.resolve(__dirname, "../../../..");
const README = path.join(ROOT, "components/credentials/README.md");

/** Runs the example as if it stood in a file of a system's folder. */
function runExample(): Record<string, Output<string>> {
    const source = /^```ts\n([^]*?)^```$/m.exec(readFileSync(README, "utf8"))?.[1];
    assert.ok(source, "the README has an example");
    const { outputText } = ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const exported = {};
    new Function("require", "exports", outputText)(createRequire(path.join(ROOT, "components/systems/example/example.ts")), exported);
    return exported;
}

describe("README of credentials", () => {
    it("has an example that runs, and keeps secret what must be", async () => {
        const requested = await recordResources();
        const outputs = runExample();
        const secret: Record<string, boolean> = {};
        for (const [name, output] of Object.entries(outputs)) {
            assert.ok(await valueOf(output), name);
            secret[name] = await isSecret(output);
        }
        assert.deepEqual(secret, {
            databasePassword: true,
            storageKey: true,
            signingKey: true,
            verificationKey: false,
            nginxCertificate: false,
            nginxKey: true,
            trustThis: false,
        });
        assert.equal(requested.length, 8);
    });
});
