import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Provider } from "@pulumi/docker/provider";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { announce } from "../components/announce";
import { notPem } from "../components/pem";
import { error, warning, type Problem } from "../components/problem";
import { secretText, type Matches } from "../components/settings";
import type { VolumeUse } from "../components/volumes";
import { SSH_OPTIONS } from "../components/workload";
import { DEFAULT_HOST as DEFAULT_ADDRESS, type Connection } from "../components/workload/docker/connection";
import type { DockerHostOutputs } from "./preflight/state";

/**
 * A machine that runs containers. Exactly one block.
 *
 * Every host that something is placed on is asked before anything is changed: whether it is still the same machine, whether no other state
 * has volumes of the same names, whether the published ports are free and the images there or to be had. All that is wrong is reported at
 * once. A host that does not answer within 20 s is an error of an update, and a warning of a preview. Where something is to be created, the
 * disk of this machine's engine needs 2 GiB of free space; those of other machines are not looked at, because the Docker API does not tell.
 */
export interface HostSettings {
    /** A Docker Engine. */
    docker?: DockerHostSettings;
}

/** A Docker Engine. Empty: the one of this machine, as the `docker` command finds it. */
export interface DockerHostSettings {
    /**
     * `ssh://user@host` or `tcp://host:2376`. Another address of the same machine changes nothing there; another machine is refused, because
     * what is deployed would stay behind on the old one (see `engineId`). For `ssh://`, keys, agent and known hosts are those of
     * ~/.ssh/config on the machine where pulumi runs; nobody is asked for a password.
     */
    host?: string;
    /**
     * Id of the engine, as `docker info --format '{{.ID}}'` prints it. Default: the one that was found there first, which is kept. Given,
     * any other engine is refused, and a new id says on purpose that another machine takes the place of the old one. In two steps:
     * `make down` with the old address, which keeps data and its credentials, and move the data; then set address and id, and `make up`.
     * When the old machine is lost: set both, then `make up` (it moves the address alone, and ends with what is missing there), `make down`
     * and `make up EMPTY_DATA=yes`. Machines that were cloned with Docker on them may have the same id.
     */
    engineId?: string;
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
    engineId: z.string().optional(),
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

export function hostNames(hosts: HostsBlock = {}): Set<string> {
    return new Set([DEFAULT_HOST, ...Object.keys(hosts)]);
}

export function checkHosts(hosts: HostsBlock, placements: Placement[]): Problem[] {
    const names = hostNames(hosts);
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
        .filter(([, text]) => !/-----BEGIN [^-]+-----[ \t]*\r?\n/.test(text ?? ""))
        .map(([name, text = ""]) =>
            notPem(`${path}.${name}`, WHAT[name]!, text, "give the text that begins with -----BEGIN, or use directory"),
        );
}

const WHAT: Record<string, string> = { ca: "an authority", certificate: "a certificate", key: "a private key" };

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

/** How the machine where pulumi runs reaches the engine of a host. */
export function connectionTo({ host, tls }: DockerHostSettings = {}): Connection {
    const { DOCKER_HOST, DOCKER_CERT_PATH } = process.env;
    if (host !== undefined) return { host, ...(tls && pemTexts(tls)) };
    return { host: DOCKER_HOST || DEFAULT_ADDRESS, ...(DOCKER_HOST && DOCKER_CERT_PATH && pemTexts({ directory: DOCKER_CERT_PATH })) };
}

/** Which machine a host is, and what is kept there: it stands in the state so that the next run knows it again. */
class DockerHost extends pulumi.ComponentResource {
    constructor(name: string, outputs: DockerHostOutputs) {
        super(DOCKER_HOST_TYPE, `host-${name}`);
        this.registerOutputs(outputs);
    }
}

export const DOCKER_HOST_TYPE = "groundwork:index:DockerHost";

/** What the next run has to know of the hosts. */
export type Known = {
    /** Host -> id of its engine, as far as it is known. */
    engineIds?: ReadonlyMap<string, string>;
    volumes?: VolumeUse[];
};

/** The Docker provider of each host. None: the engine of this machine, which needs no provider of its own. */
export class Hosts {
    private readonly providers = new Map<string, Provider | undefined>();

    constructor(
        private readonly hosts: HostsBlock,
        private readonly known: Known = {},
    ) {}

    /** The options of a component that is placed there. */
    optionsFor(name = DEFAULT_HOST): pulumi.ComponentResourceOptions {
        if (!this.providers.has(name)) this.providers.set(name, this.use(name));
        const provider = this.providers.get(name);
        return provider ? { providers: { docker: provider } } : {};
    }

    private use(name: string): Provider | undefined {
        const { engineIds, volumes = [] } = this.known;
        const engineId = engineIds?.get(name);
        const kept = volumes.filter(({ host }) => host === name);
        const names = (some: VolumeUse[]) => some.map((volume) => volume.name).sort();
        const adopted = names(kept.filter((volume) => volume.adopted));
        new DockerHost(name, {
            ...(engineId !== undefined && { engineId }),
            volumes: names(kept),
            ...(adopted.length > 0 && { adopted }),
        });
        return dockerProvider(name, this.hosts[name]?.docker);
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

function material(tls: DockerTlsSettings) {
    const { ca, cert, key } = pemTexts(tls);
    return { caMaterial: ca, certMaterial: cert, keyMaterial: pulumi.secret(key!) };
}

function pemTexts({ directory, ca, certificate, key }: DockerTlsSettings): Omit<Connection, "host"> {
    const [caFile, certificateFile, keyFile] = directory === undefined ? [] : FILES.map((file) => readPem(directory, file));
    return { ca: ca ?? caFile, cert: certificate ?? certificateFile, key: key ?? keyFile };
}
