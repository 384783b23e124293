/** What the configuration of nginx depends on. */
export interface ServerSettings {
    upstreamHost: string;
    upstreamPort: number;
    /** Absent: any name is answered. */
    domain?: string;
    /** Absent: plain HTTP only. */
    tls?: TlsServerSettings;
    readTimeoutSeconds: number;
    maxBodySizeMb: number;
}

export interface TlsServerSettings {
    /** Port as clients see it. */
    publicPort: number;
    /** Tell browsers to insist on HTTPS: only behind a certificate that they will go on trusting. */
    hsts: boolean;
    /** Answer ACME challenges on port 80. */
    acmeChallenges: boolean;
}

/** Ports inside the container. The one for health is bound to the container's own loopback address. */
export const PORTS = { http: 80, https: 443, health: 8081 };

/** Where certbot puts its challenges, and where nginx reads them. */
export const WEBROOT = "/var/www/acme";

/** One year, as the HSTS preload list asks. */
const HSTS_SECONDS = 31536000;

/** The server blocks of the proxy: a file for nginx's `conf.d`. */
export function nginxConfiguration(settings: ServerSettings): string {
    const servers = settings.tls ? [redirectServer(settings, settings.tls), tlsServer(settings, settings.tls)] : [plainServer(settings)];
    return [preamble(settings), healthServer(), ...servers].join("\n");
}

function preamble({ readTimeoutSeconds, maxBodySizeMb }: ServerSettings): string {
    return `# Generated: the next update overwrites changes.

# Without the query string: programs put tokens there.
log_format edge '$remote_addr [$time_iso8601] "$request_method $uri" $status $body_bytes_sent $request_time';

# Docker's own DNS, asked at run time: the upstream may be missing at the start, and may be replaced.
resolver 127.0.0.11 valid=5s ipv6=off;

map $http_upgrade $connection_upgrade {
    default upgrade;
    "" close;
}

client_max_body_size ${maxBodySizeMb}m;
proxy_read_timeout ${readTimeoutSeconds}s;
proxy_send_timeout ${readTimeoutSeconds}s;
`;
}

function healthServer(): string {
    return `server {
    listen 127.0.0.1:${PORTS.health};
    access_log off;
    location / {
        return 200 "ok\\n";
    }
}
`;
}

function plainServer(settings: ServerSettings): string {
    return `server {
    listen ${PORTS.http} default_server;
    access_log /dev/stdout edge;
    server_name ${settings.domain ?? "_"};

${proxyLocation(settings)}}
`;
}

/** Whatever name it is called by: nothing is ever served in clear text. */
function redirectServer({ domain }: ServerSettings, { publicPort, acmeChallenges }: TlsServerSettings): string {
    const challenges = `    location /.well-known/acme-challenge/ {
        root ${WEBROOT};
    }
`;
    const port = publicPort === 443 ? "" : `:${publicPort}`;
    return `server {
    listen ${PORTS.http} default_server;
    access_log /dev/stdout edge;
    server_name ${domain};

${acmeChallenges ? challenges : ""}    location / {
        return 301 https://${domain}${port}$request_uri;
    }
}
`;
}

function tlsServer(settings: ServerSettings, { hsts }: TlsServerSettings): string {
    const header = `    add_header Strict-Transport-Security "max-age=${HSTS_SECONDS}" always;\n`;
    return `server {
    listen ${PORTS.https} ssl default_server;
    http2 on;
    access_log /dev/stdout edge;
    server_name ${settings.domain};

    ssl_certificate /etc/nginx/tls/certificate.pem;
    ssl_certificate_key /etc/nginx/tls/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:edge:10m;
    ssl_session_timeout 1d;
    ssl_session_tickets off;
${hsts ? header : ""}
${proxyLocation(settings)}}
`;
}

function proxyLocation({ upstreamHost, upstreamPort }: ServerSettings): string {
    return `    location / {
        # A variable makes nginx look the name up for each connection instead of once at the start.
        set $upstream ${upstreamHost};
        proxy_pass http://$upstream:${upstreamPort};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header Host $http_host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $http_host;
    }
`;
}
