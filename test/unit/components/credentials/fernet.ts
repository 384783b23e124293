import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";

// Fernet as its specification has it (https://github.com/fernet/spec/blob/master/Spec.md), written from the text, so that
// the key form is proven by a reader that shares no code with the writer.

const VERSION = 0x80;

function split(key: string): { signing: Buffer; encryption: Buffer } {
    if (!/^[A-Za-z0-9_-]{43}=$/.test(key)) {
        throw new Error("key: not 44 characters of padded base64url");
    }
    const bytes = Buffer.from(key, "base64url");
    return { signing: bytes.subarray(0, 16), encryption: bytes.subarray(16, 32) };
}

function padded(bytes: Buffer): string {
    return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

export function encrypt(key: string, message: Buffer, seconds: number, iv: Buffer): string {
    const { signing, encryption } = split(key);
    const cipher = createCipheriv("aes-128-cbc", encryption, iv);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(seconds));
    const body = Buffer.concat([Buffer.from([VERSION]), time, iv, cipher.update(message), cipher.final()]);
    return padded(Buffer.concat([body, createHmac("sha256", signing).update(body).digest()]));
}

export function decrypt(key: string, token: string): Buffer {
    const { signing, encryption } = split(key);
    const bytes = Buffer.from(token, "base64url");
    const body = bytes.subarray(0, -32);
    const expected = createHmac("sha256", signing).update(body).digest();
    if (body[0] !== VERSION || !timingSafeEqual(expected, bytes.subarray(-32))) {
        throw new Error("token: wrong version or signature");
    }
    const decipher = createDecipheriv("aes-128-cbc", encryption, body.subarray(9, 25));
    return Buffer.concat([decipher.update(body.subarray(25)), decipher.final()]);
}
