import assert from "node:assert/strict";
import type { Lock } from "../../../tools/images/lock";
import { pin } from "../../../tools/images/pin";

describe("make pin", () => {
    const lock: Lock = {
        own: { image: "groundwork/own:1-000000000000", version: "1", architecture: "amd64", builtHere: true },
        one: { image: "registry.example.org:5000/one:main", version: "main", architecture: "amd64", builtHere: false },
        two: { image: "registry.example.org:5000/two", version: "main", architecture: "amd64", builtHere: false },
    };

    it("adds the digest that the registry answers to each published image, and leaves ours alone", async () => {
        const pinned = await pin(lock, async () => "sha256:abc");
        assert.deepEqual(pinned.own, lock.own);
        assert.equal(pinned.one.digest, "registry.example.org:5000/one@sha256:abc");
        assert.equal(pinned.two.digest, "registry.example.org:5000/two@sha256:abc");
    });

    it("changes nothing if one registry does not answer, and names every image", async () => {
        const refused = async () => Promise.reject(new Error("no such host"));
        await assert.rejects(pin(lock, refused), (error: Error) => {
            assert.match(error.message, /^one: registry.example.org:5000\/one:main: no such host\ntwo: .*\nimages.lock.json is unchanged/);
            return true;
        });
    });
});
