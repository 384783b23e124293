import assert from "node:assert/strict";
import { checkImage, isPinned, lockedImage } from "../../../components/images";
import { describe as text } from "../../../components/problem";
import { check as checkLightning } from "../../../components/systems/lightning";
import { check as checkOpenPectus } from "../../../components/systems/openpectus";

const digest = `sha256:${"a".repeat(64)}`;
const tags = ["openfn/lightning:v2.14.14", "openfn/lightning", "registry:5000/openfn/lightning", "openfn/lightning:main"];

describe("images", () => {
    const level = (image: string, dataProtection: boolean) => checkImage(image, "lightning", "image", { dataProtection })[0]?.level;

    it("are named by digest, id or hash where data is protected", () => {
        for (const tag of tags) assert.equal(level(tag, true), "error", tag);
        for (const pinned of [`openfn/lightning@${digest}`, `openfn/lightning:v2.14.14@${digest}`, digest, lockedImage("edge").reference]) {
            assert.ok(isPinned(pinned));
            assert.equal(level(pinned, true), undefined, pinned);
        }
    });

    it("may be named by a version elsewhere, and a moving tag is worth a warning", () => {
        assert.deepEqual(
            tags.map((tag) => level(tag, false)),
            [undefined, "warning", "warning", "warning"],
        );
        assert.deepEqual(checkImage("openfn/lightning:main", "lightning", "image", { allowFloating: true }), []);
    });

    /** Every setting that names an image, each with a tag, and those that nobody has set. */
    const images = (problems: ReturnType<typeof checkLightning>) =>
        problems
            .filter(({ problem }) => problem.endsWith("can come to mean another image"))
            .map((problem) => `${problem.level} ${problem.path}`);

    it("are looked at wherever they can be set", () => {
        const image = "registry.example.org/image:1";
        const edge = { image };
        const backup = { image };
        assert.deepEqual(images(checkLightning({ web: { image }, workers: { image }, database: { bundled: { image } }, edge, backup })), [
            "error lightning.web.image",
            "error lightning.workers.image",
            "error lightning.edge.image",
            "error lightning.database.bundled.image",
            "error lightning.backup.image",
        ]);
        assert.deepEqual(images(checkOpenPectus({ image, version: "1.0", edge, backup, engines: { r1: { image, version: "1.0" } } })), [
            "error openpectus.image",
            "error openpectus.edge.image",
            "error openpectus.backup.image",
            "error openpectus.engines.r1.image",
        ]);
    });

    it("of Lightning are resolved by `make pin` before production takes the defaults", () => {
        const roles = { "lightning.web.image": "lightning", "lightning.workers.image": "lightning-worker" };
        // Whoever has pinned them here has nothing to do.
        const open = Object.entries(roles).filter(([, role]) => !isPinned(lockedImage(role).reference));
        assert.deepEqual(
            checkLightning({})
                .filter((problem) => problem.level === "error")
                .map(text),
            open.map(
                ([path, role]) =>
                    `${path}: "${lockedImage(role).reference}" can come to mean another image: run \`make pin\`, which writes its digest to images.lock.json, and commit that; or give an image by digest (…@sha256:…)`,
            ),
        );
        assert.deepEqual(images(checkLightning({ dataProtection: false })), []);
    });
});
