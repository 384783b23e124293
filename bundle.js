// Bundles a program's own TypeScript (packages stay outside) and runs the result.
// A type-checking loader would cost seconds at every preview; a build step by hand could run a stale program.
"use strict";
require("./lazy-packages");
const Module = require("node:module");
const path = require("node:path");
const { buildSync } = require("esbuild");

/** Runs the TypeScript file `entry` of a folder and returns what it exports. */
module.exports = function start(folder, entry) {
    const bundle = buildSync({
        absWorkingDir: folder,
        entryPoints: [entry],
        bundle: true,
        packages: "external",
        platform: "node",
        target: "node20",
        format: "cjs",
        sourcemap: "inline",
        // In memory: two runs in one checkout do not read each other's half-written file.
        write: false,
        outdir: folder,
        logLevel: "warning",
    });
    const file = path.join(folder, entry.replace(/\.ts$/, ".js"));
    const program = new Module(file, module);
    program.filename = file;
    program.paths = module.paths;
    program._compile(bundle.outputFiles[0].text, file);
    return program.exports;
};
