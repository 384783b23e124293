import * as pulumi from "@pulumi/pulumi";
import { PrivateKey } from "@pulumi/tls/privateKey";
import { toBase64 } from "./forms";

const FEWEST_RSA_BITS = 2048;

/** Settings of {@link rsaKeyPair}. */
export interface RsaKeyPairArgs {
    /** Size of the key in bits, at least 2048. A change replaces the pair. */
    bits: number;
    /**
     * Any text; another text makes a new pair on the next `up`, and so does setting it for the first time. Default none.
     * Both halves change together; whoever holds the old public half must get the new one.
     */
    rotation?: string;
}

/** An RSA key pair, without passphrase, in the text forms that programs ask for. PEM texts end with a newline. */
export interface RsaKeyPair {
    /** Private half, PEM, PKCS#1 (`BEGIN RSA PRIVATE KEY`). Secret. */
    readonly privatePem: pulumi.Output<string>;
    /** Private half, PEM, PKCS#8 (`BEGIN PRIVATE KEY`). Secret. */
    readonly privatePemPkcs8: pulumi.Output<string>;
    /** Base64 of the whole text of `privatePem`, on one line. Secret. */
    readonly privatePemBase64: pulumi.Output<string>;
    /** Public half, PEM, SubjectPublicKeyInfo (`BEGIN PUBLIC KEY`), as `openssl rsa -pubout` prints it. Not secret. */
    readonly publicPem: pulumi.Output<string>;
    /** Base64 of the whole text of `publicPem`, on one line. Not secret. */
    readonly publicPemBase64: pulumi.Output<string>;
}

/**
 * An RSA key pair, for signing tokens.
 *
 * @param name logical name of the resource; another name is another pair
 * @param opts pass `protect` and `retainOnDelete` here when losing the pair loses data; a rotation is then refused in the preview
 * @throws if it would be smaller than 2048 bits
 */
export function rsaKeyPair(name: string, args: RsaKeyPairArgs, opts?: pulumi.CustomResourceOptions): RsaKeyPair {
    const key = privateKey(name, { rsaBits: args.bits, rotation: args.rotation }, opts);
    const privatePem = pulumi.secret(key.privateKeyPem);
    return {
        privatePem,
        privatePemPkcs8: pulumi.secret(key.privateKeyPemPkcs8),
        privatePemBase64: privatePem.apply(toBase64),
        publicPem: key.publicKeyPem,
        publicPemBase64: key.publicKeyPem.apply(toBase64),
    };
}

/** What kind of private key: RSA of that many bits, or ECDSA on curve P-256 when none are given. */
export interface PrivateKeyArgs {
    rsaBits?: number;
    rotation?: string;
}

/** The key resource behind pairs and certificates. Not part of the package's public face. */
export function privateKey(name: string, args: PrivateKeyArgs, opts?: pulumi.CustomResourceOptions): PrivateKey {
    const { rsaBits, rotation } = args;
    if (rsaBits !== undefined && rsaBits < FEWEST_RSA_BITS) {
        throw new Error(`key "${name}": RSA with ${rsaBits} bits is too weak: use ${FEWEST_RSA_BITS} or more`);
    }
    const kind = rsaBits === undefined ? { algorithm: "ECDSA", ecdsaCurve: "P256" } : { algorithm: "RSA", rsaBits };
    // This resource has no keepers, and the engine ignores a trigger that appears where there was none: so there always is one.
    return new PrivateKey(name, kind, { ...opts, replacementTrigger: rotation ?? "" });
}
