// What the engine starts. It bundles the program's own TypeScript (packages stay outside) and runs the result.
// A type-checking loader would cost seconds at every preview; a build step by hand could run a stale program.
"use strict";
const Module = require("node:module");
const path = require("node:path");
const { buildSync } = require("esbuild");

const bundle = buildSync({
    absWorkingDir: __dirname,
    entryPoints: ["index.ts"],
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "cjs",
    sourcemap: "inline",
    // In memory: two runs in one checkout do not read each other's half-written file.
    write: false,
    outdir: __dirname,
    logLevel: "warning",
});
const program = new Module(path.join(__dirname, "index.js"), module);
program.filename = program.id;
program.paths = module.paths;
program._compile(bundle.outputFiles[0].text, program.filename);
module.exports = program.exports;
