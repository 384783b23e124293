import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Edge, type EdgeArgs, type EdgeSettings } from "../../../../components/edge";
import { lockedImage } from "../../../../components/images";
import { record, valueOf, type Recording } from "../recorder";
import { selfSigned, type Pair } from "./certificates";

interface Upload {
    file: string;
    content: unknown;
    permissions: string;
}

const NGINX_FILE = "/etc/nginx/conf.d/edge.conf";
const domain = "a.example.org";

describe("edge: component", () => {
    let recording: Recording;

    beforeEach(async () => (recording = await record()));

    /** Resources that make images and hashes are the workload layer's own. */
    async function edge(settings: EdgeSettings, args: Partial<EdgeArgs> = {}): Promise<{ edge: Edge; children: string[] }> {
        const edge = new Edge("op-edge", {
            ...settings,
            system: "op",
            network: "network-id",
            upstream: { host: "web", port: 8300 },
            ...args,
        });
        await pulumi.runtime.disconnect();
        const children = recording.requested
            .filter(({ type, name }) => type !== "groundwork:index:Edge" && !/-(config-key|image-[0-9a-f]{8})$/.test(name))
            .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
        return { edge, children };
    }

    const inputs = (name: string) => recording.get(name).inputs;
    const files = (name: string) => (plain(inputs(name).uploads) as Upload[]).map(({ file, permissions }) => `${file} ${permissions}`);
    const environment = (name: string, key = "envs") => plain(inputs(name)[key]);
    const ports = () =>
        (inputs("op-edge-edge").ports as { ip: string; external: number; internal: number }[]).map(
            (port) => `${port.ip}:${port.external}->${port.internal}`,
        );
    const content = (name: string, wanted: string) =>
        (plain(inputs(name).uploads) as Upload[]).find(({ file }) => file === wanted)?.content;

    it("is one container without TLS, on the loopback address", async () => {
        const { edge: component, children } = await edge({});
        assert.deepEqual(children, ["Container op-edge-edge"]);
        assert.deepEqual(ports(), ["127.0.0.1:80->80"]);
        assert.deepEqual(files("op-edge-edge"), [`${NGINX_FILE} 0444`]);
        const { name, envs, volumes, networksAdvanced, stopTimeout, image } = inputs("op-edge-edge");
        assert.deepEqual({ name, envs, volumes, stopTimeout }, { name: "project-stack-op-edge", envs: [], volumes: [], stopTimeout: 5 });
        assert.deepEqual(networksAdvanced, [{ name: "network-id", aliases: ["edge"] }]);
        assert.match(String(image), /^op-edge-image-/);
        for (const absent of ["command", "entrypoints", "user", "stopSignal"]) assert.ok(!(absent in inputs("op-edge-edge")), absent);
        assert.equal(recording.requested.find(({ type }) => type.endsWith(":RemoteImage"))!.inputs.name, lockedImage("edge").reference);
        assert.deepEqual([await valueOf(component.url), await valueOf(component.hostname)], ["http://127.0.0.1", "127.0.0.1"]);
        assert.deepEqual([component.caCertificate, component.certificateCommand], [undefined, undefined]);
    });

    it("takes prefix, image, addresses and limits", async () => {
        const image = `registry.example.org/mine@sha256:${"1".repeat(64)}`;
        const settings = { bindAddress: "0.0.0.0", httpPort: 8080, readTimeoutSeconds: 7200, maxBodySizeMb: 7, image };
        const { edge: component } = await edge(settings, { prefix: "lab", upstream: { host: pulumi.output("other"), port: 1 } });
        assert.equal(inputs("op-edge-edge").name, "lab-op-edge");
        assert.deepEqual(ports(), ["0.0.0.0:8080->80"]);
        assert.equal(recording.requested.find(({ type }) => type.endsWith(":RemoteImage"))!.inputs.name, image);
        const configuration = String(content("op-edge-edge", NGINX_FILE));
        for (const part of ["client_max_body_size 7m;", "proxy_read_timeout 7200s;", "set $upstream other;", "http://$upstream:1;"]) {
            assert.ok(configuration.includes(part), part);
        }
        assert.equal(await valueOf(component.url), "http://localhost:8080");
    });

    it("signs its own certificate with a development authority; a job installs it, so that another one does not replace the proxy", async () => {
        const tls = { devCa: { additionalNames: ["b.example.org", "127.0.0.1"] } };
        const { edge: component, children } = await edge({ domain, httpPort: 8080, httpsPort: 8443, tls });
        assert.deepEqual(children.sort(), [
            "CertRequest op-edge-tls-request",
            "Container op-edge-edge",
            "Job op-edge-certificate",
            "LocallySignedCert op-edge-tls-certificate",
            "PrivateKey op-edge-ca-key",
            "PrivateKey op-edge-tls-key",
            "SelfSignedCert op-edge-ca-certificate",
            "Volume op-edge-tls",
        ]);
        assert.deepEqual(ports(), ["127.0.0.1:8080->80", "127.0.0.1:8443->443"]);
        assert.deepEqual(files("op-edge-edge"), [`${NGINX_FILE} 0444`]);
        assert.deepEqual(mounts("op-edge-edge"), ["/etc/groundwork/tls ro"]);
        assert.deepEqual(environment("op-edge-edge"), [
            "CERTIFICATE_FILE=/etc/groundwork/tls/certificate.pem",
            "CERTIFICATE_KEY_FILE=/etc/groundwork/tls/key.pem",
            `CERTIFICATE_NAMES=${domain} b.example.org 127.0.0.1`,
        ]);
        assert.deepEqual(files("op-edge-certificate"), ["/etc/groundwork/certificate.pem 0444", "/run/secrets/tls-key.pem 0400"]);
        assert.deepEqual(inputs("op-edge-certificate").command, ["certificate", "install"]);
        assert.deepEqual(environment("op-edge-certificate", "environment"), [
            "CERTIFICATE_DIRECTORY=/etc/groundwork/tls",
            "CERTIFICATE_FILE=/etc/groundwork/certificate.pem",
            "CERTIFICATE_KEY_FILE=/run/secrets/tls-key.pem",
            `CERTIFICATE_NAMES=${domain} b.example.org 127.0.0.1`,
            "CERTIFICATE_SERVER=project-stack-op-edge:443",
        ]);
        const { dnsNames, ipAddresses } = inputs("op-edge-tls-request");
        assert.deepEqual({ dnsNames, ipAddresses }, { dnsNames: [domain, "b.example.org"], ipAddresses: ["127.0.0.1"] });
        assert.equal(await valueOf(component.url), `https://${domain}:8443`);
        assert.equal(await valueOf(component.caCertificate!), "op-edge-ca-certificate-pem\n");
        assert.equal(await pulumi.isSecret(component.caCertificate!), false);
    });

    describe("with a certificate of one's own", () => {
        let pair: Pair;
        before(() => (pair = selfSigned(`DNS:${domain}`)));

        it("keeps the key secret, though it came as plain text, and asks for no other certificate", async () => {
            const { edge: component, children } = await edge({ domain, tls: { provided: { ...pair, ca: pair.certificate } } });
            assert.deepEqual(children, ["Volume op-edge-tls", "Container op-edge-edge", "Job op-edge-certificate"]);
            assert.equal(content("op-edge-certificate", "/run/secrets/tls-key.pem"), pair.key);
            assert.ok(!readable(recording.requested).includes(pair.key.split("\n")[1]!), "the key is readable nowhere");
            assert.equal(await valueOf(component.caCertificate!), pair.certificate);
        });

        it("hands out no authority when it knows none", async () => {
            const { edge: component } = await edge({ domain, tls: { provided: pair } });
            assert.equal(component.caCertificate, undefined);
        });

        it("does not tell browsers to insist on a self-signed one, with or without its authority", async () => {
            for (const ca of [undefined, pair.certificate]) {
                recording = await record();
                await edge({ domain, tls: { provided: { ...pair, ca } } });
                assert.doesNotMatch(String(content("op-edge-edge", NGINX_FILE)), /Strict-Transport-Security/);
            }
        });
    });

    describe("with an ACME server", () => {
        const open = { domain, bindAddress: "0.0.0.0" };

        it("issues over http-01 once nginx is up, and renews", async () => {
            const { edge: component, children } = await edge({ ...open, tls: { http01: { email: "ops@example.org" } } });
            assert.deepEqual(children, [
                "Volume op-edge-certificates",
                "Volume op-edge-challenges",
                "Container op-edge-edge",
                "Job op-edge-certificate",
                "Container op-edge-renewal",
            ]);
            assert.deepEqual(mounts("op-edge-edge"), ["/etc/letsencrypt ro", "/var/www/acme ro"]);
            const job = recording.get("op-edge-certificate");
            assert.ok(job.dependsOn.includes("op-edge-edge"));
            assert.deepEqual(job.inputs.command, ["certificate", "issue"]);
            assert.deepEqual(environment("op-edge-certificate", "environment"), [
                "ACME_CHALLENGE=http-01",
                "ACME_EMAIL=ops@example.org",
                `CERTIFICATE_NAMES=${domain}`,
                "CERTIFICATE_SERVER=project-stack-op-edge:443",
            ]);
            const renewal = recording.get("op-edge-renewal");
            assert.ok(renewal.dependsOn.includes("op-edge-certificate"));
            assert.deepEqual(renewal.inputs.command, ["certificate", "schedule"]);
            assert.equal(renewal.inputs.stopSignal, "SIGTERM");
            const { tests, interval, timeout, retries } = renewal.inputs.healthcheck as Record<string, unknown>;
            assert.deepEqual([tests, interval, timeout, retries], [["CMD", "certificate", "health"], "5s", "6m0s", 1]);
            assert.deepEqual(mounts("op-edge-renewal"), ["/etc/letsencrypt", "/var/www/acme"]);
            assert.equal(await valueOf(component.url), `https://${domain}`);
            assert.equal(component.caCertificate, undefined);
        });

        it("protects certificates, which authorities ration, and nothing else; or not, if told so", async () => {
            await edge({ ...open, tls: { http01: { noEmail: true } } });
            const guarded = recording.requested.filter(({ protect, retainOnDelete }) => protect || retainOnDelete).map(({ name }) => name);
            assert.deepEqual(guarded, ["op-edge-certificates"]);
            recording = await record();
            await edge({ ...open, tls: { http01: { noEmail: true } } }, { dataProtection: false });
            assert.deepEqual(
                recording.requested.filter(({ protect, retainOnDelete }) => protect || retainOnDelete),
                [],
            );
        });

        it("hands the zone's key to certbot alone, as a secret", async () => {
            const google = { zone: "example.org", credentials: "the-zone-key" };
            await edge({ domain, tls: { dns01: { noEmail: true, google } } });
            assert.deepEqual(files("op-edge-certificate"), ["/run/secrets/dns-credentials.json 0400"]);
            assert.deepEqual(files("op-edge-renewal"), ["/run/secrets/dns-credentials.json 0400"]);
            assert.deepEqual(files("op-edge-edge"), [`${NGINX_FILE} 0444`]);
            assert.ok(!readable(recording.requested).includes("the-zone-key"));
        });

        it("says what to run when it goes by hand, lets the proxy write, and renews nothing", async () => {
            const { edge: component, children } = await edge({ domain, tls: { manualDns: { noEmail: true } } });
            assert.deepEqual(children, ["Volume op-edge-certificates", "Volume op-edge-challenges", "Container op-edge-edge"]);
            assert.deepEqual(mounts("op-edge-edge"), ["/etc/letsencrypt", "/var/www/acme ro"]);
            assert.equal(
                await valueOf(component.certificateCommand!),
                "docker exec -it project-stack-op-edge certbot certonly --manual --preferred-challenges dns --agree-tos " +
                    "--register-unsafely-without-email --cert-name a.example.org -d a.example.org",
            );
        });
    });

    it("refuses broken settings in one message", () => {
        const make = () => new Edge("op-edge", { network: "n", upstream: { host: "web", port: 80 }, tls: { devCa: {} }, maxBodySizeMb: 0 });
        assert.throws(make, (problem: Error) => {
            assert.ok(pulumi.RunError.isInstance(problem));
            assert.match(
                problem.message,
                /^2 problems in the configuration; nothing was changed:\n {2}op-edge\.maxBodySizeMb: .*\n {2}op-edge\.domain: .*$/,
            );
            return true;
        });
    });

    function mounts(name: string): string[] {
        return (inputs(name).volumes as { containerPath: string; readOnly: boolean }[]).map(
            (mount) => mount.containerPath + (mount.readOnly ? " ro" : ""),
        );
    }
});

/** The value behind a secret. */
function plain(value: unknown): unknown {
    return value !== null && typeof value === "object" && "secret" in value ? value.secret : value;
}

/** What a reader of the plan sees: everything but secrets. */
function readable(value: unknown): string {
    return JSON.stringify(value, (_key, inner: unknown) =>
        inner !== null && typeof inner === "object" && "secret" in inner ? "[secret]" : inner,
    );
}
