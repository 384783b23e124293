import { readFileSync } from "node:fs";
import { join } from "node:path";

/** How to reach the Docker Engine of a host, as plain values that may cross into a dynamic resource. */
export interface Connection {
    /** `unix://`, `tcp://` or `ssh://` address. */
    host: string;
    ca?: string;
    cert?: string;
    key?: string;
}

/** What a Docker provider was told. */
export interface ProviderSettings {
    host?: string;
    caMaterial?: string;
    certMaterial?: string;
    keyMaterial?: string;
    certPath?: string;
}

export const DEFAULT_HOST = "unix:///var/run/docker.sock";

/**
 * The connection of a Docker provider. Where it finds what it was not told: in the variables of the docker command line. The verbs read
 * it too, so nothing here may load Pulumi.
 */
export function toConnection({ host, caMaterial, certMaterial, keyMaterial, certPath }: ProviderSettings): Connection {
    const address = host || process.env.DOCKER_HOST || DEFAULT_HOST;
    const directory = certPath || process.env.DOCKER_CERT_PATH;
    if (!address.startsWith("tcp:") || caMaterial || certMaterial || !directory) {
        return { host: address, ca: caMaterial, cert: certMaterial, key: keyMaterial };
    }
    const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((file) => readCertificate(join(directory, file), address));
    return { host: address, ca, cert, key };
}

function readCertificate(file: string, host: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch (problem) {
        throw new Error(`the Docker Engine ${host} wants certificates, and ${file} cannot be read: ${(problem as Error).message}`);
    }
}
