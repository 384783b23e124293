import * as assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { toBase64, toBase64Url, toBasicAuth, toConnectionUrl, toFernetKey } from "../../../../components/credentials/forms";
import { decrypt, encrypt } from "./fernet";

const someBytes = fc.uint8Array({ maxLength: 96 });
const keyBytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const standard = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

describe("text forms of credentials", () => {
    describe("toBase64", () => {
        it("is read back by a decoder that knows only the standard alphabet, on one line", () => {
            fc.assert(
                fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
                    const encoded = toBase64(text);
                    assert.match(encoded, /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
                    assert.equal(new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0))), text);
                }),
            );
        });

        it("carries a PEM file whole, with armour lines and final newline", () => {
            const { privateKey } = generateKeyPairSync("rsa", {
                modulusLength: 2048,
                privateKeyEncoding: { type: "pkcs1", format: "pem" },
                publicKeyEncoding: { type: "spki", format: "pem" },
            });
            const decoded = atob(toBase64(privateKey));
            assert.ok(decoded.startsWith("-----BEGIN RSA PRIVATE KEY-----\n") && decoded.endsWith("-----END RSA PRIVATE KEY-----\n"));
            assert.equal(createPrivateKey(decoded).asymmetricKeyDetails?.modulusLength, 2048);
        });
    });

    describe("toBase64Url", () => {
        it("stands for the same bytes in the URL-safe alphabet, padding kept", () => {
            fc.assert(
                fc.property(someBytes, (bytes) => {
                    const encoded = toBase64Url(standard(bytes));
                    assert.match(encoded, /^[A-Za-z0-9_-]*={0,2}$/);
                    assert.equal(encoded.length % 4, 0);
                    assert.deepEqual(Buffer.from(encoded, "base64url"), Buffer.from(bytes));
                }),
            );
        });

        it("knows the two characters that differ", () => {
            assert.equal(toBase64Url("+/+/"), "-_-_");
        });

        for (const [what, text] of [
            ["missing padding", "QUI"],
            ["a line break", "QUJD\nQUJD"],
            ["the URL-safe alphabet", "-_-_"],
            ["other characters", "QU*D"],
        ]) {
            it(`refuses ${what} without showing the value`, () => {
                assert.throws(() => toBase64Url(text), refusal(text, /not standard, padded Base64/));
            });
        }
    });

    describe("toFernetKey", () => {
        it("is the key of the specification's own example", () => {
            const key = toFernetKey("cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4=");
            const token = encrypt(
                key,
                Buffer.from("hello"),
                Date.parse("1985-10-26T01:20:00-07:00") / 1000,
                Buffer.from([...Array(16).keys()]),
            );
            assert.equal(key, "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=");
            assert.equal(token, "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==");
        });

        it("encrypts and decrypts anything, whatever the bytes", () => {
            fc.assert(
                fc.property(keyBytes, someBytes, fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes, message, iv) => {
                    const key = toFernetKey(standard(bytes));
                    assert.equal(key.length, 44);
                    assert.deepEqual(decrypt(key, encrypt(key, Buffer.from(message), 1, Buffer.from(iv))), Buffer.from(message));
                }),
            );
        });

        it("refuses any other number of bytes without showing the value", () => {
            fc.assert(
                fc.property(
                    someBytes.filter((bytes) => bytes.length > 3 && bytes.length !== 32),
                    (bytes) => {
                        const message = new RegExp(`made of 32 bytes, not of ${bytes.length}`);
                        assert.throws(() => toFernetKey(standard(bytes)), refusal(standard(bytes), message));
                    },
                ),
            );
        });
    });

    describe("toBasicAuth", () => {
        it("is the value of the two examples in RFC 7617", () => {
            assert.equal(toBasicAuth("Aladdin", "open sesame"), "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
            assert.equal(toBasicAuth("test", "123£"), "dGVzdDoxMjPCow==");
        });

        it("refuses a user name that the reader would cut", () => {
            assert.throws(() => toBasicAuth("a:b", "secret-value"), refusal("secret-value", /must not contain a colon/));
        });
    });

    describe("toConnectionUrl", () => {
        it("gives every part back to a URL parser, whatever the password", () => {
            const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
            // A URL parser folds these two away; no database is called so.
            const databases = text.filter((name) => name !== "." && name !== "..");
            fc.assert(
                fc.property(text, text, databases, (user, password, database) => {
                    const url = new URL(toConnectionUrl({ scheme: "postgresql", user, password, host: "db", port: 5432, database }));
                    assert.deepEqual([url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent), [
                        user,
                        password,
                        database,
                    ]);
                    assert.deepEqual([url.protocol, url.host, url.search, url.hash], ["postgresql:", "db:5432", "", ""]);
                }),
            );
        });

        it("writes the forms of the deployment guides", () => {
            assert.equal(
                toConnectionUrl({
                    scheme: "db+postgresql",
                    user: "flowetl",
                    password: "p",
                    host: "flowetl_db",
                    port: 5432,
                    database: "flowetl",
                }),
                "db+postgresql://flowetl:p@flowetl_db:5432/flowetl",
            );
            assert.equal(
                toConnectionUrl({ scheme: "redis", password: "p", host: "flowetl_redis", port: 6379, database: "0" }),
                "redis://:p@flowetl_redis:6379/0",
            );
            assert.equal(toConnectionUrl({ scheme: "postgresql", user: "u", password: "p", host: "::1" }), "postgresql://u:p@[::1]");
        });

        it("leaves nothing for a reader to stumble over", () => {
            const url = toConnectionUrl({ scheme: "postgresql", user: "u", password: "@:/?#%'!()*+ ", host: "h" });
            assert.equal(url, "postgresql://u:%40%3A%2F%3F%23%25%27%21%28%29%2A%2B%20@h");
        });
    });
});

/** The error says what is wrong, and does not repeat the value. */
function refusal(value: string, message: RegExp): (error: unknown) => boolean {
    return (error) => error instanceof Error && message.test(error.message) && !error.message.includes(value);
}
