import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { isLoopback, type Claim } from "../claims";
import { checkImage } from "../images";
import { notPem } from "../pem";
import { error, warning, type Problem } from "../problem";
import type { EdgeAcme, EdgeProvidedTls, EdgeSettings } from "./args";
import { acmeOf, certificateNames, tlsBlocks } from "./certificate";
import { trustOf } from "./trust";

const SHORTEST_READ_TIMEOUT = 3600;
const DAYS_OF_WARNING = 30;
const DAY = 24 * 3600 * 1000;
const DNS_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * Every broken rule of one edge. Values that are not known yet (Outputs) are left out.
 *
 * @param path where the settings stand in the config file, e.g. `openpectus.edge`
 */
export function checkEdge(settings: EdgeSettings & { dataProtection?: boolean }, path: string, now = new Date()): Problem[] {
    return [
        ...checkImage(settings.image, "edge", `${path}.image`, settings),
        ...checkAddress(settings, path),
        ...checkLimits(settings, path),
        ...checkDomain(settings, path),
        ...checkTls(settings, path, now),
    ];
}

/** What an edge binds on its host, for the comparison with everything else there. */
export function edgeClaims(settings: EdgeSettings, path: string, host: string): Claim[] {
    const { bindAddress: address = "127.0.0.1", httpPort = 80, httpsPort = 443 } = settings;
    const claim = (key: string, port: number): Claim => ({ kind: "port", host, value: String(port), address, path: `${path}.${key}` });
    const http = claim("httpPort", httpPort);
    // Two equal ports are reported by `checkEdge` already.
    return tlsBlocks(settings.tls).length > 0 && httpsPort !== httpPort ? [http, claim("httpsPort", httpsPort)] : [http];
}

/** Logical names of its volumes. */
export function edgeVolumes({ tls }: EdgeSettings = {}, name: string): string[] {
    if (tls?.provided || tls?.devCa) return [`${name}-tls`];
    return acmeOf(tls) ? [`${name}-certificates`, `${name}-challenges`] : [];
}

function checkAddress({ bindAddress, httpPort, httpsPort, tls }: EdgeSettings, path: string): Problem[] {
    const problems: Problem[] = [];
    if (bindAddress !== undefined && isIP(bindAddress) === 0) {
        problems.push(
            error(`${path}.bindAddress`, `"${bindAddress}" is not an IP address`, "give an address of the host, or 0.0.0.0 for all"),
        );
    }
    for (const [key, port] of Object.entries({ httpPort, httpsPort })) {
        if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
            problems.push(error(`${path}.${key}`, `${port} is not a port`, "give a whole number from 1 to 65535"));
        }
    }
    if (tlsBlocks(tls).length > 0 && (httpPort ?? 80) === (httpsPort ?? 443)) {
        problems.push(error(`${path}.httpsPort`, `port ${httpsPort ?? 443} is taken by ${path}.httpPort`, "choose two different ports"));
    }
    return problems;
}

function checkLimits({ readTimeoutSeconds, maxBodySizeMb }: EdgeSettings, path: string): Problem[] {
    const problems: Problem[] = [];
    if (readTimeoutSeconds !== undefined && !(Number.isInteger(readTimeoutSeconds) && readTimeoutSeconds >= SHORTEST_READ_TIMEOUT)) {
        const fix = `give whole seconds, at least ${SHORTEST_READ_TIMEOUT}; 86400 is the default`;
        problems.push(error(`${path}.readTimeoutSeconds`, `${readTimeoutSeconds} would cut quiet WebSockets`, fix));
    }
    if (maxBodySizeMb !== undefined && !(Number.isInteger(maxBodySizeMb) && maxBodySizeMb >= 1)) {
        problems.push(error(`${path}.maxBodySizeMb`, `${maxBodySizeMb} is not a size`, "give whole MiB, at least 1"));
    }
    return problems;
}

function checkDomain({ domain, tls }: EdgeSettings, path: string): Problem[] {
    if (domain === undefined) {
        if (tlsBlocks(tls).length === 0) return [];
        return [error(`${path}.domain`, "TLS is on, but a certificate needs a name", "set the domain, or remove the tls block")];
    }
    if (isIP(domain) !== 0 || DNS_NAME.test(domain)) return [];
    return [error(`${path}.domain`, `"${domain}" is not a domain name`, "give the name alone, without scheme, port and path")];
}

