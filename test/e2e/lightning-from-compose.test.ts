import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import YAML from "yaml";
import { type Block, Checkout } from "./support/checkout";
import { HandMadeLightning } from "./support/hand-made-lightning";
import { LightningClient, localEdge, standIn } from "./support/lightning";
import { root } from "./support/process";
import { until } from "./support/wait";

const page = readFileSync(join(root, "docs", "migrate-lightning-from-compose.md"), "utf8");

/** The code blocks of one language below a heading. */
function blocks(language: string, step: number): string[] {
    const section = page.split(/^## /m).find((text) => text.startsWith(`${step}.`))!;
    return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text]) => text);
}

/** What docs/migrate-lightning-from-compose.md says, with the names of this machine put in. */
describe("Lightning, moved here from a deployment by hand", function () {
    this.bail(true); // in the order of the page

    let checkout: Checkout;
    let old: HandMadeLightning;
    let client: LightningClient;
    let credential: string;

    /** Runs one block as it stands on the page, in a shell in which the blocks before it were run. */
    async function follow(block: string): Promise<string> {
        const names = {
            OLD_ENV: old.env,
            OLD_WEB: old.container("web"),
            OLD_WORKERS: old.container("worker"),
            OLD_DATABASE: old.container("postgres"),
            OLD_USER: old.user,
            OLD_NAME: old.database,
        };
        for (const name of Object.keys(names)) assert.ok(blocks("sh", 1)[0].includes(`${name}=`), `${name} is explained`);
        const variables = Object.entries(names).map(([name, value]) => `${name}=${value}`);
        const functions = page.split("\n").filter((line) => /^\w+\(\) \{/.test(line));
        const script = ["set -e", ...variables, ...functions, block]
            .join("\n")
            .replaceAll("groundwork-dev-", `${checkout.prefix}-`)
            .replaceAll("groundwork:", `${checkout.project}:`);
        const { code, stdout, stderr } = await checkout.run(script);
        assert.equal(code, 0, `${block}\n${stdout}${stderr}`);
        return stdout;
    }

    before(async () => {
        const images = { web: await standIn("stand-in-lightning"), worker: await standIn("stand-in-lightning-worker") };
        checkout = await Checkout.create("from-compose");
        old = await HandMadeLightning.create(checkout, images);
        credential = await old.credential();
        const block = YAML.parse(blocks("yaml", 2)[0]).config["groundwork:lightning"] as Record<string, Block>;
        Object.assign(block.web!, { image: images.web });
        Object.assign(block.workers!, { image: images.worker });
        checkout.configure({ hosts: { default: { docker: {} } }, lightning: { ...block, edge: await localEdge(), dataProtection: false } });
        await checkout.commit();
    });
    after(async () => {
        await old?.remove();
        await checkout?.remove();
    });

    it("brings the keys", async () => {
        await follow(blocks("sh", 2)[0]);
    });

    it("is deployed beside the old one, which still serves", async () => {
        assert.match(await follow(blocks("sh", 3)[0]), /worker-1 .*running \(healthy\)/);
        const { url, caCertificate } = await checkout.outputs("lightning");
        client = new LightningClient(url!, caCertificate!);
        assert.notEqual(await client.credential(), credential);
        assert.equal((await old.status()).workers.length, 1);
    });

    it("takes over users, encrypted credentials, history and exports", async () => {
        await follow(blocks("sh", 4)[0]);
        const [data, exports] = blocks("sh", 5);
        const look = "stat -c 'mode %a' lightning-old.dump; git status --short | sed 's/^/changed /'";
        const looked = await follow(data.replace("rm lightning-old.dump", `${look}; $&`));
        assert.match(looked, /^mode 600$/m);
        assert.doesNotMatch(looked, /^changed .*lightning-old/m, "no commit takes it along");
        await follow(exports);
        assert.deepEqual((await client.status()).superusers, ["ada@example.org"]);
        assert.equal(await client.credential(), credential);
        assert.deepEqual((await client.runs()).states, { success: 3 });
        const file = await checkout.docker.exec(`${checkout.prefix}-lightning-web`, "stat", "-c", "%n %u", "/app/storage/history.csv");
        assert.equal(file, "/app/storage/history.csv 1000");
    });

    it("has brought the old data to the version of the new image", async () => {
        assert.equal((await client.status()).migrations.length, 2, "those of the old deployment, and of the restore");
    });

    it("works, and a further update has nothing to do", async () => {
        assert.match(await follow(blocks("sh", 6)[0]), /worker .* joined/);
        await until("a connected worker", async () => (await client.status()).workers.length === 1);
        await client.enqueue(3, 0.1);
        await client.runsIn("success", 6);
        assert.equal((await checkout.update()).changes, 0);
    });
});
