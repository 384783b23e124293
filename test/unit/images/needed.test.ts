import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catalogue } from "../../../tools/images/catalogue";
import { neededImages } from "../../../tools/images/needed";

describe("images: what an environment needs", () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-"));
    after(() => rmSync(directory, { recursive: true }));
    const needed = (text: string) => {
        writeFileSync(join(directory, "Pulumi.test.yaml"), text);
        return neededImages("test", directory);
    };

    it("follows from the systems in its configuration", () => {
        assert.deepEqual(needed("config:\n  groundwork:openpectus: {}\n"), ["openpectus", "edge", "backup"]);
        assert.deepEqual(needed("config:\n  groundwork:hosts: {}\n"), []);
        assert.deepEqual(needed(""), []);
    });

    it("is nothing for systems on other machines, which get their images from a registry or by `make images HOST=…`", () => {
        const hosts = "  groundwork:hosts:\n    far: { docker: { host: ssh://far } }\n    near: { docker: { host: unix:///var/run/docker.sock } }\n";
        const openpectus = (block: string) => needed(`config:\n${hosts}  groundwork:openpectus: ${block}\n`);
        assert.deepEqual(openpectus("{ host: far }"), []);
        assert.deepEqual(openpectus("{ host: far, engines: { reactor: { host: far } } }"), []);
        assert.deepEqual(openpectus("{ host: far, engines: { reactor: {} } }"), ["openpectus", "edge", "backup"]);
        assert.deepEqual(openpectus("{ host: near }"), ["openpectus", "edge", "backup"]);
        assert.deepEqual(needed("config:\n  groundwork:hosts: { default: { docker: { host: tcp://far:2376 } } }\n  groundwork:openpectus: {}\n"), []);
    });

    it("names every image once, and only images that can be built", () => {
        const all = needed("config:\n  groundwork:openpectus: {}\n  groundwork:lightning: {}\n");
        assert.equal(new Set(all).size, all.length);
        for (const name of all) assert.ok(catalogue().has(name), name);
    });
});
