import * as pulumi from "@pulumi/pulumi";
import { announce } from "../announce";
import { certificate, certificateAuthority } from "../credentials";
import { lockedImage } from "../images";
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
        const run = new DockerRuntime(this, { name, prefix: args.prefix, system });
        const source = certificateSource(name, args, run, this);
        const proxy = proxyService(name, args, run, source);
        const issued = source.volumes && !args.tls?.manualDns ? unattendedCertificate(args, run, source.volumes, proxy) : undefined;

        this.caCertificate = source.ca;
        this.certificateCommand =
            args.tls?.manualDns && proxy.ready.apply(() => `make exec SYSTEM=${system} ROLE=edge CMD='${pki.manualCommand(args)}'`);
        this.hostname = pulumi.output(publicAddress(args).host);
        this.url = pulumi.all([proxy.ready, issued?.done]).apply(() => origin(publicAddress(args)));
        this.registerOutputs({
            url: this.url,
            hostname: this.hostname,
            caCertificate: this.caCertificate,
            certificateCommand: this.certificateCommand,
        });
    }
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
    volumes?: AcmeVolumes;
}

function certificateSource(name: string, args: EdgeArgs, run: Runtime, parent: pulumi.Resource): CertificateSource {
    if (args.tls?.provided) {
        const { certificate: chain, key, ca } = args.tls.provided;
        return { proxy: mountedPair(args, chain, key), ca: ca === undefined ? undefined : pulumi.output(ca) };
    }
    if (args.tls?.devCa) {
        const [dnsNames, ipAddresses] = pki.namesByKind(args);
        const authority = certificateAuthority(`${name}-ca`, { commonName: `${name} development CA` }, { parent });
        const issued = certificate(`${name}-tls`, { authority, dnsNames, ipAddresses }, { parent });
        return { proxy: mountedPair(args, issued.chainPem, issued.privateKeyPem), ca: authority.certificatePem };
    }
    return pki.acmeOf(args.tls) ? acmeSource(args, run) : { proxy: {} };
}

function mountedPair(args: EdgeArgs, chain: pulumi.Input<string>, key: pulumi.Input<string>): CertificateSource["proxy"] {
    const file = "/etc/groundwork/tls/certificate.pem";
    return {
        environment: pki.proxyEnvironment(args, { certificate: file, key: "/run/secrets/tls-key.pem" }),
        files: { [file]: { content: chain } },
        secrets: { "tls-key.pem": pulumi.secret(key) },
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
        volumes,
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

function configuration(args: EdgeArgs): pulumi.Output<string> {
    const { domain, readTimeoutSeconds = 86400, maxBodySizeMb = 100, httpsPort = 443 } = args;
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

/** Issues the certificate once nginx answers, and keeps it fresh. nginx notices new files by itself. */
function unattendedCertificate(args: EdgeArgs, run: Runtime, { certificates, challenges }: AcmeVolumes, proxy: Service): Job {
    const credentials = args.tls?.dns01?.google.credentials;
    const certbot: ContainerSpec = {
        image: imageOf(args),
        environment: pki.certbotEnvironment(args, `${proxy.name}:${PORTS.https}`),
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
        dependsOn: [issued.resource],
    });
    return issued;
}

function imageOf(args: EdgeArgs): string {
    return args.image ?? lockedImage("edge").reference;
}
