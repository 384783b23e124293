import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

/** Who vouches for a certificate: an authority that everybody knows, nobody but itself, or somebody whom clients must be told to trust. */
export type Trust = "public" | "self-signed" | "private";

/**
 * @param pem the certificate first, then its intermediates
 * @param authorities those that everybody knows: by default the ones of Mozilla's list that Node brings along
 * @returns undefined when the text is not a certificate
 */
export function trustOf(pem: string, authorities: readonly X509Certificate[] = publicAuthorities()): Trust | undefined {
    const chain = readChain(pem);
    let current = chain?.[0];
    for (let left = chain?.length ?? 0; current && left > 0; left--) {
        const { fingerprint256 } = current;
        if (authorities.some((known) => known.fingerprint256 === fingerprint256 || hasSigned(known, current!))) return "public";
        if (hasSigned(current, current)) return current === chain![0] ? "self-signed" : "private";
        current = chain!.find((candidate) => hasSigned(candidate, current!));
    }
    return chain && "private";
}

function readChain(pem: string): X509Certificate[] | undefined {
    const texts = pem.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g);
    try {
        return texts?.map((text) => new X509Certificate(text));
    } catch {
        return undefined;
    }
}

/** By name and signature. Node's `checkIssued` also wants the right key usage, which people forget on certificates of their own. */
function hasSigned(issuer: X509Certificate, certificate: X509Certificate): boolean {
    if (certificate.issuer !== issuer.subject) return false;
    try {
        return certificate.verify(issuer.publicKey);
    } catch {
        return false;
    }
}

let known: X509Certificate[] | undefined;

function publicAuthorities(): X509Certificate[] {
    return (known ??= rootCertificates.map((text) => new X509Certificate(text)));
}