function checkTls(settings: EdgeSettings, path: string, now: Date): Problem[] {
    const blocks = tlsBlocks(settings.tls);
    if (blocks.length > 1) {
        return [error(`${path}.tls`, `${blocks.join(" and ")} exclude each other`, "keep one of them")];
    }
    const block = `${path}.tls.${blocks[0]}`;
    const acme = acmeOf(settings.tls);
    return [
        ...(settings.tls?.provided ? checkProvided(settings.tls.provided, settings.domain, block, now) : []),
        ...(settings.tls?.devCa ? checkNames(settings, block) : []),
        ...(acme ? checkAcme(acme, settings.domain, path, block) : []),
        ...(settings.tls?.http01 ? checkHttp01(settings, path) : []),
        ...(settings.tls?.dns01 ? checkZone(settings.tls.dns01.google.zone, settings.domain, block) : []),
        ...(settings.tls?.manualDns ? [manualRenewal(block)] : []),
    ];
}

function checkNames(settings: EdgeSettings, path: string): Problem[] {
    return certificateNames(settings)
        .slice(1)
        .filter((name) => isIP(name) === 0 && !DNS_NAME.test(name))
        .map((name) => error(`${path}.additionalNames`, `"${name}" is neither a DNS name nor an IP address`, "correct or remove it"));
}

function checkAcme({ email, noEmail, server, serverCa }: EdgeAcme, domain: string | undefined, path: string, block: string): Problem[] {
    const problems: Problem[] = [];
    if (!email && !noEmail) {
        problems.push(error(`${block}.email`, "the authority has nobody to warn", "set email, or noEmail: true to do without"));
    }
    if (email && noEmail) problems.push(error(`${block}.noEmail`, "email and noEmail exclude each other", "remove one of them"));
    if (email && !/^[^\s@]+@[^\s@]+$/.test(email))
        problems.push(error(`${block}.email`, `"${email}" is not an e-mail address`, "correct it"));
    if (server !== undefined && !isHttps(server)) {
        problems.push(error(`${block}.server`, `"${server}" is not an https URL`, "give the directory URL of the ACME server"));
    }
    if (serverCa !== undefined && !parse(serverCa)) problems.push(notPem(`${block}.serverCa`, "the ACME server's authority", serverCa));
    if (domain !== undefined && (isIP(domain) !== 0 || !domain.includes("."))) {
        problems.push(
            error(`${path}.domain`, `no ACME server issues a certificate for "${domain}"`, "use a full domain name, or tls.devCa"),
        );
    }
    return problems;
}

function isHttps(text: string): boolean {
    return URL.canParse(text) && new URL(text).protocol === "https:";
}

/** The ACME server always calls port 80. A private one may sit on the host, or reach it over a port that something else forwards. */
function checkHttp01({ bindAddress = "127.0.0.1", httpPort = 80, tls }: EdgeSettings, path: string): Problem[] {
    const report = tls?.http01?.server === undefined ? error : warning;
    const problems: Problem[] = [];
    if (httpPort !== 80) {
        problems.push(
            report(`${path}.httpPort`, `http-01 challenges arrive on port 80, not ${httpPort}`, "set httpPort: 80, or use tls.dns01"),
        );
    }
    if (isLoopback(bindAddress)) {
        const fix = 'set bindAddress: "0.0.0.0" and let port 80 through the firewall, or use tls.dns01';
        problems.push(report(`${path}.bindAddress`, `the ACME server cannot reach ${bindAddress}`, fix));
    }
    return problems;
}

function checkZone(zone: string, domain: string | undefined, block: string): Problem[] {
    const name = zone.replace(/\.$/, "").toLowerCase();
    if (!DNS_NAME.test(name))
        return [error(`${block}.google.zone`, `"${zone}" is not a DNS name`, "give the DNS name of the managed zone")];
    const inside = domain === undefined || domain.toLowerCase() === name || domain.toLowerCase().endsWith(`.${name}`);
    if (inside) return [];
    return [error(`${block}.google.zone`, `${domain} lies outside of the zone ${name}`, "give the zone that the domain is in")];
}

function manualRenewal(block: string): Problem {
    const fix = "run the output certificateCommand now and again before the 90 days are over, or use tls.dns01";
    return warning(block, "a certificate over DNS by hand cannot renew itself", fix);
}

