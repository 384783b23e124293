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

    it("looks for a key line by line and leaves certificates alone", () => {
        const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
        const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
        const parts = confidentialParts(`${publicKey.export({ type: "spki", format: "pem" }) as string}${pem}`);
        assert.ok(parts.length > 20);
        assert.ok(parts.every((line) => pem.includes(line)));
    });

    it("takes the lines of an EC key that are its public half for what they are", () => {
        const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
        const privateKeyPem = privateKey.export({ type: "sec1", format: "pem" }) as string;
        const publicKeyPem = publicKey.export({ type: "spki", format: "pem" }) as string;
        const lines = privateKeyPem.trim().split("\n").slice(1, -1);
        assert.ok(publicKeyPem.includes(lines[2]), "that is how it is");
        assert.deepEqual(
            secretsOf(state({}, { publicKeyPem, privateKeyPem: secret(privateKeyPem) })).map(({ value }) => value),
            lines.slice(0, 2),
        );
    });

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
