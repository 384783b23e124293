import * as assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { isSecret } from "@pulumi/pulumi";
import * as keys from "../../../../components/credentials/keys";
import { recordOptions, recordResources, valueOf, type Requested } from "./recorder";

const KEY = "tls:index/privateKey:PrivateKey";

describe("RSA key pairs", () => {
    let requested: Requested[];

    beforeEach(async () => {
        requested = await recordResources();
    });

    it("ask for one key; these inputs must not change, or every pair out there is replaced", async () => {
        await valueOf(keys.rsaKeyPair("run-tokens", { bits: 2048 }).publicPem);
        assert.deepEqual(requested, [{ type: KEY, name: "run-tokens", inputs: { algorithm: "RSA", rsaBits: 2048 } }]);
    });

    it("come in every form, and every private form signs what every public form verifies", async () => {
        const pair = keys.rsaKeyPair("run-tokens", { bits: 2048 });
        const [pkcs1, pkcs8, spki] = await Promise.all([pair.privatePem, pair.privatePemPkcs8, pair.publicPem].map(valueOf));
        const [privateBase64, publicBase64] = await Promise.all([pair.privatePemBase64, pair.publicPemBase64].map(valueOf));

        assert.match(pkcs1, /^-----BEGIN RSA PRIVATE KEY-----\n[^]*\n-----END RSA PRIVATE KEY-----\n$/);
        assert.match(pkcs8, /^-----BEGIN PRIVATE KEY-----\n[^]*\n-----END PRIVATE KEY-----\n$/);
        assert.match(spki, /^-----BEGIN PUBLIC KEY-----\n[^]*\n-----END PUBLIC KEY-----\n$/);
        assert.deepEqual([atob(privateBase64), atob(publicBase64)], [pkcs1, spki]);

        const token = Buffer.from("header.payload");
        for (const privateHalf of [pkcs1, pkcs8, atob(privateBase64)]) {
            const signature = sign("RSA-SHA256", token, createPrivateKey(privateHalf));
            for (const publicHalf of [spki, atob(publicBase64)]) {
                assert.ok(verify("RSA-SHA256", token, createPublicKey(publicHalf), signature));
            }
        }
    });

    it("keep the private half secret and the public half readable", async () => {
        const { privatePem, privatePemPkcs8, privatePemBase64, publicPem, publicPemBase64 } = keys.rsaKeyPair("pair", { bits: 2048 });
        assert.deepEqual(await Promise.all([privatePem, privatePemPkcs8, privatePemBase64].map(isSecret)), [true, true, true]);
        assert.deepEqual(await Promise.all([publicPem, publicPemBase64].map(isSecret)), [false, false]);
    });

    it("are replaced when the rotation changes, the first time too: a trigger is always there", async () => {
        const before = recordOptions();
        const after = recordOptions();
        await valueOf(keys.rsaKeyPair("pair", { bits: 2048 }, before.opts).publicPem);
        await valueOf(keys.rsaKeyPair("pair", { bits: 2048, rotation: "2025-06" }, after.opts).publicPem);
        assert.deepEqual([before.seen.pair.replacementTrigger, after.seen.pair.replacementTrigger], ["", "2025-06"]);
    });

    it("hand protection on", async () => {
        const { opts, seen } = recordOptions({ protect: true, retainOnDelete: true });
        await valueOf(keys.rsaKeyPair("pair", { bits: 2048 }, opts).publicPem);
        assert.deepEqual([seen.pair.protect, seen.pair.retainOnDelete], [true, true]);
    });

    it("refuse to be weak", () => {
        assert.throws(
            () => keys.rsaKeyPair("pair", { bits: 1024 }),
            /^Error: key "pair": RSA with 1024 bits is too weak: use 2048 or more$/,
        );
    });
});
