import * as pulumi from "@pulumi/pulumi";
import { RandomBytes } from "@pulumi/random/randomBytes";
import { RandomPassword } from "@pulumi/random/randomPassword";
import { toBase64Url, toFernetKey } from "./forms";

const DEFAULT_PASSWORD_LENGTH = 32;
const SHORTEST_PASSWORD = 16;

/** Settings of {@link password}. */
export interface PasswordArgs {
    /**
     * Number of characters, at least 16. Default 32, about 190 bits. A change replaces the password.
     */
    length?: number;
    /**
     * Any text; another text makes a new password on the next `up`, and so does setting it for the first time. Default none.
     * Leave it out for a password that a data store keeps from its first start: the store would not learn the new one.
     */
    rotation?: string;
}

/**
 * A random password of letters and digits only.
 *
 * No special characters, on purpose: such a password needs no quoting in a URL, an SQL string, a shell line or a comma-separated
 * list, is URL-safe, and never begins with a dash, which an argument parser would take for an option. Length makes up for it.
 *
 * @param name logical name of the resource; another name is another password
 * @param opts pass `protect` and `retainOnDelete` here when the password opens data that is protected;
 *     a rotation is then refused in the preview
 * @returns the password, secret
 * @throws if it would be shorter than 16 characters
 */
export function password(name: string, args: PasswordArgs = {}, opts?: pulumi.CustomResourceOptions): pulumi.Output<string> {
    const length = args.length ?? DEFAULT_PASSWORD_LENGTH;
    if (length < SHORTEST_PASSWORD) {
        throw new Error(`password "${name}": length: ${length} characters are too few: use ${SHORTEST_PASSWORD} or more`);
    }
    const resource = new RandomPassword(name, { length, special: false, ...keepers(args.rotation) }, opts);
    return pulumi.secret(resource.result);
}

/** Settings of {@link bytes}. */
export interface BytesArgs {
    /** Number of random bytes, before any encoding. A change replaces the key. */
    length: number;
    /**
     * Any text; another text makes new bytes on the next `up`, and so does setting it for the first time. Default none.
     * Leave it out for a key that encrypts data at rest: what the old key encrypted cannot be read with a new one.
     */
    rotation?: string;
}

/** The same random bytes in several text forms. All are secret. */
export interface Bytes {
    /** Standard, padded Base64 on one line: 32 bytes give 44 characters, 48 bytes give 64. */
    readonly base64: pulumi.Output<string>;
    /** URL-safe, padded Base64. May begin with `-`. */
    readonly base64Url: pulumi.Output<string>;
    /** Lower-case hexadecimal, two characters a byte. */
    readonly hex: pulumi.Output<string>;
}

/**
 * Random bytes, for signing and encryption keys.
 *
 * @param name logical name of the resource; another name is another key
 * @param opts pass `protect` and `retainOnDelete` here when the key opens data that is protected;
 *     a rotation is then refused in the preview
 */
export function bytes(name: string, args: BytesArgs, opts?: pulumi.CustomResourceOptions): Bytes {
    const resource = new RandomBytes(name, { length: args.length, ...keepers(args.rotation) }, opts);
    const base64 = pulumi.secret(resource.base64);
    return { base64, base64Url: base64.apply(toBase64Url), hex: pulumi.secret(resource.hex) };
}

/**
 * A Fernet key: URL-safe, padded Base64 of 32 random bytes, as Python's `cryptography` and Airflow read it.
 *
 * It encrypts data at rest and everything it encrypted is lost with it, so it cannot be rotated here.
 *
 * @param name logical name of the resource; another name is another key
 * @param opts pass `protect` and `retainOnDelete` here when the data it opens is protected
 * @returns the key, secret, 44 characters
 */
export function fernetKey(name: string, opts?: pulumi.CustomResourceOptions): pulumi.Output<string> {
    return bytes(name, { length: 32 }, opts).base64.apply(toFernetKey);
}

/** Absent, not empty, when there is no rotation: an empty keeper appearing later would be a rotation. */
function keepers(rotation: string | undefined): { keepers?: Record<string, string> } {
    return rotation === undefined ? {} : { keepers: { rotation } };
}
