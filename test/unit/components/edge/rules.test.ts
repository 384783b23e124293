import assert from "node:assert/strict";
import { checkClaims } from "../../../../components/claims";
import { checkEdge, edgeClaims, type EdgeSettings } from "../../../../components/edge";
import { describe as inWords } from "../../../../components/problem";
import { authority, selfSigned, signedBy, type Pair } from "./certificates";

const DAY = 24 * 3600 * 1000;

function messages(settings: EdgeSettings, now?: Date): string[] {
    return checkEdge(settings, "op.edge", now).map((problem) => `${problem.level} ${inWords(problem)}`);
}

describe("edge: rules", () => {
    it("accepts nothing at all, and every mode in its plainest form", () => {
        const email = "ops@example.org";
        const open = { domain: "pectus.example.org", bindAddress: "0.0.0.0" };
        assert.deepEqual(messages({}), []);
        assert.deepEqual(messages({ tls: {} }), []);
        assert.deepEqual(messages({ domain: "localhost", tls: { devCa: {} }, httpPort: 8080, httpsPort: 8443 }), []);
        assert.deepEqual(messages({ ...open, tls: { http01: { email } } }), []);
        assert.deepEqual(messages({ ...open, tls: { dns01: { noEmail: true, google: { zone: "example.org." } } } }), []);
    });

    describe("address", () => {
        const cases: [EdgeSettings, string][] = [
            [
                { bindAddress: "localhost" },
                'error op.edge.bindAddress: "localhost" is not an IP address: give an address of the host, or 0.0.0.0 for all',
            ],
            [{ httpPort: 0 }, "error op.edge.httpPort: 0 is not a port: give a whole number from 1 to 65535"],
            [{ httpsPort: 70000 }, "error op.edge.httpsPort: 70000 is not a port: give a whole number from 1 to 65535"],
            [
                { domain: "a.example.org", tls: { devCa: {} }, httpPort: 443 },
                "error op.edge.httpsPort: port 443 is taken by op.edge.httpPort: choose two different ports",
            ],
        ];
        for (const [settings, message] of cases) it(message, () => assert.deepEqual(messages(settings), [message]));

        it("claims the HTTPS port only with TLS", () => {
            const claims = (settings: EdgeSettings) =>
                edgeClaims(settings, "op.edge", "default").map(({ path, value }) => `${path} ${value}`);
            assert.deepEqual(claims({}), ["op.edge.httpPort 80"]);
            assert.deepEqual(claims({ tls: { devCa: {} } }), ["op.edge.httpPort 80", "op.edge.httpsPort 443"]);
        });

        it("clashes with another edge on the same host, also over 0.0.0.0", () => {
            const one = edgeClaims({ bindAddress: "0.0.0.0" }, "a.edge", "default");
            const two = edgeClaims({ bindAddress: "10.0.0.1" }, "b.edge", "default");
            assert.deepEqual(checkClaims([...one, ...two]).map(inWords), [
                'b.edge.httpPort: port 80 on host "default" is already used by a.edge.httpPort: choose another port',
            ]);
        });
    });

    describe("limits", () => {
        const cases: [EdgeSettings, string][] = [
            [
                { readTimeoutSeconds: 60 },
                "error op.edge.readTimeoutSeconds: 60 would cut quiet WebSockets: give whole seconds, at least 3600; 86400 is the default",
            ],
            [{ maxBodySizeMb: 0 }, "error op.edge.maxBodySizeMb: 0 is not a size: give whole MiB, at least 1"],
        ];
        for (const [settings, message] of cases) it(message, () => assert.deepEqual(messages(settings), [message]));
    });

    describe("TLS", () => {
        const domain = "a.example.org";
        const noEmail = true;
        const dns = (zone: string): EdgeSettings => ({ domain, tls: { dns01: { noEmail, google: { zone } } } });
        const cases: [EdgeSettings, ...string[]][] = [
            [
                { tls: { devCa: {} } },
                "error op.edge.domain: TLS is on, but a certificate needs a name: set the domain, or remove the tls block",
            ],
            [
                { domain: "https://a.example.org/" },
                'error op.edge.domain: "https://a.example.org/" is not a domain name: give the name alone, without scheme, port and path',
            ],
            [
                { domain, tls: { devCa: {}, http01: { noEmail } } },
                "error op.edge.tls: devCa and http01 exclude each other: keep one of them",
            ],
            [
                { domain, tls: { devCa: { additionalNames: ["not a name"] } } },
                'error op.edge.tls.devCa.additionalNames: "not a name" is neither a DNS name nor an IP address: correct or remove it',
            ],
            [
                { domain, bindAddress: "0.0.0.0", tls: { http01: {} } },
                "error op.edge.tls.http01.email: the authority has nobody to warn: set email, or noEmail: true to do without",
            ],
            [
                { domain, bindAddress: "0.0.0.0", tls: { http01: { noEmail, email: "ops@example.org" } } },
                "error op.edge.tls.http01.noEmail: email and noEmail exclude each other: remove one of them",
            ],
            [
                { domain, bindAddress: "0.0.0.0", tls: { http01: { email: "ops" } } },
                'error op.edge.tls.http01.email: "ops" is not an e-mail address: correct it',
            ],
            [
                { domain, bindAddress: "0.0.0.0", tls: { http01: { noEmail, server: "http://acme.test/dir", serverCa: "x" } } },
                'error op.edge.tls.http01.server: "http://acme.test/dir" is not an https URL: give the directory URL of the ACME server',
                "error op.edge.tls.http01.serverCa: it is not the ACME server's authority in PEM form: " +
                    "give the text that begins with -----BEGIN CERTIFICATE-----",
            ],
            [
                { domain: "localhost", bindAddress: "0.0.0.0", tls: { http01: { noEmail } } },
                'error op.edge.domain: no ACME server issues a certificate for "localhost": use a full domain name, or tls.devCa',
            ],
            [
                { domain, httpPort: 8080, tls: { http01: { noEmail } } },
                "error op.edge.httpPort: http-01 challenges arrive on port 80, not 8080: set httpPort: 80, or use tls.dns01",
                "error op.edge.bindAddress: the ACME server cannot reach 127.0.0.1: " +
                    'set bindAddress: "0.0.0.0" and let port 80 through the firewall, or use tls.dns01',
            ],
            [
                { domain, httpPort: 8080, bindAddress: "10.0.0.1", tls: { http01: { noEmail, server: "https://acme.test/dir" } } },
                "warning op.edge.httpPort: http-01 challenges arrive on port 80, not 8080: set httpPort: 80, or use tls.dns01",
            ],
            [
                dns("b.example.org"),
                "error op.edge.tls.dns01.google.zone: a.example.org lies outside of the zone b.example.org: give the zone that the domain is in",
            ],
            [dns("my zone"), 'error op.edge.tls.dns01.google.zone: "my zone" is not a DNS name: give the DNS name of the managed zone'],
            [
                { domain, tls: { manualDns: { noEmail } } },
                "warning op.edge.tls.manualDns: a certificate over DNS by hand cannot renew itself: " +
                    "run the output certificateCommand now and again before the 90 days are over, or use tls.dns01",
            ],
        ];
        for (const [settings, ...expected] of cases) it(expected.join("\n"), () => assert.deepEqual(messages(settings), expected));
    });

    describe("a certificate of one's own", () => {
        let pair: Pair;
        let other: Pair;
        const provided = (block: Partial<Pair & { ca: string }>, domain = "a.example.org"): EdgeSettings => ({
            domain,
            tls: { provided: { ...pair, ca: pair.certificate, ...block } },
        });

        before(() => {
            pair = selfSigned("DNS:a.example.org,IP:10.0.0.1");
            other = selfSigned("DNS:b.example.org");
        });

        it("is accepted for its names and addresses, with an authority", () => {
            assert.deepEqual(messages(provided({ ca: other.certificate })), []);
            assert.deepEqual(messages(provided({}, "10.0.0.1")), []);
        });

        it("must belong to its key, and no message quotes a key", () => {
            assert.deepEqual(messages(provided({ key: other.key })), [
                "error op.edge.tls.provided.key: it does not belong to the certificate: give the key that the certificate was made with",
            ]);
            assert.deepEqual(messages(provided({ key: "hunter2" })), [
                "error op.edge.tls.provided.key: it is not a private key (without a passphrase) in PEM form: give the key of the certificate",
            ]);
        });

        it("must cover the domain", () => {
            assert.deepEqual(messages(provided({}, "c.example.org")), [
                "error op.edge.tls.provided.certificate: it does not cover c.example.org, only DNS:a.example.org, IP Address:10.0.0.1: " +
                    "give one for the domain",
            ]);
        });

        it("must be valid now, and warns thirty days before it is not", () => {
            const after = (days: number) =>
                messages(provided({}), new Date(Date.now() + days * DAY)).map((message) => message.replace(/\d{4}-.*Z/, "DATE"));
            const path = "op.edge.tls.provided.certificate";
            assert.deepEqual(after(-1), [`error ${path}: it is not valid before DATE: check the clock, or wait`]);
            assert.deepEqual(after(334), []);
            assert.deepEqual(after(345), [`warning ${path}: it expires in 19 days: give a new one soon`]);
            assert.deepEqual(after(366), [`error ${path}: it expired on DATE: give a current one`]);
        });

        it("warns when clients would have to be told to trust it, and are not", () => {
            const path = "op.edge.tls.provided.certificate";
            const fix =
                "set op.edge.tls.provided.ca to the certificate of its authority (its own, if it is self-signed), " +
                "or give one from a public authority";
            assert.deepEqual(messages(provided({ ca: undefined })), [
                `warning ${path}: it is self-signed, so clients refuse it unless they are told: ${fix}`,
            ]);
            assert.deepEqual(messages(provided({ ...signedBy(authority("Plant")), ca: undefined })), [
                `warning ${path}: no public authority has signed it, or its intermediates are missing, ` +
                    `so clients refuse it unless they are told: ${fix}`,
            ]);
        });

        it("warns when an authority behind it, or the one that clients get, is about to expire", () => {
            const after = (days: number, block: Partial<Pair & { ca: string }>) =>
                messages(provided({ ...block }), new Date(Date.now() + days * DAY));
            const brief = selfSigned("DNS:authority", 40).certificate;
            const chain = { certificate: pair.certificate + brief };
            assert.deepEqual(after(5, { ...chain, ca: brief }), []);
            assert.deepEqual(after(15, chain), [
                'warning op.edge.tls.provided.certificate: the authority "CN=test" expires in 24 days: give its successor soon',
            ]);
            assert.deepEqual(after(45, { ca: brief }), [
                'warning op.edge.tls.provided.ca: the authority "CN=test" has expired: give its successor soon',
            ]);
        });

        it("must be PEM, as must its authority", () => {
            const fix = "give the text that begins with -----BEGIN CERTIFICATE-----";
            assert.deepEqual(messages(provided({ certificate: "x", ca: "y" })), [
                `error op.edge.tls.provided.certificate: it is not a certificate in PEM form: ${fix}`,
                `error op.edge.tls.provided.ca: it is not a certificate authority in PEM form: ${fix}`,
            ]);
        });
    });
});
