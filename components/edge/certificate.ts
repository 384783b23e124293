import { createHash } from "node:crypto";
import { isIP } from "node:net";
import type { EdgeAcme, EdgeSettings, EdgeTls } from "./args";
import { trustOf } from "./trust";

/** How the certificate is come by: the name of the block in `tls`. */
export type TlsMode = "none" | keyof EdgeTls;

/** The blocks that are there; a rule sees to it that there is at most one. */
export function tlsBlocks(tls: EdgeTls | undefined): (keyof EdgeTls)[] {
    return (Object.keys(tls ?? {}) as (keyof EdgeTls)[]).filter((block) => tls![block] !== undefined);
}

export function tlsMode(tls: EdgeTls | undefined): TlsMode {
    return tlsBlocks(tls)[0] ?? "none";
}

/** The ACME block in use, if the certificate comes from an ACME server. */
export function acmeOf(tls: EdgeTls | undefined): EdgeAcme | undefined {
    return tls?.http01 ?? tls?.dns01 ?? tls?.manualDns;
}

/** The names on the certificate, the domain first. */
export function certificateNames({ domain, tls }: EdgeSettings): string[] {
    return [...new Set([domain!, ...(tls?.devCa?.additionalNames ?? [])])];
}

/** The same, as DNS names and IP addresses. */
export function namesByKind(settings: EdgeSettings): [dnsNames: string[], ipAddresses: string[]] {
    const names = certificateNames(settings);
    return [names.filter((name) => isIP(name) === 0), names.filter((name) => isIP(name) !== 0)];
}

/**
 * Whether browsers may be told to insist on HTTPS. They remember it for a year, for every port of the host, and then let nobody pass
 * a certificate that they do not trust: so only with one from a public authority, and on the usual ports.
 */
export function isPublicTls({ tls, httpPort = 80, httpsPort = 443 }: EdgeSettings): boolean {
    if (httpPort !== 80 || httpsPort !== 443) return false;
    if (tls?.provided) return tls.provided.ca === undefined && trustOf(tls.provided.certificate) === "public";
    const acme = acmeOf(tls);
    return acme !== undefined && acme.server === undefined;
}

export const LETSENCRYPT = "/etc/letsencrypt";
export const ACME_CA_FILE = "/etc/groundwork/acme-ca.pem";
export const DNS_CREDENTIALS_SECRET = "dns-credentials.json";
export const KEY_SECRET = "tls-key.pem";
export const NEW_CERTIFICATE_FILE = "/etc/groundwork/certificate.pem";
export const INSTALLED_DIRECTORY = "/etc/groundwork/tls";

/** Where the image's `certificate install` puts a pair. */
export const INSTALLED_PAIR = { certificate: `${INSTALLED_DIRECTORY}/certificate.pem`, key: `${INSTALLED_DIRECTORY}/key.pem` };

/** Where certbot keeps the current pair of a domain. */
export function acmePair(domain: string): { certificate: string; key: string } {
    const live = `${LETSENCRYPT}/live/${domain}`;
    return { certificate: `${live}/fullchain.pem`, key: `${live}/privkey.pem` };
}

/** Variables of the image's proxy: where its pair lies, and the names on the throw-away one that it shows until then. */
export function proxyEnvironment(settings: EdgeSettings, pair: { certificate: string; key: string }): Record<string, string> {
    return { CERTIFICATE_FILE: pair.certificate, CERTIFICATE_KEY_FILE: pair.key, CERTIFICATE_NAMES: certificateNames(settings).join(" ") };
}

/**
 * Variables of the image's `certificate install`.
 *
 * @param proxy host and port where the certificate is shown; installing it waits for that
 */
export function installEnvironment(settings: EdgeSettings, proxy: string): Record<string, string> {
    const pair = { certificate: NEW_CERTIFICATE_FILE, key: `/run/secrets/${KEY_SECRET}` };
    return { ...proxyEnvironment(settings, pair), CERTIFICATE_DIRECTORY: INSTALLED_DIRECTORY, CERTIFICATE_SERVER: proxy };
}

/** The file that makes certbot trust a private ACME server. */
export function acmeCaFile({ tls }: EdgeSettings): Record<string, { content: string }> {
    const ca = acmeOf(tls)?.serverCa;
    return ca === undefined ? {} : { [ACME_CA_FILE]: { content: ca } };
}

/**
 * Variables of the image's `certificate` role.
 *
 * @param proxy host and port where the certificate is shown; issuing it waits for that
 */
export function certbotEnvironment({ domain, tls }: EdgeSettings, proxy: string): Record<string, string> {
    const { email, server, serverCa } = acmeOf(tls)!;
    return {
        CERTIFICATE_NAMES: domain!,
        CERTIFICATE_SERVER: proxy,
        ACME_CHALLENGE: tls?.dns01 ? "dns-01" : "http-01",
        ...(email && { ACME_EMAIL: email }),
        ...(server && { ACME_SERVER: server }),
        ...(serverCa && { REQUESTS_CA_BUNDLE: ACME_CA_FILE }),
        ...(tls?.dns01?.google.credentials && { ACME_DNS_CREDENTIALS: `/run/secrets/${DNS_CREDENTIALS_SECRET}` }),
    };
}

/** Twice a day, as Let's Encrypt asks, at a minute of the domain's own: not everybody at once. */
export function renewalSchedule(domain: string): string {
    const digest = createHash("sha256").update(domain).digest();
    const hour = digest[1]! % 12;
    return `${digest[0]! % 60} ${hour},${hour + 12} * * *`;
}

/** What a person runs in the proxy's container to get a certificate over DNS by hand. certbot then says which record to set. */
export function manualCommand({ domain, tls }: EdgeSettings): string {
    const { email, server, serverCa } = tls!.manualDns!;
    return [
        ...(serverCa ? ["env", `REQUESTS_CA_BUNDLE=${ACME_CA_FILE}`] : []),
        "certbot certonly --manual --preferred-challenges dns --agree-tos",
        email ? `--email ${email}` : "--register-unsafely-without-email",
        ...(server ? [`--server ${server}`] : []),
        `--cert-name ${domain} -d ${domain}`,
    ].join(" ");
}
