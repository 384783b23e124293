/**
 * The text forms in which programs read their credentials. Pure functions: text in, text out.
 *
 * No message thrown here contains the value it complains about: values are secrets.
 */

const FERNET_KEY_BYTES = 32;

/**
 * Standard Base64 of a whole text on one line, padded, as `base64 -w 0` prints it.
 *
 * @param text any text; of a PEM file everything, with armour lines and final newline
 */
export function toBase64(text: string): string {
    return Buffer.from(text, "utf8").toString("base64");
}

/**
 * URL-safe Base64 (RFC 4648 section 5) of the bytes that a standard Base64 text stands for.
 * The padding stays, because Python's decoder insists on it. The text may begin with `-`: never hand it over as a bare argument.
 *
 * @param standardBase64 standard, padded Base64 on one line
 * @throws if the text is anything else
 */
export function toBase64Url(standardBase64: string): string {
    decodeBase64(standardBase64);
    return standardBase64.replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * A Fernet key: URL-safe, padded Base64 of exactly 32 bytes, 44 characters.
 * Source: https://github.com/fernet/spec/blob/master/Spec.md
 *
 * @param standardBase64 32 bytes as standard, padded Base64
 * @throws if the text is not standard Base64, or stands for another number of bytes
 */
export function toFernetKey(standardBase64: string): string {
    const found = decodeBase64(standardBase64).length;
    if (found !== FERNET_KEY_BYTES) {
        throw new Error(`a Fernet key is made of ${FERNET_KEY_BYTES} bytes, not of ${found}`);
    }
    return toBase64Url(standardBase64);
}

/**
 * What follows the word `Basic ` in an HTTP Authorization header (RFC 7617).
 *
 * @throws if the user name contains a colon: the reader would cut it there
 */
export function toBasicAuth(user: string, password: string): string {
    if (user.includes(":")) {
        throw new Error("the user name of HTTP basic authentication must not contain a colon");
    }
    return toBase64(`${user}:${password}`);
}

/** The parts of a connection URL, all of them as plain, unescaped text. */
export interface ConnectionUrlParts {
    /** Without `://`, for example `postgresql`, `db+postgresql` or `redis`. */
    scheme: string;
    /** Default: none, as Redis wants it. */
    user?: string;
    password: string;
    /** A name, an IPv4 address, or an IPv6 address without brackets. */
    host: string;
    /** Default: none, the client's own default port counts. */
    port?: number;
    /** Database name, or the number of a Redis database. Default: none. */
    database?: string;
}

/**
 * `scheme://user:password@host:port/database`, with user, password and database percent-encoded (RFC 3986), so that no character
 * of a password that somebody else chose can end the password early.
 */
export function toConnectionUrl(parts: ConnectionUrlParts): string {
    const host = parts.host.includes(":") ? `[${parts.host}]` : parts.host;
    const port = parts.port === undefined ? "" : `:${parts.port}`;
    const database = parts.database === undefined ? "" : `/${percentEncode(parts.database)}`;
    return `${parts.scheme}://${percentEncode(parts.user ?? "")}:${percentEncode(parts.password)}@${host}${port}${database}`;
}

/** encodeURIComponent leaves `!'()*` alone; some readers do not. */
function percentEncode(text: string): string {
    return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Buffer.from skips what it cannot read; a key that lost characters must not get that far. */
function decodeBase64(text: string): Buffer {
    const bytes = Buffer.from(text, "base64");
    if (bytes.toString("base64") !== text) {
        throw new Error("not standard, padded Base64 on one line");
    }
    return bytes;
}
