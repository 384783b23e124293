import type { EdgeSettings } from "./args";
import { tlsMode } from "./certificate";

/** An address as clients see it. */
export interface PublicAddress {
    scheme: "http" | "https";
    /** The domain, else the bound address; without brackets. */
    host: string;
    port: number;
}

/** Where clients find what is behind an edge. */
export function publicAddress({ domain, bindAddress = "127.0.0.1", tls, httpPort = 80, httpsPort = 443 }: EdgeSettings): PublicAddress {
    const everywhere = bindAddress === "0.0.0.0" || bindAddress === "::";
    const host = domain ?? (everywhere ? "localhost" : bindAddress);
    return tlsMode(tls) === "none" ? { scheme: "http", host, port: httpPort } : { scheme: "https", host, port: httpsPort };
}

/** `scheme://host`, with the port where it is not the usual one of the scheme. */
export function origin({ scheme, host, port }: { scheme: string; host: string; port: number }): string {
    const name = host.includes(":") ? `[${host}]` : host;
    return `${scheme}://${name}${port === (scheme === "https" ? 443 : 80) ? "" : `:${port}`}`;
}
