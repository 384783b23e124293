// Postpones two packages that the SDK loads at its start and seldom needs: a third of the time until a program runs.
// The TypeScript compiler reads functions that become dynamic resources; npm's tree reader collects files for cloud functions.
"use strict";
const Module = require("node:module");

/** Makes `require(name)`, as seen from `from`, give an object that loads the package when it is first looked at. */
function postpone(name, from) {
    let file;
    try {
        file = require.resolve(name, { paths: [from] });
    } catch {
        return; // another version of the SDK: nothing to postpone
    }
    if (require.cache[file]) return;
    const stub = new Module(file);
    const real = () => {
        if (require.cache[file] === stub) delete require.cache[file];
        return require(file);
    };
    stub.loaded = true;
    stub.exports = new Proxy(
        {},
        {
            // Code that was compiled from `import` asks this of every package, and copies the whole of it if there is no answer.
            get: (_target, key) => (key === "__esModule" ? true : real()[key]),
            has: (_target, key) => key in real(),
        },
    );
    require.cache[file] = stub;
}

const sdk = require.resolve("@pulumi/pulumi/package.json");
postpone("typescript", sdk);
postpone("@npmcli/arborist", sdk);
