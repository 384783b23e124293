import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import YAML from "yaml";
import { Stack } from "./harness";
import { type Block, Checkout } from "./support/checkout";
import type { Docker } from "./support/docker";
import { AggregatorClient } from "./support/open-pectus";
import type { Operation } from "./support/operation";
import { root, run } from "./support/process";
import { RemoteEngine } from "./support/remote-engine";
import { findSecrets } from "./support/scanner";
import { freePort, until } from "./support/wait";

const DOMAIN = "pectus.example.org";
const succeed = (operation: Operation) => assert.equal(operation.code, 0, operation.output);
/** Entries of the state alone. Pulumi hands the whole configuration to the provider of jobs, so it counts as changed, too. */
const newAddressOf = (host: string) => [`update pulumi:providers:docker host-${host}`, "update pulumi:providers:pulumi-nodejs default"];

describe("a Docker Engine on another machine", function () {
    this.bail(true); // each step builds on the one before

    let stack: Stack;
    let remote: RemoteEngine;

    before(async () => {
        stack = await Stack.create({ name: "remote" });
        mkdirSync(join(stack.directory, "machine"));
        remote = await RemoteEngine.start(join(stack.directory, "machine"));
    });
    after(async () => {
        await remote?.remove();
        await stack?.remove();
    });

    /** Only what a test cannot have is changed in the example of the production environment. */
    function production(serverCa: string) {
        const { config } = YAML.parse(readFileSync(join(root, "Pulumi.prod.yaml"), "utf8"));
        const { azure: _login, ...openpectus } = config["groundwork:openpectus"];
        const directory = (name: string) => join(stack.directory, name);
        return {
            "groundwork:hosts": { pectus: { docker: { host: remote.host, tls: { directory: remote.certificates } } } },
            "groundwork:openpectus": {
                ...openpectus,
                allowAnonymousAccess: true, // there is no login without Microsoft
                data: { hostPath: directory("data") },
                webPush: { ...openpectus.webPush, hostPath: directory("push") },
                backup: { ...openpectus.backup, directory: { hostPath: directory("backup") } },
                edge: { ...openpectus.edge, tls: { http01: { noEmail: true, server: "https://pebble:14000/dir", serverCa } } },
                engines: { "reactor-1": { host: "pectus" } },
            },
        };
    }

    describe("with Open Pectus as in Pulumi.prod.yaml", () => {
        let client: AggregatorClient;
        let authority: string;
        const pebble = () => `${stack.prefix}-pebble`;
        const aggregator = "openpectus-prd";

        it("refuses who has no certificate, and names the command when images are missing", async () => {
            await assert.rejects(run("docker", ["--host", remote.host, "version"]), /HTTP request to an HTTPS server/);
            await stack.configure(production(readFileSync(join(remote.certificates, "ca.pem"), "utf8")));
            const up = await stack.up();
            assert.notEqual(up.code, 0);
            assert.match(up.output, /image groundwork\/\S+ is not on the Docker Engine tcp:\/\/\S+: run `make images`/);
            assert.deepEqual((await remote.docker.objectsOf(stack)).container, []);
        });

        it("takes images over the Docker API", async () => {
            await run("make", ["--silent", "images", `HOST=${remote.host}`, `CERTIFICATES=${remote.certificates}`], { timeout: 600 });
            const pebbleImage = (await run("node", ["--import", "tsx", "tools/images", "build", "pebble"], { timeout: 600 })).trim();
            const flags = `--host ${remote.host} --tlsverify --tlscacert ca.pem --tlscert cert.pem --tlskey key.pem`;
            await run("bash", ["-c", `docker save ${pebbleImage} | docker ${flags} load`], { cwd: remote.certificates });
            await startAuthority(pebbleImage);
        });

        /** An ACME server on that machine. It finds the domain there, as the public one would. */
        async function startAuthority(image: string): Promise<void> {
            const names = ["--name", pebble(), "--add-host", `${DOMAIN}:${remote.address}`];
            await remote.docker.cli("run", "--detach", ...names, image);
            const ready = ["exec", pebble(), "curl", "-fsSk", "https://localhost:14000/dir"];
            await until("the ACME server", async () => (await remote.docker.tryCli(...ready)).code === 0);
        }

        /** Joins the ACME server to the network of the deployment as soon as there is one. */
        async function joinAuthority(): Promise<void> {
            const network = `${stack.prefix}-openpectus-network`;
            await until("the network", async () => (await remote.docker.tryCli("network", "inspect", network)).code === 0, 120);
            await remote.docker.cli("network", "connect", "--alias", "pebble", network, pebble());
        }

        it("is deployed with a certificate from an ACME server, into the directories of that machine", async () => {
            authority = await remote.docker.exec(pebble(), "cat", "/pebble/ca.pem");
            await stack.configure(production(authority));
            const [up] = await Promise.all([stack.up(), joinAuthority()]);
            succeed(up);
            const { openpectus } = (await stack.outputs()) as unknown as { openpectus: { url: string } };
            assert.equal(openpectus.url, `https://${DOMAIN}`);
            const ca = await remote.docker.exec(pebble(), "curl", "-fsSk", "https://localhost:15000/roots/0");
            client = new AggregatorClient(openpectus.url, ca, remote.address);
            await client.unitsIn("ready", ["reactor-1"]);
            assert.ok(readdirSync(join(stack.directory, "data")).includes("open_pectus_aggregator.sqlite3"));
            assert.deepEqual((await stack.docker.objectsOf(stack)).container, [], "nothing runs here");
        });

        it("changes nothing in a second update", async () => {
            const preview = await stack.preview("--diff");
            assert.equal(preview.changes, 0, preview.output);
            assert.equal((await stack.up()).changes, 0);
        });

        it("is previewed while that machine is off, without a certificate, and shows no change", async () => {
            await remote.stopDaemon();
            renameSync(remote.certificates, `${remote.certificates}-away`);
            try {
                const preview = await stack.preview("--diff");
                succeed(preview);
                assert.equal(preview.changes, 0, preview.output);
                assert.match(preview.output, /hosts\.pectus\.docker\.tls\.directory: there is no readable ca\.pem, cert\.pem, key\.pem/);
                const up = await stack.up();
                assert.notEqual(up.code, 0);
                assert.match(up.output, /nothing was changed:\n.*tls\.directory: there is no readable/);
            } finally {
                renameSync(`${remote.certificates}-away`, remote.certificates);
                await remote.startDaemon();
            }
            await client.unitsIn("ready", ["reactor-1"], 120);
            const update = await stack.up();
            succeed(update);
            assert.equal(update.changes, 0, "the certificates in the state are the ones of before");
        });

        describe("when its address changes", () => {
            const there = () =>
                remote.docker.objectsOf(stack).then(({ container }) => remote.docker.cli("inspect", "--format", "{{.Id}}", ...container));
            const at = async (docker: object) => stack.configure({ ...production(authority), "groundwork:hosts": { pectus: { docker } } });
            const id = (docker: Docker) => docker.cli("info", "--format", "{{.ID}}");
            after(async () => stack.configure(production(authority)));

            it("refuses another machine in preview and update, and says how to move in two steps", async () => {
                const before = await there();
                await at({ host: "unix:///var/run/docker.sock" });
                const [old, other] = [await id(remote.docker), await id(stack.docker)];
                for (const { code, output } of [await stack.preview(), await stack.up()]) {
                    assert.notEqual(code, 0, output);
                    assert.ok(
                        output.includes(`is another machine (${other}) than the one with everything that is deployed (${old})`),
                        output,
                    );
                    assert.ok(
                        output.includes(`then set hosts.pectus.docker.engineId: ${other} and run \`make up STACK=${stack.name}\``),
                        output,
                    );
                }
                assert.equal(await there(), before);
                assert.deepEqual((await stack.docker.objectsOf(stack)).container, [], "nothing runs here");
            });

            it("goes on with the same machine at another address, and replaces nothing", async () => {
                const before = await there();
                await at({ host: remote.otherHost, tls: { directory: remote.certificates } });
                const up = await stack.up();
                succeed(up);
                assert.deepEqual(up.steps.sort(), newAddressOf("pectus"));
                assert.equal(await there(), before);
                await stack.configure(production(authority));
                succeed(await stack.up());
            });
        });

        it("shows no secret anywhere on that machine", async () => {
            const subject = Object.assign(Object.create(stack), { docker: remote.docker }) as Stack;
            const { known, found } = await findSecrets(subject);
            assert.ok(known >= 4);
            assert.deepEqual(found, []);
        });

        it("is ready again after a restart of the daemon, with its data", async () => {
            const run = await client.makeRun("reactor-1");
            await remote.restart();
            await until("the aggregator", () => client.json("/version"), 120);
            await client.unitsIn("ready", ["reactor-1"], 120);
            assert.ok((await client.recentRuns()).some(({ run_id }) => run_id === run.run_id));
        });

        it("backs up into the directory when it is told to", async () => {
            const backup = `${stack.prefix}-openpectus-backup`;
            await remote.docker.exec(backup, "backup", "now");
            assert.ok(readdirSync(join(stack.directory, "backup")).length >= 1);
        });

        it("is not destroyed, because its data is protected and its engine guarded", async () => {
            const refused = await stack.destroy();
            assert.notEqual(refused.code, 0);
            assert.match((await remote.docker.inspect("container", aggregator)).State.Status, /running/);
        });

        after(async () => {
            // The authority stays on the network otherwise.
            await remote.docker.tryCli("rm", "--force", pebble());
        });
    });

    describe("with an engine there, and the aggregator here", () => {
        let away: Stack;

        before(async () => {
            const { container } = await remote.docker.objectsOf(stack);
            if (container.length) await remote.docker.cli("rm", "--force", ...container);
            away = await Stack.create({ name: "away" });
        });
        after(async () => away?.remove());

        it("connects through the edge, trusting its private authority", async () => {
            const httpsPort = await freePort();
            await away.configure({
                "groundwork:hosts": {
                    default: { docker: {} },
                    plant: { docker: { host: remote.host, tls: { directory: remote.certificates } } },
                },
                "groundwork:openpectus": {
                    dataProtection: false,
                    allowAnonymousAccess: true,
                    edge: {
                        domain: "localhost",
                        bindAddress: "0.0.0.0",
                        httpPort: await freePort(),
                        httpsPort,
                        tls: { devCa: { additionalNames: [remote.here] } },
                    },
                    engines: { "reactor-9": { host: "plant", dataProtection: false, aggregator: { host: remote.here, port: httpsPort } } },
                },
            });
            succeed(await away.up());
            const { openpectus } = (await away.outputs()) as unknown as { openpectus: { url: string; caCertificate: string } };
            await new AggregatorClient(openpectus.url, openpectus.caCertificate).unitsIn("ready", ["reactor-9"]);
            assert.equal((await remote.docker.objectsOf(away)).container.length, 1);
            assert.equal((await away.up()).changes, 0);
        });
    });

    describe("with a machine that is lost for good", () => {
        let checkout: Checkout;
        let edge: Block;
        const at = (docker: Block) =>
            checkout.configure({ hosts: { plant: { docker } }, openpectus: { host: "plant", dataProtection: false, edge } });
        const names = async (docker: Docker) => (await docker.objectsOf(checkout)).container;

        before(async () => {
            const { container } = await remote.docker.objectsOf(stack);
            if (container.length) await remote.docker.cli("rm", "--force", ...container);
            checkout = await Checkout.create("moved");
            edge = { domain: "localhost", httpPort: await freePort(), httpsPort: await freePort(), tls: { devCa: {} } };
        });
        after(async () => {
            await checkout?.remove();
            await remote.docker.removeObjectsOf(checkout);
        });

        it("is not mistaken for another one that Docker's own settings name", async () => {
            checkout.configure({ openpectus: { dataProtection: false, edge } });
            succeed(await checkout.up());
            const here = await names(checkout.docker);
            const elsewhere = `DOCKER_HOST=${remote.host} DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH='${remote.certificates}'`;
            for (const command of ["make up", "make up EMPTY_DATA=yes", "make down YES=yes", "make down FORCE_DATA=yes YES=yes"]) {
                const { code, stdout, stderr } = await checkout.run(`${elsewhere} ${command}`);
                assert.notEqual(code, 0, command);
                assert.match(
                    `${command}:\n${stdout}${stderr}`,
                    /is another machine \(\S+\) than the one with (everything that|what) is deployed/,
                );
            }
            assert.deepEqual(await names(checkout.docker), here);
            assert.equal((await checkout.up()).changes, 0);
            await checkout.make("down", { FORCE_DATA: "yes", YES: "yes" });
        });

        it("is left for the next one by `make up`, `make down` and `make up EMPTY_DATA=yes`", async () => {
            at({ host: remote.host, tls: { directory: remote.certificates } });
            succeed(await checkout.update());
            const there = await names(remote.docker);
            await remote.stopDaemon();
            const silent = await checkout.tryMake("down", { YES: "yes" });
            assert.match(silent.stderr, /host plant \(\S+\) does not answer/);
            const engineId = await checkout.docker.cli("info", "--format", "{{.ID}}");
            at({ host: "unix:///var/run/docker.sock", engineId });
            const moved = await checkout.up();
            assert.deepEqual(moved.steps.sort(), newAddressOf("plant"));
            assert.match(
                moved.output,
                /engineId: this update moves the address alone: .*: run `make down STACK=\S+` and `make up STACK=\S+` after it/,
            );
            assert.deepEqual(await names(checkout.docker), []);
            await checkout.make("down", { YES: "yes" });
            const again = await checkout.upWith({ EMPTY_DATA: "yes" });
            succeed(again);
            assert.doesNotMatch(again.output, /warning: hosts/);
            assert.deepEqual(await names(checkout.docker), there);
            assert.equal((await checkout.up()).changes, 0);
            await remote.startDaemon();
            assert.deepEqual(await names(remote.docker), there, "nobody stopped the old ones");
        });
    });
});
