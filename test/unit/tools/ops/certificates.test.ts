import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
    commandOf,
    firstCertificate,
    judge,
    renewalOf,
    renewalsDue,
    servesTls,
    type Renewal,
    type Served,
} from "../../../../tools/ops/certificates";
import type { Resource } from "../../../../tools/ops/state";
import { selfSigned } from "../../components/edge/certificates";

const DAY = 24 * 3600 * 1000;
const later = (days: number) => new Date(Date.now() + days * DAY);
const resource = (type: string, name: string, more: Partial<Resource> = {}): Resource => ({
    urn: `urn:pulumi:s::p::${type}::${name}`,
    type: `a:index/b:${type}`,
    ...more,
});

describe("certificates of an environment", () => {
    const year = selfSigned("DNS:a.example.org,IP:10.0.0.1").certificate;
    const week = selfSigned("DNS:a.example.org", 6).certificate;

    const verdict = (renewal: Renewal, days: number, certificate: string | undefined = year, stack = "dev") => {
        const served: Served = {
            system: "openpectus",
            component: "openpectus-edge",
            container: "groundwork-dev-openpectus-edge",
            renewal,
            certificate: new X509Certificate(certificate),
        };
        const finding = judge(served, later(days), commandOf(stack));
        return finding && `${finding.level}: ${finding.text}`;
    };
    const names = "openpectus.edge: the certificate for a.example.org, 10.0.0.1";

    it("are well while they have a month", () => {
        for (const renewal of ["acme", "devCa", "manualDns", "provided"] as const) assert.equal(verdict(renewal, 330), undefined);
    });

    it("are a warning in the last month, except for those that renew themselves", () => {
        assert.equal(verdict("acme", 340), undefined);
        assert.equal(verdict("devCa", 340), `warning: ${names} expires in 24 days: run \`make up\``);
        assert.equal(
            verdict("provided", 340),
            `warning: ${names} expires in 24 days: give a new one in openpectus.edge.tls.provided and run \`make up\``,
        );
    });

    it("are an error when they have nearly or quite expired, with what to do in this environment", () => {
        assert.equal(
            verdict("acme", 352, year, "prod"),
            `error: ${names} expires in 12 days: ` +
                "`make logs STACK=prod ROLE=groundwork-dev-openpectus-edge-renewal` says why it was not renewed",
        );
        assert.equal(verdict("devCa", 364.5), `error: ${names} expires within a day: run \`make up\``);
        assert.equal(verdict("devCa", 366), `error: ${names} has expired: run \`make up\``);
        assert.equal(
            verdict("manualDns", 366, year, "prod"),
            `error: ${names} has expired: run what \`make outputs STACK=prod NAME=openpectus.certificateCommand\` prints`,
        );
    });

    it("may be meant for days only", () => {
        assert.equal(verdict("acme", 4, week), undefined);
        assert.match(verdict("acme", 5, week)!, /^error: .* expires within a day/);
    });

    it("are an error when there is none", () => {
        const served = { system: "op", component: "op-edge", container: "c", renewal: "acme" } as const;
        assert.deepEqual(judge(served, new Date(), commandOf("dev")), {
            level: "error",
            text: "op.edge: c shows no certificate: look at `make logs ROLE=c`",
        });
    });

    it("are asked of proxies that run and publish 443", () => {
        const proxy = (role: string, State: string, PublicPort?: number) =>
            servesTls({ role, info: { State, Ports: [{ PrivatePort: 443, PublicPort }] } } as never);
        assert.deepEqual(
            [proxy("edge", "running", 8443), proxy("edge", "running"), proxy("edge", "exited", 8443), proxy("web", "running", 8443)],
            [true, false, false, false],
        );
    });

    it("come out of what `openssl s_client` prints", () => {
        assert.equal(firstCertificate(`CONNECTED\n${week}${year}---\n`)?.raw.equals(new X509Certificate(week).raw), true);
        assert.equal(firstCertificate("connect:errno=111"), undefined);
    });

    it("are renewed by what stands beside them in the state", () => {
        const of = (...resources: Resource[]) => renewalOf("op-edge", resources);
        assert.equal(of(resource("Volume", "op-edge-certificates"), resource("Container", "op-edge-renewal")), "acme");
        assert.equal(of(resource("LocallySignedCert", "op-edge-tls-certificate")), "devCa");
        assert.equal(of(resource("Volume", "op-edge-certificates")), "manualDns");
        assert.equal(of(resource("Container", "other-edge-renewal")), "provided");
    });

    describe("that an update renews", () => {
        const parent = "urn:pulumi:s::p::groundwork:index:OpenPectus$groundwork:index:Edge::openpectus-edge";
        const outputs = { certPem: year, validityEndTime: later(364.9).toISOString() };
        const leaf = resource("LocallySignedCert", "openpectus-edge-tls-certificate", { parent, outputs });
        const authority = resource("SelfSignedCert", "openpectus-edge-ca-certificate", { parent, outputs });

        it("are announced a month ahead", () => {
            assert.deepEqual(renewalsDue([leaf, resource("Container", "x")], later(330)), []);
            assert.deepEqual(renewalsDue([leaf], later(340)), [`${names} expires in 24 days: the next update renews it, so do not wait`]);
            assert.deepEqual(renewalsDue([leaf], later(366)), [`${names} has expired: the next update renews it, so do not wait`]);
        });

        it("are announced a year ahead when clients must import a new authority", () => {
            assert.deepEqual(renewalsDue([authority], later(-10)), []);
            assert.deepEqual(renewalsDue([authority], later(100)), [
                "openpectus.edge: its certificate authority expires in 264 days: " +
                    "the next update renews it, and clients must then import the new one",
            ]);
        });
    });
});
