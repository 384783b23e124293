import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../stacks/config";
import { stackFile } from "./plan";

/** The committed example, with client certificates that exist here. */
export function production(): Config {
    const config = stackFile("prod");
    config.hosts!.pectus!.docker!.tls!.directory = certificateDirectory();
    return config;
}

function certificateDirectory(): string {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-golden-"));
    process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
    for (const name of ["ca", "cert", "key"]) writeFileSync(join(directory, `${name}.pem`), `-----BEGIN ${name}-----\n`);
    return directory;
}

export function minimal(): Config {
    return { openpectus: {} };
}

/** Every block of the configuration at once, as far as they do not exclude each other. */
export function everything(): Config {
    const provided = certificateFor("pectus.example.org");
    return {
        prefix: "lab",
        hosts: { plant: { docker: { host: "ssh://operator@plant.example.org" } } },
        openpectus: {
            image: `ghcr.io/open-pectus/open-pectus@sha256:${"a".repeat(64)}`,
            version: "0.1.1585",
            hostname: "AZR-PECTUS-PRD",
            containerName: "openpectus-prd",
            data: { hostPath: "/home/azureuser/data_prd", containerPath: "/data" },
            webPush: { subscriberEmail: "operations@example.org", hostPath: "/home/azureuser/webpush_prd" },
            azure: {
                enabled: true,
                directoryTenantId: "11111111-2222-3333-4444-555555555555",
                applicationClientId: "66666666-7777-8888-9999-000000000000",
            },
            sentry: { dsn: "https://aggregatorkey@sentry.example.org/1", eventLevel: "ERROR" },
            engineSecret: "brought-engine-secret",
            publish: { port: 8301, bindAddress: "10.0.0.5", allowOtherMachines: true },
            memory: 2048,
            dataProtection: true,
            edge: {
                domain: "pectus.example.org",
                bindAddress: "0.0.0.0",
                httpPort: 80,
                httpsPort: 443,
                readTimeoutSeconds: 43200,
                maxBodySizeMb: 10,
                tls: { provided: { ...provided, ca: provided.certificate } },
            },
            backup: { schedule: "30 2 * * *", keep: 7, directory: { hostPath: "/mnt/backup/openpectus" } },
            engines: {
                "reactor-1": {
                    uod: { content: "def create():\n    return None\n" },
                    containerName: "reactor-1",
                    sentry: { dsn: "https://enginekey@sentry.example.org/2", eventLevel: "INFO" },
                    data: { hostPath: "/srv/reactor-1", containerPath: "/archive" },
                    memory: 256,
                    restart: "always",
                },
                "reactor-2": { host: "plant", hostname: "REACTOR-2", allowRestart: true, dataProtection: false },
                "reactor-3": { host: "plant", aggregator: { host: "10.0.0.5", port: 8301, secure: false }, version: "0.1.1500", ignoreVersionError: true },
            },
        },
    };
}

let made: { certificate: string; key: string } | undefined;

function certificateFor(domain: string): { certificate: string; key: string } {
    made ??= selfSigned(domain);
    return made;
}

function selfSigned(domain: string): { certificate: string; key: string } {
    const both = execFileSync("openssl", [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "365"],
        ...["-subj", `/CN=${domain}`, "-addext", `subjectAltName=DNS:${domain}`, "-keyout", "-", "-out", "-"],
    ], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const pem = (kind: string) => new RegExp(`-----BEGIN ${kind}-----[^]*?-----END ${kind}-----\n`).exec(both)![0];
    return { certificate: pem("CERTIFICATE"), key: pem("PRIVATE KEY") };
}
