// The components as a Pulumi package. The schema is read from the TypeScript beside this file.
"use strict";
const path = require("node:path");
const { componentProviderHost } = require("@pulumi/pulumi/provider/experimental");
const { buildSync } = require("esbuild");

const root = path.join(__dirname, "..", "..");
const outfile = path.join(root, "bin", "provider.js");
buildSync({
    absWorkingDir: root,
    entryPoints: [path.join(__dirname, "index.ts")],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "cjs",
    sourcemap: "inline",
    logLevel: "warning",
});
componentProviderHost({ name: "groundwork", dirname: __dirname, components: Object.values(require(outfile)) });
