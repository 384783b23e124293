import * as pulumi from "@pulumi/pulumi";
import { announce } from "../announce";
import { certificate, certificateAuthority } from "../credentials";
import { lockedImage } from "../images";
import { personCommand } from "../make-command";
import { DockerRuntime, granted, type ContainerSpec, type Job, type Runtime, type Service, type Volume } from "../workload";
import { origin, publicAddress } from "./address";
import type { EdgeArgs } from "./args";
import * as pki from "./certificate";
import { nginxConfiguration, PORTS, WEBROOT } from "./nginx";
import { edgePrivileges } from "./privileges";
import { checkEdge } from "./rules";

/**
 * A reverse proxy (nginx) in front of one program: TLS, redirect, WebSockets.
 */
export class Edge extends pulumi.ComponentResource {
    /** Public address. Resolves when the proxy is up and its certificate is there. */
    readonly url: pulumi.Output<string>;
    /** Name that clients call: the domain, else the bound address. */
    readonly hostname: pulumi.Output<string>;
    /** PEM, what clients must trust. Absent when the certificate comes from an authority that they know. */
    readonly caCertificate?: pulumi.Output<string>;
    /** With `tls.manualDns`: what a person runs in the project to get the certificate, and to renew it. */
    readonly certificateCommand?: pulumi.Output<string>;

    constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
        // Without its arguments: the state would show a private key that somebody passes as plain text.
        super("groundwork:index:Edge", name, {}, opts);
        announce(checkEdge(args, name), this, opts);

        const system = args.system ?? name;
        const run = new DockerRuntime(this, { name, prefix: args.prefix, adopt: args.adopt, system });
        const source = certificateSource(name, args, run, this);
        const proxy = proxyService(name, args, run, source);
        const installed = source.install?.(proxy);

        this.caCertificate = source.ca;
        this.certificateCommand =
            args.tls?.manualDns && proxy.ready.apply(() => certificateCommand(system, proxy, pki.manualCommand(args)));
        this.hostname = pulumi.output(publicAddress(args).host);
        this.url = pulumi.all([proxy.ready, installed?.done]).apply(() => origin(publicAddress(args)));
        this.registerOutputs({
            url: this.url,
            hostname: this.hostname,
            caCertificate: this.caCertificate,
            certificateCommand: this.certificateCommand,
        });
    }
}

/** For a person, because certbot asks. */
function certificateCommand(system: string, { name }: Service, command: string): string {
    return personCommand("exec", { SYSTEM: system, ROLE: "edge", CMD: command }, `docker exec -it ${name} ${command}`);
}

/** What nginx and certbot share. */
interface AcmeVolumes {
    certificates: Volume;
    challenges: Volume;
}

/** How the proxy comes by its certificate. */
interface CertificateSource {
    proxy: Pick<ContainerSpec, "environment" | "files" | "secrets" | "mounts">;
    ca?: pulumi.Output<string>;
    /** Puts the certificate in place once nginx answers, and keeps it fresh. nginx notices new files by itself. */
    install?: (proxy: Service) => Job;
}

function certificateSource(name: string, args: EdgeArgs, run: Runtime, parent: pulumi.Resource): CertificateSource {
    if (args.tls?.provided) {
        const { certificate: chain, key, ca } = args.tls.provided;
        return { ...installedPair(args, run, chain, key), ca: ca === undefined ? undefined : pulumi.output(ca) };
    }
    if (args.tls?.devCa) {
        const [dnsNames, ipAddresses] = pki.namesByKind(args);
        const authority = certificateAuthority(`${name}-ca`, { commonName: `${name} development CA` }, { parent });
        const issued = certificate(`${name}-tls`, { authority, dnsNames, ipAddresses }, { parent });
        return { ...installedPair(args, run, issued.chainPem, issued.privateKeyPem), ca: authority.certificatePem };
    }
    return pki.acmeOf(args.tls) ? acmeSource(args, run) : { proxy: {} };
}

/**
 * A job puts the pair where nginx looks: as files of the container, another pair would replace the proxy, and cut every connection.
 */
function installedPair(args: EdgeArgs, run: Runtime, chain: pulumi.Input<string>, key: pulumi.Input<string>): CertificateSource {
    const volume = run.volume("tls");
    return {
        proxy: {
            environment: pki.proxyEnvironment(args, pki.INSTALLED_PAIR),
            mounts: [volume.mount(pki.INSTALLED_DIRECTORY, { readOnly: true })],
        },
        install: (proxy) =>
            run.job("certificate", {
                ...granted(edgePrivileges.certificate),
                image: imageOf(args),
                command: ["certificate", "install"],
                environment: pki.installEnvironment(args, addressOf(proxy)),
                files: { [pki.NEW_CERTIFICATE_FILE]: { content: chain } },
                secrets: { [pki.KEY_SECRET]: pulumi.secret(key) },
                mounts: [volume.mount(pki.INSTALLED_DIRECTORY)],
                networks: [{ id: args.network }],
                // Whoever removed the volume had to remove the proxy first.
                triggers: { proxy: proxy.ready },
            }),
    };
}

