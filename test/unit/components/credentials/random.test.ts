import * as assert from "node:assert/strict";
import { isSecret } from "@pulumi/pulumi";
import * as random from "../../../../components/credentials/random";
import { recordOptions, recordResources, valueOf, type Requested } from "./recorder";

const PASSWORD = "random:index/randomPassword:RandomPassword";
const BYTES = "random:index/randomBytes:RandomBytes";

describe("random credentials", () => {
    let requested: Requested[];

    beforeEach(async () => {
        requested = await recordResources();
    });

    describe("password", () => {
        it("is 32 letters and digits, secret; these inputs must not change, or every password out there is replaced", async () => {
            const password = random.password("engine-secret");
            assert.equal((await valueOf(password)).length, 32);
            assert.equal(await isSecret(password), true);
            assert.deepEqual(requested, [{ type: PASSWORD, name: "engine-secret", inputs: { length: 32, special: false } }]);
        });

        it("takes length and rotation", async () => {
            await valueOf(random.password("database", { length: 40, rotation: "2025-06" }));
            assert.deepEqual(requested[0].inputs, { length: 40, special: false, keepers: { rotation: "2025-06" } });
        });

        it("counts even an empty text as a rotation", async () => {
            await valueOf(random.password("database", { rotation: "" }));
            assert.deepEqual(requested[0].inputs.keepers, { rotation: "" });
        });

        it("hands protection on", async () => {
            const { opts, seen } = recordOptions({ protect: true, retainOnDelete: true });
            await valueOf(random.password("database", {}, opts));
            assert.deepEqual([seen.database.protect, seen.database.retainOnDelete], [true, true]);
        });

        it("refuses to be short", () => {
            assert.throws(() => random.password("database", { length: 15 }), /^Error: password "database": length: 15 .* use 16 or more$/);
        });
    });

    describe("bytes", () => {
        it("are the same bytes in every form, all secret", async () => {
            const { base64, base64Url, hex } = random.bytes("signing", { length: 48 });
            const texts = { base64: await valueOf(base64), base64Url: await valueOf(base64Url), hex: await valueOf(hex) };
            assert.match(texts.base64, /^[A-Za-z0-9+/]{64}$/);
            assert.match(texts.base64Url, /^[A-Za-z0-9_-]{64}$/);
            assert.match(texts.hex, /^[0-9a-f]{96}$/);
            assert.deepEqual(Buffer.from(texts.base64, "base64"), Buffer.from(texts.hex, "hex"));
            assert.deepEqual(Buffer.from(texts.base64Url, "base64url"), Buffer.from(texts.hex, "hex"));
            assert.deepEqual([await isSecret(base64), await isSecret(base64Url), await isSecret(hex)], [true, true, true]);
            assert.deepEqual(requested, [{ type: BYTES, name: "signing", inputs: { length: 48 } }]);
        });

        it("take a rotation, and hand protection on", async () => {
            const { opts, seen } = recordOptions({ protect: true, retainOnDelete: true });
            await valueOf(random.bytes("signing", { length: 32, rotation: "2" }, opts).hex);
            assert.deepEqual(requested[0].inputs, { length: 32, keepers: { rotation: "2" } });
            assert.deepEqual([seen.signing.protect, seen.signing.retainOnDelete], [true, true]);
        });
    });

    describe("fernetKey", () => {
        it("is 32 bytes in 44 URL-safe characters, secret, without a keeper", async () => {
            const key = random.fernetKey("storage");
            assert.match(await valueOf(key), /^[A-Za-z0-9_-]{43}=$/);
            assert.equal(Buffer.from(await valueOf(key), "base64url").length, 32);
            assert.equal(await isSecret(key), true);
            assert.deepEqual(requested, [{ type: BYTES, name: "storage", inputs: { length: 32 } }]);
        });

        it("hands protection on", async () => {
            const { opts, seen } = recordOptions({ protect: true, retainOnDelete: true });
            await valueOf(random.fernetKey("storage", opts));
            assert.deepEqual([seen.storage.protect, seen.storage.retainOnDelete], [true, true]);
        });
    });
});
