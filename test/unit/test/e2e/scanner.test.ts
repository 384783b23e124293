import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { confidentialParts, encodings, secretsOf } from "../../../e2e/support/scanner";

const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
});
const state = (inputs: unknown, outputs: unknown = {}) => ({
    deployment: { resources: [{ urn: "urn:pulumi:dev::project::type::name", inputs, outputs }] },
});

describe("secret scanner", () => {
    it("knows secrets that are texts, at any depth", () => {
        const found = secretsOf(
            state({ plain: "not-a-secret", list: [{ password: secret("hunter22") }] }, { result: secret("correct horse") }),
        );
        assert.deepEqual(
            found.map(({ value }) => value),
            ["hunter22", "correct horse"],
        );
        assert.equal(found[1].origin, "name outputs result");
    });

    it("takes only the secret files out of a list that is hidden as a whole", () => {
        const uploads = secret([
            { file: "/run/secrets/password", content: "hunter22", permissions: "0400" },
            { file: "/etc/nginx/nginx.conf", content: "server_name plant.example", permissions: "0444" },
        ]);
        assert.deepEqual(
            secretsOf(state({ uploads, envs: secret(["MODE=production"]) })).map(({ value }) => value),
            ["hunter22"],
        );
    });

    const wrapped = (bytes: Buffer, width: number) => bytes.toString("base64").replace(new RegExp(`.{${width}}`, "g"), "$&\n");
    const findsIn = (text: string, pem: string) =>
        confidentialParts(pem).some((part) => encodings(part).base64.some((form) => text.includes(form)));

    for (const [kind, { privateKey, publicKey }] of Object.entries({
        RSA: generateKeyPairSync("rsa", { modulusLength: 2048 }),
        EC: generateKeyPairSync("ec", { namedCurve: "prime256v1" }),
    })) {
        it(`finds a private ${kind} key in every text form, and lets its public key be`, () => {
            const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
            const spki = publicKey.export({ type: "spki", format: "pem" }) as string;
            assert.deepEqual(confidentialParts(spki), []);
            assert.ok(!findsIn(spki, pem));
            const other = privateKey.export({ type: kind === "RSA" ? "pkcs1" : "sec1", format: "der" } as never) as unknown as Buffer;
            for (const width of [64, 70, 76, 10_000]) assert.ok(findsIn(wrapped(other, width), pem), `lines of ${width}`);
            assert.ok(findsIn(JSON.stringify(pem), pem));
            assert.ok(findsIn(pem, JSON.stringify({ key: pem })));
        });
    }

    it("finds a secret in any text around it, in every encoding", () => {
        const text = fc.string({ unit: "grapheme-ascii" });
        fc.assert(
            fc.property(fc.string({ unit: "grapheme-ascii", minLength: 8 }), text, text, (value, before, after) => {
                const forms = encodings(value);
                const whole = `${before}${value}${after}`;
                const contains = (place: string, encoding: string) => forms[encoding].some((form) => place.includes(form));
                assert.ok(contains(whole, "plain"));
                assert.ok(contains(JSON.stringify(whole), "plain"));
                assert.ok(contains(Buffer.from(whole).toString("base64"), "base64"));
                assert.ok(contains(Buffer.from(whole).toString("hex"), "hexadecimal"));
                assert.ok(contains(encodeURIComponent(whole), encodeURIComponent(value) === value ? "plain" : "URL-encoded"));
            }),
        );
    });
});
