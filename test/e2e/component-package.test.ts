import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import YAML from "yaml";
import { Stack, toolchainEnvironment } from "./harness";
import { Checkout } from "./support/checkout";
import { run } from "./support/process";

/** As the README says. */
const PROVIDER = "node_modules/groundwork/dist/components/provider";
const ENGINE = "/var/run/docker.sock";

/** Another address of this machine's Docker Engine, which tells whether somebody came that way. */
class Relay {
    connections = 0;
    private readonly open = new Set<Socket>();
    private readonly server: Server;

    constructor(readonly socket: string) {
        this.server = createServer((client) => {
            this.connections++;
            const engine = connect(ENGINE);
            for (const end of [client, engine]) {
                this.open.add(end);
                end.on("error", () => undefined).on("close", () => this.open.delete(end));
            }
            client.pipe(engine).pipe(client);
        }).listen(socket);
    }

    close(): void {
        this.server.close();
        for (const end of this.open) end.destroy();
    }
}

describe("the components in a program of another language", function () {
    this.bail(true);

    let checkout: Checkout;
    let folder: string;
    let stack: Stack;
    let relay: Relay;
    let directory: string;
    let env: NodeJS.ProcessEnv;

    before(async () => {
        checkout = await Checkout.create("package");
        // Outside of the checkout: jobs find the packages that they need from the folder of the program.
        folder = join(checkout.directory, "program");
        mkdirSync(folder);
        const file = (await checkout.make("package")).trim();
        await run("npm", ["install", "--no-audit", "--no-fund", `groundwork@file:${join(checkout.path, file)}`], { cwd: folder });
        writeFileSync(join(folder, "Pulumi.yaml"), YAML.stringify({ name: "gw-yaml", runtime: "yaml" }));
        const host = (await run("tools/toolchain/build", ["pulumi-language-yaml"], { timeout: 1200 })).trim();
        const { PATH } = await toolchainEnvironment();
        // Whatever looked for the engine of this machine would not find one.
        env = { PATH: `${dirname(host)}:${PATH}`, DOCKER_HOST: "unix:///nonexistent.sock" };
        stack = await Stack.create({ name: "yaml", program: folder, env });
        directory = join(stack.directory, "archive");
        relay = new Relay(join(stack.directory, "relay.sock"));
        writeFileSync(join(folder, "Pulumi.yaml"), YAML.stringify(program()));
    });
    after(async () => {
        await stack?.remove();
        relay?.close();
        await checkout?.remove();
    });

    const program = () => ({
        name: "gw-yaml",
        runtime: "yaml",
        packages: { groundwork: `./${PROVIDER}` },
        resources: {
            plant: { type: "pulumi:providers:docker", properties: { host: `unix://${relay.socket}` } },
            reactor: {
                type: "groundwork:OpenPectusEngine",
                properties: {
                    hostname: "reactor-1",
                    allowRestart: true,
                    data: { hostPath: directory },
                    aggregator: { host: "localhost" },
                    engineSecret: "not a secret",
                },
                options: { providers: ["${plant}"] },
            },
        },
        outputs: { container: "${reactor.containerName}" },
    });

    it("have a schema, as the README says", async () => {
        assert.match(readFileSync(join(checkout.path, "README.md"), "utf8"), new RegExp(`^pulumi package add \\./${PROVIDER}$`, "m"));
        const schema = JSON.parse(await run("pulumi", ["package", "get-schema", `./${PROVIDER}`], { cwd: folder, env: stack.env }));
        const components = ["Backup", "Edge", "Lightning", "OpenPectus", "OpenPectusEngine", "Postgres"];
        assert.deepEqual(
            Object.keys(schema.resources).sort(),
            components.map((name) => `groundwork:index:${name}`),
        );
    });

    it("run jobs and containers on the engine of the provider that they are given", async () => {
        const up = await stack.up();
        assert.equal(up.code, 0, up.output);
        assert.match(readFileSync(join(directory, ".groundwork-owner"), "utf8"), /reactor/);
        const { container } = await stack.outputs();
        assert.equal((await stack.docker.inspect("container", container!)).State.Status, "running");
        assert.ok(relay.connections > 0);
    });

    it("change nothing in a second update", async () => {
        const up = await stack.up();
        assert.equal(up.changes, 0, up.output);
    });

    it("refuse there what another state made", async () => {
        const namesake = await Stack.create({ name: "yaml", program: folder, namesake: stack, env });
        try {
            const preview = await namesake.preview();
            assert.notEqual(preview.code, 0);
            assert.match(preview.output, /made by another state of project gw-yaml/);
        } finally {
            rmSync(namesake.directory, { recursive: true });
        }
    });
});
