import * as assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as certificates from "../../../../components/credentials/certificates";
import { recordOptions, recordResources, valueOf, type Requested } from "./recorder";

const KEY = "tls:index/privateKey:PrivateKey";
const REQUEST = "tls:index/certRequest:CertRequest";
const SELF_SIGNED = "tls:index/selfSignedCert:SelfSignedCert";
const SIGNED = "tls:index/locallySignedCert:LocallySignedCert";
const PROTECTED = { protect: true, retainOnDelete: true };

describe("certificates", () => {
    let requested: Requested[];

    beforeEach(async () => {
        requested = await recordResources();
    });

    describe("certificateAuthority", () => {
        it("is a key and a certificate that can sign, valid for ten years and renewed in the last", async () => {
            const authority = certificates.certificateAuthority("ca", { commonName: "Dev CA" });
            const privateKeyPem = await valueOf(authority.privateKeyPem);
            await valueOf(authority.certificatePem);
            assert.deepEqual(requested, [
                { type: KEY, name: "ca-key", inputs: { algorithm: "ECDSA", ecdsaCurve: "P256" } },
                {
                    type: SELF_SIGNED,
                    name: "ca-certificate",
                    inputs: {
                        privateKeyPem: { secret: privateKeyPem },
                        subject: { commonName: "Dev CA", organization: "Groundwork private certificate authority" },
                        isCaCertificate: true,
                        setSubjectKeyId: true,
                        allowedUses: ["cert_signing", "crl_signing"],
                        validityPeriodHours: 87600,
                        earlyRenewalHours: 8760,
                    },
                },
            ]);
        });

        it("keeps its key secret, in PKCS#8, and its certificate readable", async () => {
            const { privateKeyPem, certificatePem } = certificates.certificateAuthority("ca");
            assert.match(await valueOf(privateKeyPem), /^-----BEGIN PRIVATE KEY-----\n/);
            assert.deepEqual([await pulumi.isSecret(privateKeyPem), await pulumi.isSecret(certificatePem)], [true, false]);
        });

        it("protects its key and never its certificate, which could not be renewed; rotation counts for the key", async () => {
            const { opts, seen } = recordOptions(PROTECTED);
            await valueOf(certificates.certificateAuthority("ca", { rotation: "2" }, opts).certificatePem);
            assert.deepEqual([seen["ca-key"].protect, seen["ca-key"].retainOnDelete], [true, true]);
            assert.deepEqual([seen["ca-certificate"].protect, seen["ca-certificate"].retainOnDelete], [false, false]);
            assert.deepEqual([seen["ca-key"].replacementTrigger, seen["ca-certificate"].replacementTrigger], ["2", undefined]);
        });
    });

    describe("certificate", () => {
        const authority: certificates.CertificateAuthority = {
            certificatePem: pulumi.output("authority\n"),
            privateKeyPem: pulumi.secret("authority key"),
        };

        it("for a server: key, request with its names, signature; valid for a year and renewed in the last 90 days", async () => {
            const server = certificates.certificate("edge", { authority, dnsNames: ["a.example.org"], ipAddresses: ["10.0.0.1"] });
            const privateKeyPem = await valueOf(server.privateKeyPem);
            await valueOf(server.certificatePem);
            assert.deepEqual(requested, [
                { type: KEY, name: "edge-key", inputs: { algorithm: "ECDSA", ecdsaCurve: "P256" } },
                {
                    type: REQUEST,
                    name: "edge-request",
                    inputs: {
                        privateKeyPem: { secret: privateKeyPem },
                        subject: { commonName: "edge" },
                        dnsNames: ["a.example.org"],
                        ipAddresses: ["10.0.0.1"],
                    },
                },
                {
                    type: SIGNED,
                    name: "edge-certificate",
                    inputs: {
                        certRequestPem: "request of edge-request",
                        caPrivateKeyPem: { secret: "authority key" },
                        caCertPem: "authority\n",
                        setSubjectKeyId: true,
                        allowedUses: ["digital_signature", "server_auth"],
                        validityPeriodHours: 8760,
                        earlyRenewalHours: 2160,
                    },
                },
            ]);
        });

        it("for a client: needs no host name, and cannot pass for a server", async () => {
            await valueOf(certificates.certificate("deployer", { authority, commonName: "ci", usages: ["client"] }).certificatePem);
            assert.deepEqual(Object.keys(requested[1].inputs).sort(), ["privateKeyPem", "subject"]);
            assert.deepEqual(requested[1].inputs.subject, { commonName: "ci" });
            assert.deepEqual(requested[2].inputs.allowedUses, ["digital_signature", "client_auth"]);
        });

        it("with an RSA key where the software wants one", async () => {
            const args = { authority, dnsNames: ["flow.api"], rsaBits: 2048, usages: ["server", "client"] as const };
            const flowapi = certificates.certificate("flowapi", { ...args, usages: [...args.usages] });
            assert.equal(createPrivateKey(await valueOf(flowapi.privateKeyPem)).asymmetricKeyType, "rsa");
            await valueOf(flowapi.certificatePem);
            assert.deepEqual(requested[0].inputs, { algorithm: "RSA", rsaBits: 2048 });
            assert.deepEqual(requested[2].inputs.allowedUses, ["digital_signature", "key_encipherment", "server_auth", "client_auth"]);
        });

        it("comes alone, with its authority behind it, and with its authority apart; only the key is secret", async () => {
            const server = certificates.certificate("edge", { authority, dnsNames: ["a.example.org"] });
            const alone = "-----BEGIN CERTIFICATE-----\nedge-certificate\n-----END CERTIFICATE-----\n";
            assert.equal(await valueOf(server.certificatePem), alone);
            assert.equal(await valueOf(server.chainPem), `${alone}authority\n`);
            assert.equal(await valueOf(server.authorityPem), "authority\n");
            assert.match(await valueOf(server.privateKeyPem), /^-----BEGIN PRIVATE KEY-----\n/);
            const { certificatePem, chainPem, authorityPem, privateKeyPem } = server;
            const secrets = await Promise.all([certificatePem, chainPem, authorityPem, privateKeyPem].map(pulumi.isSecret));
            assert.deepEqual(secrets, [false, false, false, true]);
        });

        it("protects its key and never what is made from it; rotation counts for the key", async () => {
            const { opts, seen } = recordOptions(PROTECTED);
            await valueOf(certificates.certificate("edge", { authority, dnsNames: ["a"], rotation: "2" }, opts).certificatePem);
            assert.deepEqual(
                ["edge-key", "edge-request", "edge-certificate"].map((name) => [seen[name].protect, seen[name].retainOnDelete]),
                [
                    [true, true],
                    [false, false],
                    [false, false],
                ],
            );
            assert.equal(seen["edge-key"].replacementTrigger, "2");
        });

        it("refuses a server without a name", () => {
            const message = /^Error: certificate "edge": a server has no name .*: set dnsNames or ipAddresses$/;
            assert.throws(() => certificates.certificate("edge", { authority, dnsNames: [] }), message);
        });

        it("refuses a weak RSA key", () => {
            assert.throws(
                () => certificates.certificate("edge", { authority, dnsNames: ["a"], rsaBits: 1024 }),
                /too weak: use 2048 or more$/,
            );
        });
    });
});