function checkProvided({ certificate, key, ca }: EdgeProvidedTls, domain: string | undefined, block: string, now: Date): Problem[] {
    const problems: Problem[] = [];
    const parsed = parse(certificate);
    if (!parsed) problems.push(notPem(`${block}.certificate`, "a certificate", certificate));
    else {
        problems.push(...checkValidity(parsed, `${block}.certificate`, now), ...checkCoverage(parsed, domain, `${block}.certificate`));
        // A self-signed certificate is its own authority, and was looked at.
        const authorities = ca === undefined || ca.trim() === certificate?.trim() ? "" : ca;
        problems.push(
            ...checkAuthorities(certificate, `${block}.certificate`, now),
            ...checkAuthorities(authorities, `${block}.ca`, now, 0),
        );
    }
    if (typeof key === "string") problems.push(...checkKey(key, parsed, `${block}.key`));
    if (ca !== undefined && !parse(ca)) problems.push(notPem(`${block}.ca`, "a certificate authority", ca));
    if (ca === undefined) problems.push(...checkTrust(certificate, block));
    return problems;
}

/** Nobody may mind on a closed network; what must not fail for it, such as an engine, has a rule of its own. */
function checkTrust(certificate: string, block: string): Problem[] {
    const reason = distrust(certificate);
    return reason === undefined
        ? []
        : [warning(`${block}.certificate`, `${reason}, so clients refuse it unless they are told`, trustFix(`${block}.ca`))];
}

/** Why clients that know the public authorities alone refuse a certificate; undefined when they do not, or when it cannot be read. */
export function distrust(certificate: string): string | undefined {
    const trust = trustOf(certificate);
    if (trust === "self-signed") return "it is self-signed";
    if (trust === "private") return "no public authority has signed it, or its intermediates are missing";
    return undefined;
}

/** @param ca path of the setting */
export function trustFix(ca: string): string {
    return `set ${ca} to the certificate of its authority (its own, if it is self-signed), or give one from a public authority`;
}

function checkValidity(certificate: X509Certificate, path: string, now: Date): Problem[] {
    const from = new Date(certificate.validFrom);
    const until = new Date(certificate.validTo);
    if (now < from) return [error(path, `it is not valid before ${from.toISOString()}`, "check the clock, or wait")];
    if (now > until) return [error(path, `it expired on ${until.toISOString()}`, "give a current one")];
    const days = Math.floor((until.getTime() - now.getTime()) / DAY);
    return days < DAYS_OF_WARNING ? [warning(path, `it expires in ${days} days`, "give a new one soon")] : [];
}

/** Of the certificates behind the first one. Clients may know another way past one that has expired: so it is a warning only. */
function checkAuthorities(pem: string, path: string, now: Date, first = 1): Problem[] {
    const authorities = (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).slice(first).map(parse);
    return authorities.flatMap((authority) => {
        const days = authority ? Math.floor((new Date(authority.validTo).getTime() - now.getTime()) / DAY) : Infinity;
        if (days >= DAYS_OF_WARNING) return [];
        const name = authority!.subject.split("\n").join(", ");
        return [
            warning(path, `the authority "${name}" ${days < 0 ? "has expired" : `expires in ${days} days`}`, "give its successor soon"),
        ];
    });
}

function checkCoverage(certificate: X509Certificate, domain: string | undefined, path: string): Problem[] {
    if (domain === undefined) return [];
    const covered = isIP(domain) === 0 ? certificate.checkHost(domain) : certificate.checkIP(domain);
    if (covered) return [];
    return [error(path, `it does not cover ${domain}, only ${certificate.subjectAltName ?? "no name at all"}`, "give one for the domain")];
}

/** No message quotes the key. */
function checkKey(key: string, certificate: X509Certificate | undefined, path: string): Problem[] {
    const parsed = attempt(() => createPrivateKey(key));
    if (!parsed) return [notPem(path, "a private key (without a passphrase)", key, "give the key of the certificate")];
    if (!certificate || certificate.checkPrivateKey(parsed)) return [];
    return [error(path, "it does not belong to the certificate", "give the key that the certificate was made with")];
}

/** OpenSSL reads `TRUSTED CERTIFICATE`, too; browsers, and those who are given the text, do not. */
function parse(pem: string): X509Certificate | undefined {
    return pem.includes("-----BEGIN TRUSTED CERTIFICATE-----") ? undefined : attempt(() => new X509Certificate(pem));
}

function attempt<T>(make: () => T): T | undefined {
    try {
        return make();
    } catch {
        return undefined;
    }
}
