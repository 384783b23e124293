import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import YAML from "yaml";
import { Stack, toolchainEnvironment } from "./harness";
import { type Block, Checkout } from "./support/checkout";
import { root, run } from "./support/process";
import { freePort } from "./support/wait";

const readme = readFileSync(join(root, "README.md"), "utf8");

/** The code blocks of one language, in their order. */
function blocks(language: string): string[] {
    return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text]) => text);
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

        const [first, tour, change, without] = blocks("sh");
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

    it("about the components works in a project of its own", async () => {
        const folder = ownProject();
        const project = await Stack.create({ name: "own", program: folder });
        try {
            const preview = await project.preview();
            assert.equal(preview.code, 0, preview.output);
            assert.ok(preview.counts.create > 20, preview.output);
            assert.match(preview.output, /OpenPectusEngine/);
        } finally {
            await project.remove();
            rmSync(folder, { recursive: true });
        }
    });

    function ownProject(): string {
        const folder = join(root, "node_modules", ".cache", `readme-${process.pid}`);
        mkdirSync(join(folder, "node_modules", "@groundwork"), { recursive: true });
        symlinkSync(root, join(folder, "node_modules", "@groundwork", "groundwork"));
        writeFileSync(join(folder, "Pulumi.yaml"), blocks("yaml")[1]);
        writeFileSync(join(folder, "index.ts"), blocks("ts")[0]);
        return folder;
    }

    it("about other languages: the components are a Pulumi package", async () => {
        const env = await toolchainEnvironment();
        const schema = JSON.parse(await run("pulumi", ["package", "get-schema", "./components/provider"], { env }));
        assert.ok("groundwork:index:OpenPectus" in schema.resources);
    });

    it("about files and folders is true", () => {
        const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target).filter((target) => !target.includes("://"));
        for (const target of links) assert.ok(existsSync(join(root, target)), target);
    });
});
