import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import packageJson from "../../../package.json";
import provider from "../../../components/provider/package.json";

const components = join(__dirname, "../../../components");

/** Packages that a file loads when it runs; types are compiled away. */
function loaded(file: string): string[] {
    const text = readFileSync(join(components, file), "utf8");
    const statements = [
        ...text.matchAll(/^(?:import|export) (?!type )[^;]*?from "([^".][^"]*)"/gm),
        ...text.matchAll(/await import\("([^"]+)"\)/g),
    ];
    return statements.map(([, name]) => /^(@[^/]+\/)?[^/]+/.exec(name!)![0]);
}

describe("the npm package of the components", () => {
    it("brings every package that they load, and leaves the SDK to the project, so that there is one copy of it", () => {
        const files = (readdirSync(components, { recursive: true }) as string[]).filter((file) => file.endsWith(".ts"));
        const names = new Set(files.flatMap(loaded).filter((name) => !name.startsWith("node:") && !builtinModules.includes(name)));
        assert.ok(names.size >= 7);
        names.delete("@pulumi/pulumi");
        assert.deepEqual([...names].sort(), Object.keys(packageJson.dependencies).sort());
        assert.deepEqual(packageJson.peerDependencies, { "@pulumi/pulumi": `^${packageJson.devDependencies["@pulumi/pulumi"]}` });
    });

    it("has one version, in other languages, too", () => {
        assert.equal(provider.version, packageJson.version);
    });
});
