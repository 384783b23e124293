import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, Checkout } from "./support/checkout";
import { root } from "./support/process";
import { freePort } from "./support/wait";

/** As the README says; a person would edit the copy before the second line. */
const LINES = ["cp Pulumi.dev.yaml Pulumi.test.yaml", "make up STACK=test"];

describe("a further environment on the same machine", function () {
    this.bail(true);

    let checkout: Checkout;
    let dev: Record<string, Block>;
    const other = () => ({ project: checkout.project, name: "test" });

    before(async () => {
        checkout = await Checkout.create("further");
        dev = { ...checkout.configuration(), openpectus: await openPectus() };
        checkout.configure(dev);
        await checkout.commit();
        await checkout.make("up");
    });
    after(async () => {
        if (!checkout) return;
        await checkout.docker.removeObjectsOf(other());
        await checkout.remove();
    });

    async function openPectus(): Promise<Block> {
        const { openpectus } = checkout.configuration();
        const edge = { ...(openpectus!.edge as Block), httpPort: await freePort(), httpsPort: await freePort() };
        return { ...openpectus, edge, engines: {} };
    }

    /** Nobody is logged in, and nothing is set. */
    const run = (line: string) => checkout.run(`export PULUMI_CREDENTIALS_PATH=${checkout.directory}/credentials; ${line}`);

    it("is told which ports are taken, before anything of it is made", async () => {
        const readme = readFileSync(join(root, "README.md"), "utf8");
        for (const line of LINES) assert.match(readme, new RegExp(`^${line}`, "m"));
        const { code, stdout, stderr } = await run(LINES.join(" && "));
        assert.notEqual(code, 0);
        assert.match(stdout + stderr, new RegExp(`openpectus\\.edge\\.httpsPort: .*${(dev.openpectus!.edge as Block).httpsPort}`));
        assert.deepEqual(Object.values(await checkout.docker.objectsOf(other())).flat(), []);
    });

    it("is deployed with ports of its own, its state beside that of dev", async () => {
        const file = join(checkout.path, "Pulumi.test.yaml");
        const { httpPort, httpsPort } = (await openPectus()).edge as Block;
        const text = readFileSync(file, "utf8");
        writeFileSync(file, text.replace(/httpPort: .*/, `httpPort: ${httpPort}`).replace(/httpsPort: .*/, `httpsPort: ${httpsPort}`));
        await checkout.commit();
        const { code, stdout, stderr } = await run(LINES[1]!);
        assert.equal(code, 0, stdout + stderr);
        assert.match(stderr, /test is up/);
        assert.match(stderr, /images \d/); // built as for dev, because it runs on this machine's engine
        assert.equal(await checkout.gitStatus(), "");
        for (const name of ["dev", "test"]) {
            const { State } = await checkout.docker.inspect("container", `${checkout.project}-${name}-openpectus-aggregator`);
            assert.equal(State.Status, "running");
        }
    });

    it("changes nothing in a second update", async () => {
        const { code, stdout, stderr } = await run(`${LINES[1]} ARGS="--expect-no-changes"`);
        assert.equal(code, 0, stdout + stderr);
    });

    it("is removed without dev", async () => {
        const { code, stdout, stderr } = await run("make down STACK=test FORCE_DATA=yes YES=yes");
        assert.equal(code, 0, stdout + stderr);
        assert.deepEqual(Object.values(await checkout.docker.objectsOf(other())).flat(), []);
        assert.notEqual((await checkout.docker.objectsOf(checkout)).container.length, 0);
    });
});
