import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { secretText, type Matches } from "../settings";

/** Arguments of {@link Edge}. */
export interface EdgeArgs extends EdgeSettings {
    /** Start of every physical name. Default: `<project>-<stack>`. A change replaces everything here, certificates included. */
    prefix?: string;
    /**
     * Volumes (by name) and directories of the host (by path) that may be taken over although another state made them, e.g. after a state
     * was lost. Default: none. A change changes nothing that is deployed.
     */
    adopt?: string[];
    /** System for labels and messages, e.g. `openpectus`. Default: the name of the component. A change replaces the containers. */
    system?: string;
    /** Id of the network that the upstream is on. A change replaces the containers. */
    network: pulumi.Input<string>;
    /** Where requests go. */
    upstream: EdgeUpstream;
    /** Keep ACME certificates when the stack goes, and refuse to delete them: authorities limit how often one may ask. Default: true. */
    dataProtection?: boolean;
}

/** The program behind the proxy. It speaks plain HTTP. */
export interface EdgeUpstream {
    /** Name on the network. It is looked up again and again, so the program may be replaced at any time. A change replaces the proxy. */
    host: pulumi.Input<string>;
    /** TCP port. A change replaces the proxy. */
    port: number;
}

/** What the person who runs an environment decides about its edge. */
export interface EdgeSettings {
    /** Public name that people and programs call, without scheme and port. Needed for TLS. A change replaces the proxy and asks for a new certificate. */
    domain?: string;
    /** Where the certificate comes from: at most one of its blocks. Absent or empty: no TLS at all. Another block replaces the proxy. */
    tls?: EdgeTls;
    /** Address of the host that is bound: an IP address, `0.0.0.0` for every one. Default: `127.0.0.1`. A change replaces the proxy. */
    bindAddress?: string;
    /** Port of the host for HTTP; with TLS it only redirects (and answers ACME challenges). Default: 80. A change replaces the proxy. */
    httpPort?: number;
    /** Port of the host for HTTPS, unused without TLS. Default: 443. A change replaces the proxy. */
    httpsPort?: number;
    /** Seconds of silence after which a connection, WebSockets included, is cut. At least 3600. Default: 86400. A change replaces the proxy. */
    readTimeoutSeconds?: number;
    /** Largest request body in MiB; a larger one is answered with status 413. Default: 100. A change replaces the proxy. */
    maxBodySizeMb?: number;
    /** Image with nginx and certbot. Default: role `edge` of `images.lock.json`. A change replaces the containers. */
    image?: string;
}

/** Where the certificate comes from. The blocks exclude each other. */
export interface EdgeTls {
    /** A certificate that you bring. */
    provided?: EdgeProvidedTls;
    /** A private certificate authority in the stack's state signs one. For development and closed networks. */
    devCa?: EdgeDevCaTls;
    /** An ACME server fetches a file from port 80 of the domain (RFC 8555 section 8.3). Issued and renewed without a person. */
    http01?: EdgeAcme;
    /** An ACME server looks up a TXT record (RFC 8555 section 8.4). Issued and renewed without a person, and without a public port. */
    dns01?: EdgeDns01Tls;
    /**
     * The same, but a person sets the TXT record, now and before every 90 days are over. Until somebody has run the output
     * `certificateCommand`, a throw-away certificate is shown.
     */
    manualDns?: EdgeAcme;
}

/** A certificate that you bring. Another one is taken over without a restart. From 30 days before it expires there is a warning. */
export interface EdgeProvidedTls {
    /** PEM, the certificate first, then its intermediates (`fullchain.pem`). It must cover the domain. */
    certificate: string;
    /** PEM, the private key of the certificate, without passphrase. Secret. */
    key: pulumi.Input<string>;
    /**
     * PEM, the authority, if clients do not know it anyway; for a self-signed certificate, that certificate itself. Clients get it as the
     * output `caCertificate`. Default: none. Browsers are told to insist on HTTPS for a year (HSTS) only with a certificate that leads to
     * a public authority, and only without this.
     */
    ca?: string;
}

/**
 * A private certificate authority. Its certificate is valid for a year; the first `up` in the last 90 days renews it, without a restart.
 * The authority is valid for ten years; the first `up` in the last one renews it with the same key, and clients import it again.
 */
export interface EdgeDevCaTls {
    /** Further DNS names and IP addresses on the certificate. Default: none. A change reissues it and replaces the proxy. */
    additionalNames?: string[];
}

/** An ACME server: Let's Encrypt unless said otherwise. */
export interface EdgeAcme {
    /** Where the authority sends warnings. Either this or `noEmail`. */
    email?: string;
    /** Register without an address. Default: false. */
    noEmail?: boolean;
    /** Directory URL of the ACME server. Default: Let's Encrypt. */
    server?: string;
    /** PEM, authority of the ACME server's own HTTPS, if it is a private one. Default: the public ones. */
    serverCa?: string;
}

/** An ACME server, and a DNS zone that certbot may edit. */
export interface EdgeDns01Tls extends EdgeAcme {
    /** A zone in Google Cloud DNS, the one kind of zone that is supported. */
    google: EdgeGoogleZone;
}

/** A zone in Google Cloud DNS. */
export interface EdgeGoogleZone {
    /** DNS name of the managed zone, e.g. `example.org`. The domain must lie inside it. */
    zone: string;
    /** JSON key of a service account that may edit the zone. Secret. Default: the service account of the host. */
    credentials?: pulumi.Input<string>;
}

const acme = {
    email: z.string().optional(),
    noEmail: z.boolean().optional(),
    server: z.string().optional(),
    serverCa: z.string().optional(),
} satisfies Matches<EdgeAcme>;

const google = z.strictObject({ zone: z.string(), credentials: secretText().optional() } satisfies Matches<EdgeGoogleZone>);

const tls = z.strictObject({
    provided: z
        .strictObject({ certificate: z.string(), key: secretText(), ca: z.string().optional() } satisfies Matches<EdgeProvidedTls>)
        .optional(),
    devCa: z.strictObject({ additionalNames: z.array(z.string()).optional() } satisfies Matches<EdgeDevCaTls>).optional(),
    http01: z.strictObject(acme).optional(),
    dns01: z.strictObject({ ...acme, google } satisfies Matches<EdgeDns01Tls>).optional(),
    manualDns: z.strictObject(acme).optional(),
} satisfies Matches<EdgeTls>);

/** The block `edge` of a system in the config file. Texts are not looked into here: the rules do that, with better messages. */
export const edgeSchema = z.strictObject({
    domain: z.string().optional(),
    tls: tls.optional(),
    bindAddress: z.string().optional(),
    httpPort: z.number().optional(),
    httpsPort: z.number().optional(),
    readTimeoutSeconds: z.number().optional(),
    maxBodySizeMb: z.number().optional(),
    image: z.string().optional(),
} satisfies Matches<EdgeSettings>);
