import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { error, type Problem } from "../../../problem";
import type { LightningKeys, LightningSettings } from "../args";
import { decoded } from "./shared";

const ENCRYPTION_KEY_BYTES = 32;
const SECRET_KEY_BASE_BYTES = 64;
const SECRET_BYTES = 32;
const RSA_BITS = 2048;

/** Keys that were brought. No message quotes one. */
export function checkKeys({ keys = {} }: LightningSettings, path: string): Problem[] {
    return [
        ...checkEncryptionKey(keys.primaryEncryptionKey, `${path}.keys.primaryEncryptionKey`),
        ...checkText(keys.secretKeyBase, `${path}.keys.secretKeyBase`, SECRET_KEY_BASE_BYTES),
        ...checkText(keys.workerSecret, `${path}.keys.workerSecret`, SECRET_BYTES),
        ...checkText(keys.repoConnectionSigningSecret, `${path}.keys.repoConnectionSigningSecret`, SECRET_BYTES),
        ...checkPair(keys, `${path}.keys`),
        ...checkRotations(keys, `${path}.keys`),
    ];
}

function checkEncryptionKey(key: unknown, path: string): Problem[] {
    if (typeof key !== "string" || decoded(key)?.length === ENCRYPTION_KEY_BYTES) return [];
    const fix = "generate one with `openssl rand -base64 32`, or leave it out";
    return [error(path, `it must be standard Base64 of exactly ${ENCRYPTION_KEY_BYTES} bytes, 44 characters`, fix)];
}

/** The text itself is the key, so blanks and quotes count, and are always mistakes. */
function checkText(key: unknown, path: string, bytes: number): Problem[] {
    if (typeof key !== "string") return [];
    if (Buffer.byteLength(key) < bytes) {
        return [error(path, `it has ${Buffer.byteLength(key)} bytes and needs ${bytes}`, "give a longer one, or leave it out")];
    }
    if (!/[\s"']/.test(key)) return [];
    return [error(path, "it contains a blank, a line break or a quote", "remove it: the text is used as it stands")];
}

function checkPair({ workerRunsPrivateKey, workerPublicKey }: LightningKeys, path: string): Problem[] {
    if (workerRunsPrivateKey === undefined) {
        if (workerPublicKey === undefined) return [];
        const fix = "give keys.workerRunsPrivateKey as well, or remove it";
        return [error(`${path}.workerPublicKey`, "a public key without its private key verifies nothing", fix)];
    }
    const secret = typeof workerRunsPrivateKey === "string" ? parse(workerRunsPrivateKey, createPrivateKey) : undefined;
    const shown = workerPublicKey === undefined ? undefined : parse(workerPublicKey, publicKeyOf);
    const problems: Problem[] = [];
    if (typeof workerRunsPrivateKey === "string" && !isStrongRsa(secret)) {
        problems.push(
            notRsa(workerRunsPrivateKey, `${path}.workerRunsPrivateKey`, "private", "BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY"),
        );
    }
    if (workerPublicKey !== undefined && !isStrongRsa(shown)) {
        problems.push(notRsa(workerPublicKey, `${path}.workerPublicKey`, "public", "BEGIN PUBLIC KEY"));
    }
    if (secret && shown && !samePair(secret, shown)) {
        const fix = "leave it out: it is derived from the private key";
        problems.push(error(`${path}.workerPublicKey`, "it does not belong to keys.workerRunsPrivateKey", fix));
    }
    return problems;
}

function notRsa(key: string, path: string, half: string, header: string): Problem {
    if (key.includes("-----BEGIN")) return error(path, "it is PEM text, not Base64 of it", "encode the whole file with `base64 -w 0`");
    return error(
        path,
        `it is not Base64 of an RSA ${half} key of ${RSA_BITS} bits or more`,
        `encode a PEM file with ${header}, on one line`,
    );
}

/** Worker and web read the armour too: a key in DER form is no key for them. */
function parse(base64: string, read: (pem: string) => KeyObject): KeyObject | undefined {
    const pem = decoded(base64)?.toString("utf8");
    try {
        return pem?.startsWith("-----BEGIN") ? read(pem) : undefined;
    } catch {
        return undefined;
    }
}

/** Node would also read a public key out of a private one, and out of a certificate. */
function publicKeyOf(pem: string): KeyObject {
    if (!pem.startsWith("-----BEGIN PUBLIC KEY-----")) throw new Error("not a public key");
    return createPublicKey(pem);
}

function isStrongRsa(key: KeyObject | undefined): boolean {
    return key?.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS;
}

function samePair(secret: KeyObject, shown: KeyObject): boolean {
    return createPublicKey(secret).equals(shown);
}

/** A key that was brought is changed by bringing another one. */
function checkRotations(keys: LightningKeys, path: string): Problem[] {
    const knobs = [
        ["secretKeyBaseRotation", "secretKeyBase"],
        ["workerSecretRotation", "workerSecret"],
        ["workerKeyPairRotation", "workerRunsPrivateKey"],
        ["repoConnectionSigningRotation", "repoConnectionSigningSecret"],
    ] as const;
    return knobs
        .filter(([knob, key]) => keys[knob] !== undefined && keys[key] !== undefined)
        .map(([knob, key]) =>
            error(`${path}.${knob}`, `keys.${key} is given, so nothing can be generated anew`, "give another key, or remove one"),
        );
}
