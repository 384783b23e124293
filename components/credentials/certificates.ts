import * as pulumi from "@pulumi/pulumi";
import { CertRequest } from "@pulumi/tls/certRequest";
import { LocallySignedCert } from "@pulumi/tls/locallySignedCert";
import { SelfSignedCert } from "@pulumi/tls/selfSignedCert";
import { privateKey } from "./keys";

const HOURS_A_DAY = 24;
const AUTHORITY_DAYS = { valid: 3650, renewBefore: 365 };
const CERTIFICATE_DAYS = { valid: 365, renewBefore: 90 };

/** Settings of {@link certificateAuthority}. */
export interface CertificateAuthorityArgs {
    /** What people see in a list of trusted authorities. Default the logical name. A change reissues the authority and all it signed. */
    commonName?: string;
    /**
     * Any text; another text makes a new authority on the next `up`, and so does setting it for the first time. Default none.
     * All its certificates are reissued, and every client must trust the new one.
     */
    rotation?: string;
}

/** A certificate authority that lives in the stack's state. Give it any other authority of the same shape instead, if you have one. */
export interface CertificateAuthority {
    /** PEM, what clients must trust (`ca.pem`). Not secret. */
    readonly certificatePem: pulumi.Output<string>;
    /** PEM, PKCS#8, signs certificates. Secret; nothing that runs needs it. */
    readonly privateKeyPem: pulumi.Output<string>;
}

/**
 * A private certificate authority, valid for ten years. The first `up` in its last year renews its certificate and keeps its key.
 *
 * @param name logical names are `<name>-key` and `<name>-certificate`; another name is another authority
 * @param opts `protect` and `retainOnDelete` count for the key only, because a protected certificate could not be renewed
 */
export function certificateAuthority(
    name: string,
    args: CertificateAuthorityArgs = {},
    opts?: pulumi.CustomResourceOptions,
): CertificateAuthority {
    const privateKeyPem = pulumi.secret(privateKey(`${name}-key`, { rotation: args.rotation }, opts).privateKeyPemPkcs8);
    const certificate = new SelfSignedCert(
        `${name}-certificate`,
        {
            privateKeyPem,
            // The organization keeps this name apart from that of any certificate below: OpenSSL takes equal names for self-signed.
            subject: { commonName: args.commonName ?? name, organization: "Groundwork private certificate authority" },
            isCaCertificate: true,
            setSubjectKeyId: true,
            allowedUses: ["cert_signing", "crl_signing"],
            ...validity(AUTHORITY_DAYS),
        },
        reissuable(opts),
    );
    return { certificatePem: certificate.certPem, privateKeyPem };
}

/** Who shows the certificate: the side that is called, or the side that calls. */
export type CertificateUsage = "server" | "client";

/** Settings of {@link certificate}. */
export interface CertificateArgs {
    /** Who signs. A new authority reissues the certificate. */
    authority: CertificateAuthority;
    /** Name of a client, for readers of logs. Default the logical name. Servers are known by the names below. A change reissues. */
    commonName?: string;
    /** Host names a server is called by, `*.example.org` included. Default none. A change reissues. */
    dnsNames?: pulumi.Input<string>[];
    /** IPv4 or IPv6 addresses a server is called by. Default none. A change reissues. */
    ipAddresses?: pulumi.Input<string>[];
    /** Default `["server"]`. A change reissues. */
    usages?: CertificateUsage[];
    /** Size of an RSA key in bits, at least 2048. Default none: an ECDSA key on curve P-256. A change replaces key and certificate. */
    rsaBits?: number;
    /**
     * Any text; another text makes a new key and certificate on the next `up`, and so does setting it for the first time. Default none.
     */
    rotation?: string;
}

/** A certificate with its key. PEM texts end with a newline. */
export interface Certificate {
    /** PEM, this certificate alone. Not secret. */
    readonly certificatePem: pulumi.Output<string>;
    /** PEM, this certificate first, then its authority (`fullchain.pem`). Not secret. */
    readonly chainPem: pulumi.Output<string>;
    /** PEM, the authority alone (`ca.pem`): what the other side must trust. Not secret. */
    readonly authorityPem: pulumi.Output<string>;
    /** PEM, PKCS#8, without passphrase. Secret. */
    readonly privateKeyPem: pulumi.Output<string>;
}

/**
 * A certificate signed by an authority, valid for a year. The first `up` in its last 90 days renews it and keeps its key;
 * programs that read it are updated by the same `up`. Without such an `up` it expires.
 *
 * @param name logical names are `<name>-key`, `<name>-request` and `<name>-certificate`; another name is another certificate
 * @param opts `protect` and `retainOnDelete` count for the key only, because a protected certificate could not be renewed
 * @throws if it is for a server and has neither a DNS name nor an IP address, or if its RSA key would be smaller than 2048 bits
 */
export function certificate(name: string, args: CertificateArgs, opts?: pulumi.CustomResourceOptions): Certificate {
    const { authority, dnsNames, ipAddresses, usages = ["server"], rsaBits, rotation } = args;
    if (usages.includes("server") && !dnsNames?.length && !ipAddresses?.length) {
        throw new Error(`certificate "${name}": a server has no name that a client could check: set dnsNames or ipAddresses`);
    }
    const privateKeyPem = pulumi.secret(privateKey(`${name}-key`, { rsaBits, rotation }, opts).privateKeyPemPkcs8);
    const request = new CertRequest(
        `${name}-request`,
        { privateKeyPem, subject: { commonName: args.commonName ?? name }, dnsNames, ipAddresses },
        reissuable(opts),
    );
    const signed = new LocallySignedCert(
        `${name}-certificate`,
        {
            certRequestPem: request.certRequestPem,
            caPrivateKeyPem: authority.privateKeyPem,
            caCertPem: authority.certificatePem,
            setSubjectKeyId: true,
            allowedUses: allowedUses(usages, rsaBits !== undefined),
            ...validity(CERTIFICATE_DAYS),
        },
        reissuable(opts),
    );
    return {
        certificatePem: signed.certPem,
        chainPem: pulumi.concat(signed.certPem, authority.certificatePem),
        authorityPem: authority.certificatePem,
        privateKeyPem,
    };
}

function allowedUses(usages: CertificateUsage[], rsa: boolean): string[] {
    // TLS 1.2 can also encrypt with an RSA key; with an ECDSA key it only signs.
    const keyUses = rsa ? ["digital_signature", "key_encipherment"] : ["digital_signature"];
    return [...keyUses, ...usages.map((usage) => `${usage}_auth`)];
}

function validity(days: { valid: number; renewBefore: number }): { validityPeriodHours: number; earlyRenewalHours: number } {
    return { validityPeriodHours: days.valid * HOURS_A_DAY, earlyRenewalHours: days.renewBefore * HOURS_A_DAY };
}

/** A certificate holds nothing that its key and its authority could not make again, and renewing it replaces it. */
function reissuable(opts: pulumi.CustomResourceOptions | undefined): pulumi.CustomResourceOptions {
    return { ...opts, protect: false, retainOnDelete: false };
}
