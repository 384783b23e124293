import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe as text } from "../../../components/problem";
import { SSH_OPTIONS } from "../../../components/workload";
import { checkHosts, connectionTo, Hosts, type DockerHostSettings } from "../../../stacks/hosts";
import { checkConfig } from "../../../stacks/rules";
import { record } from "../components/recorder";

const pem = "-----BEGIN CERTIFICATE-----\n";
const tls = { ca: pem, certificate: pem, key: "-----BEGIN PRIVATE KEY-----\n" };

function problems(docker: DockerHostSettings): string[] {
    return checkHosts({ plant: { docker } } as Parameters<typeof checkHosts>[0], []).map(text);
}

describe("hosts", () => {
    it("need an address that a Docker Engine can have", () => {
        for (const host of ["plant", "http://plant", "tcp://"]) {
            assert.deepEqual(problems({ host }), [
                `hosts.plant.docker.host: "${host}" is not the address of a Docker Engine: use ssh://user@host or tcp://host:2376`,
            ]);
        }
        for (const docker of [{}, { host: "ssh://me@plant" }, { host: "unix:///run/docker.sock" }, { host: "tcp://plant:2376", tls }]) {
            assert.deepEqual(problems(docker), []);
        }
    });

    it("need certificates on tcp, and only there", () => {
        assert.deepEqual(problems({ host: "tcp://plant:2376" }), [
            "hosts.plant.docker.tls: who reaches a Docker Engine is root on its host: give client certificates, or use ssh://",
        ]);
        assert.deepEqual(problems({ host: "ssh://plant", tls }), [
            "hosts.plant.docker.tls: certificates are for tcp:// only: set host to tcp://…, or remove tls",
        ]);
    });

    it("need whole certificates of one kind, which no message quotes", async () => {
        await record(); // an update
        assert.deepEqual(problems({ host: "tcp://plant", tls: { ca: "pem", certificate: pem } }), [
            "hosts.plant.docker.tls.ca: it is not an authority in PEM form: give the text that begins with -----BEGIN, or use directory",
            "hosts.plant.docker.tls.key: it is not a private key in PEM form: give the text that begins with -----BEGIN, or use directory",
        ]);
        assert.deepEqual(problems({ host: "tcp://plant", tls: { ...tls, directory: "certificates" } }), [
            "hosts.plant.docker.tls: directory and texts exclude each other: keep one kind",
        ]);
        assert.deepEqual(problems({ host: "tcp://plant", tls: { directory: "/nowhere" } }), [
            'hosts.plant.docker.tls.directory: there is no readable ca.pem, cert.pem, key.pem in "/nowhere": put ca.pem, cert.pem and key.pem there',
        ]);
    });

    it("are named where something is placed", () => {
        assert.deepEqual(checkHosts({ plant: {} }, [{ path: "openpectus.host", host: "mars" }]).map(text), [
            "hosts.plant: it says nothing about the host: give it a docker block; docker: {} is this machine",
            'openpectus.host: there is no host "mars": use default, plant, or add it to hosts',
        ]);
        assert.deepEqual(checkHosts({}, [{ path: "openpectus.host", host: "default" }]), []);
    });

    it("that are unknown lead to no advice about who reaches them", () => {
        const openpectus = { edge: { domain: "localhost", httpPort: 8080, httpsPort: 8443, tls: { devCa: {} } }, dataProtection: false };
        const engines = { far: { host: "mars" } };
        const found = checkConfig({ openpectus: { ...openpectus, engines } } as never).filter(({ level }) => level === "error");
        assert.deepEqual(found.map(text), ['openpectus.engines.far.host: there is no host "mars": use default, or add it to hosts']);
    });

    it("become one provider each when they are used, none for this machine, and keep the key secret", async () => {
        const directory = mkdtempSync(join(tmpdir(), "groundwork-hosts-"));
        for (const file of ["ca", "cert", "key"]) writeFileSync(join(directory, `${file}.pem`), file);
        const { requested } = await record();
        const hosts = new Hosts({
            default: { docker: {} },
            plant: { docker: { host: "tcp://plant:2376", tls: { directory } } },
            lab: { docker: { host: "ssh://me@lab" } },
            unused: { docker: { host: "ssh://me@unused" } },
        });
        assert.deepEqual([hosts.optionsFor(), hosts.optionsFor("default")], [{}, {}]);
        for (const name of ["plant", "plant", "lab"]) hosts.optionsFor(name);
        await pulumi.runtime.disconnect();
        rmSync(directory, { recursive: true });
        const providers = requested.filter(({ type }) => type.startsWith("pulumi:providers:"));
        assert.deepEqual(Object.fromEntries(providers.map(({ name, inputs }) => [name, inputs])), {
            "host-plant": { host: "tcp://plant:2376", caMaterial: "ca", certMaterial: "cert", keyMaterial: { secret: "key" } },
            "host-lab": { host: "ssh://me@lab", sshOpts: JSON.stringify(SSH_OPTIONS) },
        });
    });

    it("are previewed without certificates: the engine keeps those of the last update", async () => {
        const { requested } = await record({ preview: true });
        const block = { plant: { docker: { host: "tcp://plant:2376", tls: { directory: "/nowhere" } } } };
        assert.deepEqual(checkHosts(block, []), [
            {
                path: "hosts.plant.docker.tls.directory",
                problem: 'there is no readable ca.pem, cert.pem, key.pem in "/nowhere"',
                fix: "this preview takes the certificates of the last update for unchanged; an update needs the files",
                level: "warning",
            },
        ]);
        new Hosts(block).optionsFor("plant");
        await pulumi.runtime.disconnect();
        const { inputs, ignoreChanges } = requested.find(({ type }) => type === "pulumi:providers:docker")!;
        assert.deepEqual(inputs, { host: "tcp://plant:2376" });
        assert.deepEqual(ignoreChanges, ["caMaterial", "certMaterial", "keyMaterial"]);
    });

    it("leave in the state which machine each is, once", async () => {
        const { requested } = await record();
        const hosts = new Hosts({ lab: { docker: { host: "ssh://me@lab" } } }, { engineIds: new Map([["lab", "LAB1"]]) });
        for (const name of ["lab", "lab", undefined]) hosts.optionsFor(name);
        await pulumi.runtime.disconnect();
        const machines = requested.filter(({ type }) => type === "groundwork:index:DockerHost").map(({ name }) => name);
        assert.deepEqual(machines, ["host-lab", "host-default"]);
    });

    it("are reached as their settings say, and this machine's as the docker command does", () => {
        const before = { ...process.env };
        delete process.env.DOCKER_HOST;
        try {
            assert.deepEqual(connectionTo(), { host: "unix:///var/run/docker.sock" });
            assert.deepEqual(connectionTo({ host: "tcp://plant:2376", tls }), {
                host: "tcp://plant:2376",
                ca: tls.ca,
                cert: tls.certificate,
                key: tls.key,
            });
            process.env.DOCKER_HOST = "ssh://me@lab";
            assert.equal(connectionTo({}).host, "ssh://me@lab");
        } finally {
            process.env = before;
        }
    });
});
