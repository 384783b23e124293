import { createPublicKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { bytes, rsaKeyPair, toBase64, unchanging } from "../../credentials";
import type { LightningArgs, LightningKeys } from "./args";
import type { KeyValues } from "./variables";

const REFUSAL =
    "the encryption key would change, and every credential, TOTP backup code and webhook authentication in the database would be lost: " +
    "give the old key back in keys.primaryEncryptionKey, or remove it if the old one was generated";

/** Keys as they were given, or generated, in the text forms that their readers want. */
export function lightningKeys(name: string, args: LightningArgs, parent: pulumi.Resource): KeyValues {
    const { keys = {}, dataProtection: protect = true } = args;
    const generated = (role: string, length: number, rotation?: string) =>
        bytes(`${name}-${role}`, { length, rotation }, { parent }).base64;
    const encryptionKey =
        keys.primaryEncryptionKey ?? bytes(`${name}-encryption-key`, { length: 32 }, { parent, protect, retainOnDelete: protect }).base64;
    return {
        primaryEncryptionKey: unchanging(`${name}-encryption-key-guard`, { value: encryptionKey, refusal: REFUSAL }, { parent }),
        secretKeyBase: keys.secretKeyBase ?? generated("secret-key-base", 48, keys.secretKeyBaseRotation),
        workerSecret: keys.workerSecret ?? generated("worker-secret", 32, keys.workerSecretRotation),
        ...runTokenKeys(name, keys, parent),
        // Used with GitHub only; without it the key would be one more to keep.
        ...(args.github && {
            repoConnectionSigningSecret:
                keys.repoConnectionSigningSecret ?? generated("signing-secret", 32, keys.repoConnectionSigningRotation),
        }),
    };
}

function runTokenKeys(
    name: string,
    { workerRunsPrivateKey, workerPublicKey, workerKeyPairRotation }: LightningKeys,
    parent: pulumi.Resource,
): Pick<KeyValues, "workerRunsPrivateKey" | "workerPublicKey"> {
    if (workerRunsPrivateKey === undefined) {
        const pair = rsaKeyPair(`${name}-worker-keys`, { bits: 2048, rotation: workerKeyPairRotation }, { parent });
        return { workerRunsPrivateKey: pair.privatePemBase64, workerPublicKey: pair.publicPemBase64 };
    }
    const derived = pulumi.unsecret(pulumi.output(workerRunsPrivateKey).apply(publicHalf));
    return { workerRunsPrivateKey, workerPublicKey: workerPublicKey ?? derived };
}

function publicHalf(privatePemBase64: string): string {
    const pem = Buffer.from(privatePemBase64, "base64").toString("utf8");
    return toBase64(createPublicKey(pem).export({ type: "spki", format: "pem" }) as string);
}
