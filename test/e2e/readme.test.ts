import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import YAML from "yaml";
import { blocksOf } from "../support/pages";
import { Stack, toolchainEnvironment } from "./harness";
import { type Block, Checkout } from "./support/checkout";
import { root, run, tryRun } from "./support/process";
import { freePort, until } from "./support/wait";

/** The code blocks of one language, in their order. */
function blocks(language: string): string[] {
    return blocksOf("README.md").flatMap((block) => (block.language === language ? [block.text] : []));
}

/** A person's machine has these ports free; this one may not. */
async function withFreePorts(edge: Block): Promise<Block> {
    return { ...edge, httpPort: await freePort(), httpsPort: await freePort() };
}

describe("what the README says", function () {
    describe("about the embedded environment", function () {
        this.bail(true); // in the order of the page

        let checkout: Checkout;

        before(async () => {
            checkout = await Checkout.create("readme");
            await configure(checkout.configuration());
        });
        after(async () => checkout?.remove());

        async function configure(configuration: Record<string, Block>): Promise<void> {
            const openpectus = configuration.openpectus as Block & { edge: Block };
            checkout.configure({ ...configuration, openpectus: { ...openpectus, edge: await withFreePorts(openpectus.edge) } });
            await checkout.commit();
        }

        // What it says of a further environment is in environments.test.ts.
        const [first, tour, change, , without] = blocks("sh");
        const command = (line: string) => line.replace(/\s+#.*/, "");

        for (const line of `${first}${tour}`.trim().split("\n").map(command)) {
            it(line, async () => {
                // A person types the answer to a question.
                const { code, stdout, stderr } = await checkout.run(`YES=yes ${line}`);
                assert.equal(code, 0, stdout + stderr);
                assert.ok((stdout + stderr).length > 0);
                assert.equal(await checkout.gitStatus(), "");
            });
        }

        it("its example of a change can be made", async () => {
            await checkout.make("up");
            const { config } = YAML.parse(blocks("yaml")[0]) as { config: Record<string, Block> };
            await configure(Object.fromEntries(Object.entries(config).map(([key, value]) => [key.split(":")[1], value])));
            for (const line of change.trim().split("\n").map(command)) {
                const { code, stdout, stderr } = await checkout.run(line);
                assert.equal(code, 0, stdout + stderr);
                assert.match(stdout, /Container openpectus-demo-1-engine .*replace/);
                assert.doesNotMatch(stdout, /Container openpectus-demo-2-engine .*(replace|delete)/);
            }
        });

        it("its way without make works", async () => {
            // `npm ci` would replace the packages that all suites share.
            const [install, ...lines] = without.trim().split("\n");
            assert.equal(install, "npm ci");
            const { code, stdout, stderr } = await checkout.run(lines.join(" && "));
            assert.equal(code, 0, stdout + stderr);
        });
    });

    describe("about the components, in a project outside of any checkout", function () {
        this.bail(true); // in the order of the page

        let checkout: Checkout;
        let project: Stack;
        let program: string;

        before(async () => {
            checkout = await Checkout.create("own");
            program = join(checkout.directory, "plant");
        });
        after(async () => {
            await project?.remove();
            await checkout?.remove();
        });

        it("makes and installs the package, in an empty home", async () => {
            const { code, stdout, stderr } = await tryRun("bash", ["-ec", blocks("sh")[5]], {
                cwd: checkout.path,
                env: { ...checkout.environment, HOME: emptyHome() },
                timeout: 900,
            });
            assert.equal(code, 0, stdout + stderr);
            const installed = join(program, "node_modules", "@groundwork", "groundwork");
            assert.ok(!lstatSync(installed).isSymbolicLink());
            assert.deepEqual(readdirSync(installed).sort(), ["LICENSE", "README.md", "dist", "package.json"]);
        });

        it("deploys", async () => {
            assert.match(blocks("sh")[6], /^pulumi up$/m);
            writeFileSync(join(program, "Pulumi.yaml"), blocks("yaml")[1]);
            writeFileSync(join(program, "index.ts"), await onFreePorts(blocks("ts")[0]));
            const { PULUMI_HOME } = await toolchainEnvironment();
            const env = { HOME: emptyHome(), PULUMI_HOME: PULUMI_HOME ?? join(homedir(), ".pulumi") };
            project = await Stack.create({ name: "own", program, env });
            const up = await project.up();
            assert.equal(up.code, 0, up.output);
            const { url } = await project.outputs();
            assert.match(url!, /^https:\/\/localhost:/);
            const engine = await project.docker.inspect("container", `${project.prefix}-reactor-engine`);
            assert.equal(engine.State.Status, "running");
        });

        it("changes nothing in a second update", async () => {
            const again = await project.up();
            assert.equal(again.code, 0, again.output);
            assert.equal(again.changes, 0, again.output);
        });

        it("is looked at, backed up and restored", async () => {
            const stdout = await run("bash", ["-ec", blocks("sh")[7].replaceAll("plant-dev", project.prefix)]);
            assert.match(stdout, new RegExp(`${project.prefix}-pectus-edge`));
            await until("the aggregator", async () => {
                const { State } = await project.docker.inspect("container", `${project.prefix}-pectus-aggregator`);
                return State.Health.Status === "healthy";
            });
        });

        it("compiles with the settings of Pulumi's template", async () => {
            const settings = ["--strict", "--target", "es2020", "--module", "commonjs", "--moduleResolution", "node", "--skipLibCheck"];
            await run(join(program, "node_modules", ".bin", "tsc"), ["--noEmit", ...settings, "index.ts"], { cwd: program });
        });

        it("is removed when it is said that it may go, and not before", async () => {
            assert.equal(blocks("sh")[8], "pulumi destroy --run-program\n");
            const refused = await project.destroy({ preview: true });
            assert.notEqual(refused.code, 0);
            assert.match(refused.output, /reactor\.allowRestart/);
            assert.match(refused.output, /is protected/);

            const text = readFileSync(join(program, "index.ts"), "utf8");
            const permitted = text
                .replaceAll("dataProtection: true", "dataProtection: false")
                .replace("allowRestart: false", "allowRestart: true");
            writeFileSync(join(program, "index.ts"), permitted);
            const up = await project.up();
            assert.equal(up.code, 0, up.output);
            const destroyed = await project.destroy({ preview: true });
            assert.equal(destroyed.code, 0, destroyed.output);
            assert.equal((await project.state()).deployment.resources, undefined);
        });

        function emptyHome(): string {
            const home = join(checkout.directory, "home");
            mkdirSync(home, { recursive: true });
            return home;
        }

        async function onFreePorts(text: string): Promise<string> {
            return text.replace("8090", String(await freePort())).replace("8453", String(await freePort()));
        }
    });

    it("about files and folders is true", () => {
        const readme = readFileSync(join(root, "README.md"), "utf8");
        const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target).filter((target) => !target.includes("://"));
        for (const target of links) assert.ok(existsSync(join(root, target)), target);
    });
});
