import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Provider } from "@pulumi/docker/provider";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { announce } from "../components/announce";
import { error, warning, type Problem } from "../components/problem";
import { secretText, type Matches } from "../components/settings";
import { SSH_OPTIONS } from "../components/workload";

/** A machine that runs containers. Exactly one block. */
export interface HostSettings {
    /** A Docker Engine. */
    docker?: DockerHostSettings;
}

/** A Docker Engine. Empty: the one of this machine, as the `docker` command finds it. */
export interface DockerHostSettings {
    /**
     * `ssh://user@host` or `tcp://host:2376`. A change replaces everything on the host. For `ssh://`, keys, agent and known hosts
     * are those of ~/.ssh/config on the machine where pulumi runs; nobody is asked for a password.
     */
    host?: string;
    /** For `tcp://`: certificates, because who reaches a Docker Engine is root there. */
    tls?: DockerTlsSettings;
}

/** Either `directory`, or the three texts. */
export interface DockerTlsSettings {
    /**
     * Directory with `ca.pem`, `cert.pem` and `key.pem` on the machine where pulumi runs, as `DOCKER_CERT_PATH` names it. An update needs
     * all three. A preview goes on without them, with the certificates of the last update.
     */
    directory?: string;
    /** PEM, the authority that signed the engine's certificate. */
    ca?: string;
    /** PEM, the client's certificate. */
    certificate?: string;
    /** PEM, the key of the client's certificate. Secret. */
    key?: string;
}

const docker = z.strictObject({
    host: z.string().optional(),
    tls: z
        .strictObject({
            directory: z.string().optional(),
            ca: z.string().optional(),
            certificate: z.string().optional(),
            key: secretText().optional(),
        } satisfies Matches<DockerTlsSettings>)
        .optional(),
} satisfies Matches<DockerHostSettings>);

/** The block `hosts` of a config file. */
export const hostsSchema = z.record(z.string(), z.strictObject({ docker: docker.optional() } satisfies Matches<HostSettings>));
export type HostsBlock = z.infer<typeof hostsSchema>;

/** The host that every placeable block has unless it says otherwise. */
export const DEFAULT_HOST = "default";

/** Where one system is placed: setting and host name. */
export interface Placement {
    path: string;
    host: string;
}

export function checkHosts(hosts: HostsBlock, placements: Placement[]): Problem[] {
    const names = new Set([DEFAULT_HOST, ...Object.keys(hosts)]);
    const strangers = placements.filter(({ host }) => !names.has(host));
    return [
        ...Object.entries(hosts).flatMap(([name, host]) => checkHost(host, `hosts.${name}`)),
        ...strangers.map(({ path, host }) => error(path, `there is no host "${host}"`, `use ${[...names].join(", ")}, or add it to hosts`)),
    ];
}

function checkHost({ docker }: HostSettings, path: string): Problem[] {
    if (!docker) return [error(path, "it says nothing about the host", "give it a docker block; docker: {} is this machine")];
    const { host, tls } = docker;
    const problems = host === undefined ? [] : checkAddress(docker, `${path}.docker`);
    if (tls && !host?.startsWith("tcp:")) {
        problems.push(error(`${path}.docker.tls`, "certificates are for tcp:// only", "set host to tcp://…, or remove tls"));
    }
    return [...problems, ...(tls ? checkCertificates(tls, `${path}.docker.tls`) : [])];
}

function checkAddress({ host, tls }: DockerHostSettings, path: string): Problem[] {
    const url = URL.canParse(host!) ? new URL(host!) : undefined;
    if (!url || !["tcp:", "ssh:", "unix:"].includes(url.protocol) || (url.protocol !== "unix:" && !url.hostname)) {
        return [error(`${path}.host`, `"${host}" is not the address of a Docker Engine`, "use ssh://user@host or tcp://host:2376")];
    }
    if (url.protocol === "tcp:" && !tls) {
        return [error(`${path}.tls`, "who reaches a Docker Engine is root on its host", "give client certificates, or use ssh://")];
    }
    return [];
}

function checkCertificates({ directory, ca, certificate, key }: DockerTlsSettings, path: string): Problem[] {
    const texts = Object.entries({ ca, certificate, key });
    if (directory !== undefined) {
        if (texts.some(([, text]) => text !== undefined)) return [error(path, "directory and texts exclude each other", "keep one kind")];
        return checkFiles(directory, `${path}.directory`);
    }
    return texts
        .filter(([, text]) => !text?.includes("-----BEGIN "))
        .map(([name]) => error(`${path}.${name}`, "it is not a PEM text", "give the text that begins with -----BEGIN, or use directory"));
}

const FILES = ["ca.pem", "cert.pem", "key.pem"];

/** A preview asks no Docker Engine, so whoever previews need not be able to reach one. */
function checkFiles(directory: string, path: string): Problem[] {
    const missing = FILES.filter((file) => readPem(directory, file) === undefined).join(", ");
    if (missing === "") return [];
    const problem = `there is no readable ${missing} in "${directory}"`;
    return pulumi.runtime.isDryRun()
        ? [warning(path, problem, "this preview takes the certificates of the last update for unchanged; an update needs the files")]
        : [error(path, problem, "put ca.pem, cert.pem and key.pem there")];
}

function readPem(directory: string, file: string): string | undefined {
    try {
        return readFileSync(join(resolve(directory), file), "utf8");
    } catch {
        return undefined;
    }
}

/** The Docker provider of each host. None: the engine of this machine, which needs no provider of its own. */
export class Hosts {
    private readonly providers = new Map<string, Provider | undefined>();

    constructor(private readonly hosts: HostsBlock) {}

    /** The options of a component that is placed there. */
    optionsFor(name = DEFAULT_HOST): pulumi.ComponentResourceOptions {
        if (!this.providers.has(name)) this.providers.set(name, dockerProvider(name, this.hosts[name]?.docker));
        const provider = this.providers.get(name);
        return provider ? { providers: { docker: provider } } : {};
    }
}

function dockerProvider(name: string, docker: DockerHostSettings | undefined): Provider | undefined {
    if (docker?.host === undefined) return undefined;
    const { host, tls } = docker;
    const missing = tls?.directory === undefined ? [] : checkFiles(tls.directory, `hosts.${name}.docker.tls.directory`);
    const provider = new Provider(
        `host-${name}`,
        { host, ...(host.startsWith("ssh:") && { sshOpts: SSH_OPTIONS }), ...(tls && missing.length === 0 && material(tls)) },
        // Only in a preview: then the engine shows, and hands on, what the state has.
        missing.length > 0 ? { ignoreChanges: ["caMaterial", "certMaterial", "keyMaterial"] } : {},
    );
    announce(missing, provider);
    return provider;
}

function material({ directory, ca, certificate, key }: DockerTlsSettings) {
    const [caFile, certificateFile, keyFile] = directory === undefined ? [] : FILES.map((file) => readPem(directory, file));
    return { caMaterial: ca ?? caFile, certMaterial: certificate ?? certificateFile, keyMaterial: pulumi.secret((key ?? keyFile)!) };
}
