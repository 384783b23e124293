import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import YAML from "yaml";
import { lockedImage } from "../../components/images";
import { type Block, Checkout } from "./support/checkout";
import { twoEngines } from "./support/open-pectus";
import type { Operation } from "./support/operation";
import { freePort } from "./support/wait";

const NO_IMAGE = "registry.invalid/lab/edge:1.0-000000000000";
/** Logical names of the volumes. */
const KEPT = ["backup-backups", "data", "edge-tls", "reactor-1-archive", "web-push-keys"].map((name) => `openpectus-${name}`);
const succeed = (operation: Operation) => assert.equal(operation.code, 0, operation.output);

/** A program that is not Docker's, on a port of this machine. */
async function listener(): Promise<{ port: number; server: Server }> {
    const [port, server] = [await freePort(), createServer()];
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return { port, server };
}

describe("what is looked at before anything is changed", function () {
    this.bail(true); // each step builds on the one before

    let checkout: Checkout;
    let configuration: { hosts: Block; openpectus: Block & { edge: Block } };
    let taken: { port: number; server: Server };

    before(async () => {
        checkout = await Checkout.create("preflight");
        taken = await listener();
        const { hosts, openpectus } = await twoEngines({ dataProtection: false });
        const engines = { "reactor-1": { dataProtection: false } };
        configuration = { hosts, openpectus: { ...openpectus, engines, backup: {} } };
    });
    after(async () => {
        taken?.server.close();
        await checkout?.remove();
    });

    const objects = () => checkout.docker.objectsOf(checkout);
    const containerIds = async () =>
        Promise.all((await objects()).container.map(async (name) => (await checkout.docker.inspect("container", name)).Id as string));

    /** Preview and update both print exactly these lines as errors, and nothing that runs has been touched. */
    async function refused(...lines: RegExp[]): Promise<void> {
        const before = [await containerIds(), await objects()];
        for (const verb of ["preview", "update"] as const) {
            const { code, output, seconds } = await checkout[verb]();
            assert.notEqual(code, 0, output);
            assert.ok(seconds < 20, `${verb} took ${seconds} s to refuse`);
            const report = output.split(/^Diagnostics:$/m)[1]!.split(/nothing was changed:$/m);
            assert.equal(report.length, 2, `${verb} prints one report: ${output}`);
            const problems = report[1]!.split("\n\n")[0]!.trim().split("\n");
            assert.equal(problems.length, lines.length, output);
            lines.forEach((line, index) => assert.match(problems[index]!, line));
            assert.doesNotMatch(output, /^\s+at .*\(.*:\d+:\d+\)$/m, "a stack trace");
            assert.deepEqual([await containerIds(), await objects()], before, `${verb} touches nothing`);
        }
    }

    /** Port and image that nobody can have. */
    const impossible = () => ({
        ...configuration,
        openpectus: { ...configuration.openpectus, edge: { ...configuration.openpectus.edge, httpsPort: taken.port, image: NO_IMAGE } },
    });
    const reported = () => [
        new RegExp(`openpectus\\.edge\\.httpsPort: port ${taken.port} of host "default" is held by another program: .*another port`),
        /openpectus\.edge\.image: image registry\.invalid\S+ is not on the Docker Engine unix:\S+, and its registry does not hand it out \(.*\): correct the name/,
    ];

    it("a port of another program and an image that nobody has are one report, on an empty machine", async () => {
        checkout.configure(impossible());
        await refused(...reported());
        assert.deepEqual(await objects(), { container: [], network: [], volume: [] });
    });

    it("nothing stands in the way of a good configuration", async () => {
        checkout.configure(configuration);
        succeed(await checkout.update());
        const again = await checkout.update();
        assert.equal(again.changes, 0, again.output);
        const { deployment } = await checkout.state();
        const hosts = deployment.resources.filter(({ type }: { type: string }) => type === "groundwork:index:DockerHost");
        assert.deepEqual(
            hosts.map(({ outputs }: { outputs: object }) => outputs),
            [
                {
                    engineId: await checkout.docker.cli("info", "--format", "{{.ID}}"),
                    volumes: KEPT,
                },
            ],
        );
    });

    it("the same report protects what runs, ports of our own excepted", async () => {
        checkout.configure(impossible());
        await refused(...reported());
    });

    describe("a configuration that lost its blocks deletes nothing", () => {
        const file = (content: string) => writeFileSync(join(checkout.path, "Pulumi.dev.yaml"), content);
        const whole =
            /openpectus: it is deployed \(containers \S.*; volumes \S.*\), but the configuration has no such block, .*:remove: \[openpectus\]/;

        it("with a typing error in the namespace", async () => {
            const key = `${checkout.project.slice(0, -1)}:openpectus`;
            file(YAML.stringify({ config: { [`${checkout.project}:hosts`]: {}, [key]: configuration.openpectus } }));
            await refused(new RegExp(`${key}: nothing reads it.*: write ${checkout.project}:openpectus`), whole);
        });

        it("with a typing error in config", async () => {
            file(YAML.stringify({ configs: { [`${checkout.project}:openpectus`]: configuration.openpectus } }));
            await refused(/configs: Pulumi knows no such key, .*: write config:/, whole);
        });

        it("with the block at the left margin", async () => {
            file(YAML.stringify({ config: {}, [`${checkout.project}:openpectus`]: configuration.openpectus }));
            await refused(/:openpectus: it stands outside config, where nothing reads it: indent it/, whole);
        });

        it("with an empty file", async () => {
            file("");
            await refused(whole);
        });
    });

    describe("a change that would delete volumes", () => {
        const hosts = { hosts: { default: { docker: {} } } };
        const named = (names: string[]) => names.map((name) => `${checkout.prefix}-${name}`);
        const unused = (name: string) =>
            new RegExp(
                `^ *openpectus: this would delete volume ${named([name])[0]} with all data in it, because the configuration has no use for it`,
            );
        const toDirectory = () => ({
            ...configuration.openpectus,
            backup: { directory: { hostPath: join(checkout.directory, "backups") } },
        });

        it("is refused for another prefix, with all of them", async () => {
            checkout.configure({ ...configuration, prefix: "x" });
            const [all, list] = [named(KEPT).join(", volume "), named(KEPT).join(", ")];
            await refused(
                new RegExp(
                    `^ *prefix: this would delete volume ${all} with all data in it, because names begin with "x" instead of "${checkout.prefix}": ` +
                        `set prefix: ${checkout.prefix}; or move the data .*; or .* ${checkout.project}:remove: \\[${list}\\]$`,
                ),
            );
        });

        it("is refused for a directory of the host, and for an engine without its block", async () => {
            checkout.configure({ ...hosts, openpectus: toDirectory() });
            await refused(unused("openpectus-backup-backups"));
            checkout.configure({ ...hosts, openpectus: { ...configuration.openpectus, engines: {} } });
            await refused(unused("openpectus-reactor-1-archive"));
        });

        it("goes when the configuration names what shall go, and takes nothing else", async () => {
            const [gone] = named(["openpectus-backup-backups"]);
            const before = (await objects()).volume;
            checkout.configure({ ...hosts, openpectus: toDirectory(), remove: [gone] });
            succeed(await checkout.update());
            assert.deepEqual(
                (await objects()).volume,
                before.filter((name) => name !== gone),
            );
            const again = await checkout.update();
            assert.equal(again.changes, 0, again.output);
            assert.match(
                again.output,
                new RegExp(`remove: "${gone}" is no system, and no volume that is deployed: delete it from the list`),
            );
            checkout.configure(configuration);
            succeed(await checkout.update());
        });

        it("keeps the data when it is moved as the runbook says", async () => {
            const [old, prefix, image] = [named(KEPT), `${checkout.prefix}-x`, lockedImage("edge").reference];
            const moved = KEPT.map((name) => `${prefix}-${name}`);
            const aggregator = (start: string) => `${start}-openpectus-aggregator`;
            const directory = checkout.docker
                .inspect("container", aggregator(checkout.prefix))
                .then(({ Mounts }) => Mounts.find(({ Name }: { Name: string }) => Name === named(["openpectus-data"])[0]).Destination);
            await checkout.docker.exec(aggregator(checkout.prefix), "sh", "-c", `echo precious > ${await directory}/precious`);
            await checkout.make("down", { YES: "yes" });
            for (const [index, volume] of old.entries()) {
                await checkout.docker.cli("volume", "create", moved[index]!);
                const mounts = ["--volume", `${volume}:/from:ro`, "--volume", `${moved[index]}:/to`];
                await checkout.docker.cli("run", "--rm", "--user", "0", "--entrypoint", "cp", ...mounts, image, "-a", "/from/.", "/to/");
            }
            checkout.configure({ ...configuration, prefix, adopt: moved, remove: old });
            succeed(await checkout.up());
            assert.deepEqual((await objects()).volume, moved.sort());
            assert.equal(await checkout.docker.exec(aggregator(prefix), "cat", `${await directory}/precious`), "precious");
            configuration = { ...configuration, prefix } as typeof configuration;
            checkout.configure(configuration);
            const again = await checkout.update();
            assert.equal(again.changes, 0, again.output);
        });
    });

    describe("a Docker Engine that does not answer", () => {
        const away = "DOCKER_HOST=unix:///nowhere/docker.sock pulumi";
        const silent = /hosts\.default: the Docker Engine at unix:\/\/\/nowhere\/docker\.sock does not answer: .*ENOENT/;

        before(() => checkout.configure(configuration));

        it("is a warning of a preview, which shows no change", async () => {
            const { code, stdout, stderr } = await checkout.shell(`${away} preview --stack dev --non-interactive`);
            assert.equal(code, 0, stdout + stderr);
            assert.match(stdout, silent);
            assert.match(stdout, /^ *\d+ unchanged$/m);
        });

        it("is an error of an update, before it changes anything", async () => {
            const before = await containerIds();
            const { code, stdout, stderr } = await checkout.shell(`${away} up --stack dev --yes --skip-preview --non-interactive`);
            assert.notEqual(code, 0, stdout + stderr);
            assert.match(stdout, silent);
            assert.deepEqual(await containerIds(), before);
        });
    });

    describe("a system that shall go", () => {
        const engine = "reactor-1";
        const allow = (names: string, line: string) =>
            checkout.shell(`GROUNDWORK_ALLOW_STOP=${names} ${line} --stack dev --non-interactive`);

        before(() => checkout.configure({ hosts: configuration.hosts, remove: ["openpectus"] }));

        it("is refused for its engine, with the cause before the way to stop it", async () => {
            const before = await containerIds();
            const { code, output } = await checkout.preview();
            assert.notEqual(code, 0, output);
            assert.match(
                output,
                new RegExp(
                    `engine "${engine}" is deployed, but its block is gone from the configuration.*put the block back; .*GROUNDWORK_ALLOW_STOP=${engine}`,
                ),
            );
            assert.deepEqual(await containerIds(), before);
        });

        it("can still be destroyed by plain `pulumi`, whatever the look before would say", async () => {
            checkout.configure({ hosts: configuration.hosts });
            const { code, stdout, stderr } = await allow(
                engine,
                "GROUNDWORK_SKIP_PREFLIGHT=yes pulumi destroy --run-program --preview-only",
            );
            assert.equal(code, 0, stdout + stderr);
            assert.match(stdout, /\d+ to delete/);
            checkout.configure({ hosts: configuration.hosts, remove: ["openpectus"] });
        });

        it("goes when the configuration says so and its engine may stop", async () => {
            const { code, stdout, stderr } = await allow(engine, "pulumi up --yes --skip-preview");
            assert.equal(code, 0, stdout + stderr);
            assert.deepEqual(await objects(), { container: [], network: [], volume: [] });
        });

        it("is gone then, and the line may go, too", async () => {
            const { code, output } = await checkout.preview();
            assert.equal(code, 0, output);
            assert.match(output, /warning: remove: "openpectus" is gone: delete it from the list/);
        });
    });
});
