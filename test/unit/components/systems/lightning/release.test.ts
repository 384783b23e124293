import assert from "node:assert/strict";
import { lockedImage } from "../../../../../components/images";
import { isFrom, webRelease, workerRelease } from "../../../../../components/systems/lightning/release";
import { pinned } from "../../../../support/pinned";

const digest = `sha256:${"1".repeat(64)}`;

describe("lightning: releases", () => {
    const workers: [image: string | undefined, release: string | undefined][] = [
        [undefined, lockedImage("lightning-worker").version],
        ["openfn/ws-worker:v1.22.1", "1.22.1"],
        [`openfn/ws-worker:v1.22.1@${digest}`, "1.22.1"],
        ["registry.example.org:5000/mirror/ws-worker:1.25.0-rc1", "1.25.0-rc1"],
        ["groundwork/stand-in-lightning-worker:1.19.6-c07acd391ebf", "1.19.6"],
        [pinned["lightning-worker"], undefined],
        ["registry.example.org:5000/ws-worker", undefined],
        ["openfn/ws-worker:latest", undefined],
        ["ours/flows:2024.1.3", undefined],
        ["acme/cloudflare-worker:9.0.0", undefined],
        ["acme/lightning-worker:9.0.0", undefined],
    ];
    for (const [image, release] of workers) {
        it(`${image ?? "the image of the lock"} is ${release ?? "unknown"}`, () => {
            assert.equal(workerRelease({ workers: { image } }), release);
        });
    }

    it("are not told by an image that only ends like upstream's", () => {
        const release = (image: string) => webRelease({ web: { image } });
        assert.equal(release("acme/our-lightning:3.4.5"), undefined);
        assert.equal(release("registry.example.org/acme/lightning:2.14.14"), "2.14.14");
        assert.equal(release("groundwork/stand-in-lightning:2.14.14-c07acd391ebf"), "2.14.14");
    });

    it("come after what was released before them for trial", () => {
        assert.equal(webRelease({ web: { image: "openfn/lightning:v2.11.0-pre1" } }), "2.11.0-pre1");
        assert.ok(!isFrom("2.11.0-pre1", "2.11.0") && isFrom("2.11.0-pre1", "2.10.9") && isFrom("2.12.0-rc.1", "2.11.0"));
    });

    it("are web's and the worker's, each by its own image", () => {
        const settings = { web: { image: "openfn/lightning:v2.14.14" }, workers: { image: "openfn/lightning:v2.14.14" } };
        assert.deepEqual([webRelease(settings), workerRelease(settings)], ["2.14.14", undefined]);
    });

    it("are compared by numbers", () => {
        assert.ok(isFrom("2.10.9", "2.10.9") && isFrom("2.10.16", "2.10.9") && isFrom("2.14.14", "2.10.9"));
        assert.ok(!isFrom("2.9.15", "2.10.9") && !isFrom("1.19.6", "1.22.0"));
    });
});
