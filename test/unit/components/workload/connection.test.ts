import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Provider } from "@pulumi/docker/provider";
import * as pulumi from "@pulumi/pulumi";
import { connectionOf, DEFAULT_HOST, type Connection } from "../../../../components/workload/docker/connection";
import { valueOf } from "../recorder";

const VARIABLES = ["DOCKER_HOST", "DOCKER_CERT_PATH"];

describe("workload: the engine that jobs and hooks speak to", () => {
    const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));

    beforeEach(async () => {
        for (const name of VARIABLES) delete process.env[name];
        await pulumi.runtime.setMocks({ call: ({ inputs }) => inputs, newResource: ({ name, inputs }) => ({ id: name, state: inputs }) });
    });
    afterEach(() => {
        pulumi.runtime.setAllConfig({});
        for (const [name, value] of Object.entries(before)) {
            delete process.env[name];
            if (value !== undefined) process.env[name] = value;
        }
    });

    const connection = (provider?: pulumi.ProviderResource): Promise<Connection> => valueOf(connectionOf(provider));

    it("is that of the provider that the component was given", async () => {
        const provider = new Provider("plant", { host: "tcp://plant:2376", caMaterial: "CA", certMaterial: "C", keyMaterial: "K" });
        assert.deepEqual(await connection(provider), { host: "tcp://plant:2376", ca: "CA", cert: "C", key: "K" });
        assert.equal(await pulumi.isSecret(connectionOf(provider)), true, "the key does not go into the state of a job in plain");
    });

    it("is asked of the engine where the component only has a reference, as in a package", async () => {
        const provider = new Provider("plant", { host: "tcp://plant:2376", caMaterial: "CA", certMaterial: "C", keyMaterial: "K" });
        const reference = new pulumi.DependencyProviderResource(`${await valueOf(provider.urn)}::plant`);
        assert.deepEqual(await connection(reference), { host: "tcp://plant:2376", ca: "CA", cert: "C", key: "K" });
        assert.equal(await pulumi.isSecret(connectionOf(reference)), true);
    });

    it("is never this machine's when the given provider is not known", async () => {
        const reference = new pulumi.DependencyProviderResource("urn:pulumi:s::p::pulumi:providers:docker::gone::id");
        await assert.rejects(connection(reference));
    });

    it("is that of the stack's own docker configuration", async () => {
        pulumi.runtime.setAllConfig({ "docker:host": "ssh://me@plant" });
        assert.equal((await connection()).host, "ssh://me@plant");
    });

    it("is that of the docker command line, with its certificates, and else this machine's", async () => {
        assert.equal((await connection()).host, DEFAULT_HOST);
        const directory = mkdtempSync(join(tmpdir(), "groundwork-"));
        try {
            for (const file of ["ca", "cert", "key"]) writeFileSync(join(directory, `${file}.pem`), file);
            process.env.DOCKER_HOST = "tcp://plant:2376";
            process.env.DOCKER_CERT_PATH = directory;
            assert.deepEqual(await connection(), { host: "tcp://plant:2376", ca: "ca", cert: "cert", key: "key" });
        } finally {
            rmSync(directory, { recursive: true });
        }
    });
});
