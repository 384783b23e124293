import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { catalogue, findRole } from "../../../tools/images/catalogue";
import { contentHash, imageTag } from "../../../tools/images/tag";

describe("image tags", () => {
    let root: string;

    beforeEach(() => {
        root = mkdtempSync(path.join(tmpdir(), "groundwork-tag."));
        write("base/image.json", '{ "version": "1", "use": "build" }');
        write("base/build", "#!/bin/sh\n");
        write("test/app/image.json", '{ "version": "2", "from": "base", "use": "deploy" }');
        write("test/app/Dockerfile", "FROM scratch\n");
        write("test/app/rootfs/run", "one\n");
    });

    afterEach(() => rmSync(root, { recursive: true }));

    const write = (file: string, text: string) => {
        mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
        writeFileSync(path.join(root, file), text);
    };
    const tag = (version?: string) => {
        const roles = catalogue(root);
        return imageTag(roles, findRole(roles, "app", version));
    };
    const changes = (change: () => void) => {
        const before = tag();
        change();
        return tag() !== before;
    };

    it("name the role, the version and twelve digits, the same in every checkout", () => {
        assert.equal(tag(), "groundwork/app:2-27115b49fe33");
    });

    it("change with a file's text, name and executable bit, with the base, and with the version", () => {
        assert.ok(changes(() => write("test/app/rootfs/run", "two\n")), "text");
        assert.ok(changes(() => write("test/app/rootfs/more", "")), "new file");
        assert.ok(changes(() => chmodSync(path.join(root, "test/app/rootfs/run"), 0o755)), "executable bit");
        assert.ok(changes(() => write("base/build", "#!/bin/sh\nexit\n")), "base");
        assert.notEqual(tag("3").split("-")[1], tag().split("-")[1], "version");
    });

    it("do not change with prose, nor with permissions that git does not keep", () => {
        assert.ok(!changes(() => write("test/app/README.md", "text")));
        assert.ok(!changes(() => chmodSync(path.join(root, "test/app/rootfs/run"), 0o600)));
    });

    it("never mistake one split of the same text for another", () => {
        const hash = (files: [string, string]) => {
            write("test/app/rootfs/a", files[0]);
            write("test/app/rootfs/b", files[1]);
            const roles = catalogue(root);
            return contentHash(roles, findRole(roles, "app"));
        };
        fc.assert(
            fc.property(fc.string(), fc.nat(), fc.nat(), (text, i, j) => {
                const [one, other] = [i % (text.length + 1), j % (text.length + 1)];
                const same = hash([text.slice(0, one), text.slice(one)]) === hash([text.slice(0, other), text.slice(other)]);
                assert.equal(same, one === other);
            }),
            { numRuns: 50 },
        );
    });
});
