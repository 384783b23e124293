import assert from "node:assert/strict";
import { rootCertificates } from "node:tls";
import type { EdgeAcme, EdgeSettings, EdgeTls } from "../../../../components/edge";
import { certbotEnvironment, isPublicTls, manualCommand, renewalSchedule, tlsMode } from "../../../../components/edge/certificate";
import { selfSigned } from "./certificates";

const domain = "a.example.org";
const noEmail = true;

describe("edge: certificates", () => {
    it("knows the mode by the block that is there", () => {
        const mode = (tls?: EdgeTls) => tlsMode(tls);
        assert.deepEqual([mode(), mode({}), mode({ devCa: undefined }), mode({ devCa: {} })], ["none", "none", "none", "devCa"]);
    });

    it("tells browsers to insist on HTTPS only on public names and the usual ports", () => {
        const provided = { certificate: rootCertificates[0]!, key: "k" };
        const cases: [EdgeSettings, boolean][] = [
            [{ tls: { http01: { noEmail } } }, true],
            [{ tls: { dns01: { noEmail, google: { zone: "example.org" } } } }, true],
            [{ tls: { manualDns: { noEmail } } }, true],
            [{ tls: { provided } }, true],
            [{ tls: { provided: { ...provided, ca: "a" } } }, false],
            [{ tls: { provided: selfSigned("DNS:a.example.org") } }, false],
            [{ tls: { provided: { certificate: "no certificate", key: "k" } } }, false],
            [{ tls: { devCa: {} } }, false],
            [{ tls: { http01: { noEmail, server: "https://acme.test/dir" } } }, false],
            [{ tls: { http01: { noEmail } }, httpsPort: 8443 }, false],
            [{ tls: { http01: { noEmail } }, httpPort: 8080 }, false],
            [{}, false],
        ];
        for (const [settings, expected] of cases) assert.equal(isPublicTls({ domain, ...settings }), expected, JSON.stringify(settings));
    });

    describe("certbot's variables", () => {
        const environment = (tls: EdgeTls) => certbotEnvironment({ domain, tls }, "edge:443");
        const always = { CERTIFICATE_NAMES: domain, CERTIFICATE_SERVER: "edge:443" };

        it("for http-01 against Let's Encrypt", () =>
            assert.deepEqual(environment({ http01: { email: "ops@example.org" } }), {
                ...always,
                ACME_CHALLENGE: "http-01",
                ACME_EMAIL: "ops@example.org",
            }));

        it("for http-01 against a server of one's own", () =>
            assert.deepEqual(environment({ http01: { noEmail, server: "https://acme.test/dir", serverCa: "PEM" } }), {
                ...always,
                ACME_CHALLENGE: "http-01",
                ACME_SERVER: "https://acme.test/dir",
                REQUESTS_CA_BUNDLE: "/etc/groundwork/acme-ca.pem",
            }));

        it("for dns-01 with the host's own service account, or a key of one", () => {
            const google = { zone: "example.org" };
            assert.deepEqual(environment({ dns01: { noEmail, google } }), { ...always, ACME_CHALLENGE: "dns-01" });
            assert.deepEqual(environment({ dns01: { noEmail, google: { ...google, credentials: "{}" } } }), {
                ...always,
                ACME_CHALLENGE: "dns-01",
                ACME_DNS_CREDENTIALS: "/run/secrets/dns-credentials.json",
            });
        });
    });

    it("renews twice a day, at a time that the domain decides", () => {
        assert.equal(renewalSchedule("a.example.org"), renewalSchedule("a.example.org"));
        for (const name of ["a.example.org", "b.example.org", "c.example.org"]) {
            const [minute, hours, ...rest] = renewalSchedule(name).split(" ");
            const [first, second] = hours!.split(",").map(Number);
            assert.ok(Number(minute) < 60 && first! < 12 && second === first! + 12, renewalSchedule(name));
            assert.deepEqual(rest, ["*", "*", "*"]);
        }
        assert.notEqual(renewalSchedule("a.example.org"), renewalSchedule("b.example.org"));
    });

    describe("by hand", () => {
        const command = (manualDns: EdgeAcme) => manualCommand({ domain, tls: { manualDns } });
        const start = "certbot certonly --manual --preferred-challenges dns --agree-tos";

        it("asks Let's Encrypt", () =>
            assert.equal(
                command({ email: "ops@example.org" }),
                `${start} --email ops@example.org --cert-name a.example.org -d a.example.org`,
            ));

        it("asks a server of one's own, and trusts it", () =>
            assert.equal(
                command({ noEmail, server: "https://acme.test/dir", serverCa: "PEM" }),
                `env REQUESTS_CA_BUNDLE=/etc/groundwork/acme-ca.pem ${start} --register-unsafely-without-email ` +
                    "--server https://acme.test/dir --cert-name a.example.org -d a.example.org",
            ));
    });
});
