import assert from "node:assert/strict";
import { catalogue } from "../../../tools/images/catalogue";
import { currentLock, readLock, type Lock } from "../../../tools/images/lock";

describe("images.lock.json", () => {
    const roles = catalogue();
    const locked = currentLock(roles, {});
    const [role] = Object.keys(locked);

    it("says what images/ builds", () => {
        assert.deepEqual(readLock(), currentLock(roles, readLock()), "images/ and images.lock.json differ: run make images");
    });

    it("says for every image which processor it is for", () => {
        for (const [name, { architecture }] of Object.entries(readLock())) assert.equal(architecture, "amd64", name);
    });

    it("holds the images that the program deploys, and no others", () => {
        assert.ok(["openpectus", "edge", "backup"].every((name) => locked[name]?.builtHere));
        assert.equal(locked.base, undefined);
        assert.equal(locked.pebble, undefined);
    });

    it("keeps a digest as long as the image it belongs to", () => {
        const digest = `registry.example.org/groundwork/${role}@sha256:${"0".repeat(64)}`;
        const old: Lock = { [role]: { ...locked[role], digest } };
        assert.equal(currentLock(roles, old)[role].digest, digest);
        assert.equal(currentLock(roles, { [role]: { ...old[role], image: `groundwork/${role}:old` } })[role].digest, undefined);
    });

    it("keeps published images, and forgets roles that are built no more", () => {
        const published = { image: "registry.example.org/app:main", version: "main", architecture: "amd64", builtHere: false };
        const lock = currentLock(roles, { published, gone: { ...locked[role] } });
        assert.deepEqual(lock.published, published);
        assert.equal(lock.gone, undefined);
    });
});
