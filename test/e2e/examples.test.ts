import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import YAML from "yaml";
import { toolchainEnvironment } from "./harness";
import { type Block, Checkout } from "./support/checkout";
import { localEdge, standIn } from "./support/lightning";
import { root, run } from "./support/process";

const FILES = ["Pulumi.dev.yaml", "Pulumi.prod.yaml", "examples/Pulumi.lightning.yaml", "examples/Pulumi.lightning-prod.yaml"];

const read = (text: string) => YAML.parse(text) as { config: Record<string, Block> };

/** Comment -> the key that it stands at, with all keys around that one. */
function comments(text: string): string[] {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const above: { indent: number; key: string }[] = [];
    const found: string[] = [];
    let waiting: string[] = [];
    for (const line of lines) {
        if (/^\s*#/.test(line)) waiting.push(line);
        else {
            const indent = line.search(/\S/);
            while (above.length > 0 && above.at(-1)!.indent >= indent) above.pop();
            above.push({ indent, key: line.trim().split(/:(?: |$)/)[0]! });
            found.push(...waiting.map((comment) => `${above.map(({ key }) => key).join(" > ")}\n${comment}`));
            waiting = [];
        }
    }
    return [...found, ...waiting.map((comment) => `the end\n${comment}`)];
}

describe("an environment that is copied", function () {
    let directory: string;
    let env: NodeJS.ProcessEnv;

    before(async () => {
        directory = mkdtempSync(join(tmpdir(), "groundwork-examples-"));
        mkdirSync(join(directory, "state"));
        copyFileSync(join(root, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
        env = { ...(await toolchainEnvironment()), PULUMI_BACKEND_URL: `file://${directory}/state`, PULUMI_CONFIG_PASSPHRASE: "test" };
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    for (const file of FILES) {
        it(`${file} says the same after \`pulumi stack init\` and \`pulumi config set\``, async () => {
            const name = basename(file).split(".")[1]!;
            const copy = join(directory, basename(file));
            copyFileSync(join(root, file), copy);
            const pulumi = (...args: string[]) => run("pulumi", [...args, "--non-interactive"], { cwd: directory, env, input: "hidden" });
            const before = readFileSync(copy, "utf8");
            const { config } = read(before);
            const [system] = ["groundwork:openpectus", "groundwork:lightning"].filter((block) => config[block]);

            await pulumi("stack", "init", name);
            await pulumi("config", "set", "--stack", name, "groundwork:prefix", "lab");
            await pulumi("config", "set", "--stack", name, "--path", `${system}.edge.httpPort`, "9080");
            await pulumi("config", "set", "--stack", name, "--path", "--secret", `${system}.sentry.dsn`);

            const text = readFileSync(copy, "utf8");
            const after = read(text);
            const block = config[system!] as Block & { edge: Block };
            const secure = (after.config[system!]!.sentry as { dsn: unknown }).dsn;
            const changed = { ...block, edge: { ...block.edge, httpPort: 9080 }, sentry: { dsn: secure } };
            assert.deepEqual(after.config, { ...config, [system!]: changed, "groundwork:prefix": "lab" });
            assert.deepEqual(comments(text), comments(before));
        });
    }
});

describe("Lightning beside what an environment has already", () => {
    let checkout: Checkout;

    before(async () => (checkout = await Checkout.create("examples")));
    after(async () => checkout?.remove());

    it("is planned after the commands that examples/README.md gives", async () => {
        const readme = readFileSync(join(root, "examples", "README.md"), "utf8");
        const line = /^sed .*>> Pulumi\.dev\.yaml$/m.exec(readme)![0];
        assert.equal((await checkout.run(line)).code, 0);
        checkout.edit("Pulumi.dev.yaml", (text) => text.replaceAll("groundwork:", `${checkout.project}:`));
        const { hosts, openpectus, lightning } = checkout.configuration() as Record<string, Block & { edge: Block; workers: Block }>;
        assert.equal(new Set([openpectus, lightning].flatMap(({ edge }) => [edge.httpPort, edge.httpsPort])).size, 4);
        // Upstream's images and these ports are a person's; this machine may have neither.
        const [web, worker] = [await standIn("stand-in-lightning"), await standIn("stand-in-lightning-worker")];
        const images = { web: { image: web }, workers: { ...lightning.workers, image: worker } };
        checkout.configure({
            hosts,
            openpectus: { ...openpectus, edge: await localEdge() },
            lightning: { ...lightning, ...images, edge: await localEdge() },
        });
        const { code, output, steps } = await checkout.preview();
        assert.equal(code, 0, output);
        for (const name of ["openpectus-aggregator", "lightning-web"])
            assert.ok(
                steps.some((step) => step.endsWith(` ${name}`)),
                output,
            );
        assert.doesNotMatch(output, /warning:/);
    });
});
