// What the engine starts. It bundles the program's own TypeScript (packages stay outside) and runs the result.
// A type-checking loader would cost seconds at every preview; a build step by hand could run a stale program.
"use strict";
const path = require("node:path");
const { buildSync } = require("esbuild");

const outfile = path.join(__dirname, "bin", "index.js");
buildSync({
    absWorkingDir: __dirname,
    entryPoints: ["index.ts"],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "cjs",
    // Stack traces name the TypeScript line; names of functions survive for dynamic resources.
    sourcemap: "inline",
    logLevel: "warning",
});
module.exports = require(outfile);