function acmeSource(args: EdgeArgs, run: Runtime): CertificateSource {
    const volumes = {
        certificates: run.volume("certificates", { protect: args.dataProtection ?? true }),
        challenges: run.volume("challenges"),
    };
    // By hand, certbot runs in the proxy's container, where a person can reach it.
    const byHand = args.tls?.manualDns !== undefined;
    return {
        install: byHand ? undefined : (proxy) => unattendedCertificate(args, run, volumes, proxy),
        proxy: {
            environment: pki.proxyEnvironment(args, pki.acmePair(args.domain!)),
            files: byHand ? pki.acmeCaFile(args) : {},
            mounts: [
                volumes.certificates.mount(pki.LETSENCRYPT, { readOnly: !byHand }),
                volumes.challenges.mount(WEBROOT, { readOnly: true }),
            ],
        },
    };
}

function proxyService(name: string, args: EdgeArgs, run: Runtime, { proxy }: CertificateSource): Service {
    const { bindAddress: hostIp = "127.0.0.1", httpPort = 80, httpsPort = 443 } = args;
    const http = { target: PORTS.http, published: httpPort, hostIp };
    const https = { target: PORTS.https, published: httpsPort, hostIp };
    return run.service("edge", {
        ...granted(edgePrivileges.edge),
        image: imageOf(args),
        containerName: `${args.prefix ?? `${pulumi.getProject()}-${pulumi.getStack()}`}-${name}`,
        ...proxy,
        files: { ...proxy.files, "/etc/nginx/conf.d/edge.conf": { content: configuration(args) } },
        networks: [{ id: args.network }],
        ports: pki.tlsMode(args.tls) === "none" ? [http] : [http, https],
        healthcheck: { test: ["CMD", "curl", "-fsS", `http://127.0.0.1:${PORTS.health}/`], interval: "2s", startPeriod: "20s" },
        // Requests under way may end; WebSockets never would.
        stopGracePeriod: 5,
    });
}

/** MiB that a request may have unless told otherwise. */
export const MAX_BODY_SIZE_MB = 100;

function configuration(args: EdgeArgs): pulumi.Output<string> {
    const { domain, readTimeoutSeconds = 86400, maxBodySizeMb = MAX_BODY_SIZE_MB, httpsPort = 443 } = args;
    const tls =
        pki.tlsMode(args.tls) === "none"
            ? undefined
            : { publicPort: httpsPort, hsts: pki.isPublicTls(args), acmeChallenges: args.tls?.http01 !== undefined };
    return pulumi
        .output(args.upstream.host)
        .apply((upstreamHost) =>
            nginxConfiguration({ upstreamHost, upstreamPort: args.upstream.port, domain, tls, readTimeoutSeconds, maxBodySizeMb }),
        );
}

function unattendedCertificate(args: EdgeArgs, run: Runtime, { certificates, challenges }: AcmeVolumes, proxy: Service): Job {
    const credentials = args.tls?.dns01?.google.credentials;
    const certbot: ContainerSpec = {
        image: imageOf(args),
        environment: pki.certbotEnvironment(args, addressOf(proxy)),
        files: pki.acmeCaFile(args),
        secrets: credentials === undefined ? {} : { [pki.DNS_CREDENTIALS_SECRET]: pulumi.secret(credentials) },
        mounts: [certificates.mount(pki.LETSENCRYPT), challenges.mount(WEBROOT)],
        networks: [{ id: args.network }],
    };
    const issued = run.job("certificate", {
        ...granted(edgePrivileges.certificate),
        ...certbot,
        command: ["certificate", "issue"],
        dependsOn: [proxy.resource],
    });
    run.service("renewal", {
        ...granted(edgePrivileges.renewal),
        ...certbot,
        command: ["certificate", "schedule"],
        environment: { ...certbot.environment, RENEW_SCHEDULE: pki.renewalSchedule(args.domain!) },
        stopSignal: "SIGTERM",
        // Looks at once after an attempt, else every five minutes: so an answer may take that long.
        healthcheck: { test: ["CMD", "certificate", "health"], interval: "5s", timeout: "6m", retries: 1, startPeriod: "2m" },
        dependsOn: [issued.resource],
    });
    return issued;
}

/** Where the proxy shows its certificate to other containers. */
function addressOf(proxy: Service): string {
    return `${proxy.name}:${PORTS.https}`;
}

function imageOf(args: EdgeArgs): string {
    return args.image ?? lockedImage("edge").reference;
}
