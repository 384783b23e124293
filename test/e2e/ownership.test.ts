import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FixtureConfig } from "./fixtures/workload/program";
import { Stack } from "./harness";
import { type Block, Checkout } from "./support/checkout";
import { twoEngines } from "./support/open-pectus";
import { smallImage } from "./support/small-image";
import { until } from "./support/wait";

/** Everything of a stack on the host, with what would tell that it was made anew. */
async function identities(stack: Stack | Checkout): Promise<Record<string, string>> {
    const { container, network, volume } = await stack.docker.objectsOf(stack);
    const entries = [
        ...container.map(async (name) => [name, (await stack.docker.inspect("container", name)).State.StartedAt]),
        ...network.map(async (name) => [name, (await stack.docker.inspect("network", name)).Id]),
        ...volume.map(async (name) => [name, (await stack.docker.inspect("volume", name)).CreatedAt]),
    ];
    return Object.fromEntries(await Promise.all(entries));
}

describe("what another state made", function () {
    this.bail(true); // each step builds on the one before

    let first: Stack;
    let second: Stack;
    let settings: FixtureConfig;
    let made: Record<string, string>;

    const configure = (stack: Stack, change: Partial<FixtureConfig> = {}) =>
        stack.configure({ "gw-test:fixture": { ...settings, ...change } });
    const engine = { greeting: "hello", allowRestart: false, network: "plant" };

    before(async () => {
        first = await Stack.create({ name: "owner", program: "test/e2e/fixtures/workload" });
        second = await Stack.create({ name: "owner", program: "test/e2e/fixtures/workload", namesake: first });
        settings = {
            image: await smallImage("1"),
            hostPath: join(first.directory, "files"),
            greeting: "hello",
            healthTest: ["CMD", "true"],
            job: { script: "echo precious > /data/precious", trigger: "1" },
            engine,
        };
        await configure(first);
        await configure(second);
        const up = await first.up();
        assert.equal(up.code, 0, up.output);
        made = await identities(first);
    });
    after(async () => {
        await first?.remove();
        await second?.remove();
    });

    it("is refused by name, in the preview", async () => {
        const preview = await second.preview();
        assert.notEqual(preview.code, 0);
        assert.match(preview.output, new RegExp(`the volume ${first.prefix}-demo-data exists .* made by another state`));
        assert.match(preview.output, new RegExp(`the network ${first.prefix}-demo-network exists .* made by another state`));
        assert.deepEqual(await identities(first), made);
    });

    it("of which only a container has the name is refused as well", async () => {
        const third = await Stack.create({ name: "stranger", program: "test/e2e/fixtures/workload" });
        const name = `${third.prefix}-demo-web`;
        try {
            await configure(third, { hostPath: join(third.directory, "files") });
            await third.docker.cli("create", "--name", name, settings.image, "true");
            const preview = await third.preview();
            assert.notEqual(preview.code, 0);
            assert.match(preview.output, new RegExp(`the container ${name} exists on .* made by something else, not by this state`));
        } finally {
            await third.remove();
        }
    });

    it("is left alone by an update", async () => {
        const up = await second.up();
        assert.notEqual(up.code, 0);
        assert.match(up.output, /made by another state/);
        assert.deepEqual(await identities(first), made);
    });

    it("does not hinder the state that made it", async () => {
        const up = await first.up();
        assert.equal(up.code, 0, up.output);
        assert.equal(up.changes, 0, up.output);
    });

    it("is not taken over where a directory of the host is in use", async () => {
        const third = await Stack.create({ name: "other", program: "test/e2e/fixtures/workload" });
        try {
            await configure(third);
            const refused = await third.up();
            assert.notEqual(refused.code, 0);
            assert.ok(refused.output.includes(`${settings.hostPath} is in use by another environment`), refused.output);
            assert.ok(refused.output.includes(`project gw-test, stack ${first.name}`), refused.output);
            assert.match(readFileSync(join(settings.hostPath, ".groundwork-owner"), "utf8"), new RegExp(first.name));
            await configure(third, { adopt: [settings.hostPath] });
            const up = await third.up();
            assert.equal(up.code, 0, up.output);
            assert.match(readFileSync(join(settings.hostPath, ".groundwork-owner"), "utf8"), new RegExp(third.name));
        } finally {
            await third.remove();
        }
    });

    it("that a stopped run left behind is not replaced while it must not be interrupted", async () => {
        const name = `${first.prefix}-demo-engine`;
        await first.pulumi([
            "state",
            "delete",
            "--yes",
            `urn:pulumi:${first.name}::gw-test::groundwork-test:index:Fixture$docker:index/container:Container::demo-engine`,
        ]);
        for (const verb of ["preview", "up"] as const) {
            const refused = await first[verb]();
            assert.notEqual(refused.code, 0, `${verb}: ${refused.output}`);
            assert.match(
                refused.output,
                /engine "demo" runs in the container .* \(a run is active\), which an interrupted update left behind/,
            );
        }
        assert.equal((await identities(first))[name], made[name]);
        await configure(first, { engine: { ...engine, allowRestart: true } });
        const up = await first.up();
        assert.equal(up.code, 0, up.output);
        assert.match(up.output, /removing the container .*-demo-engine, left by an interrupted update/);
    });

    it("is taken over on purpose, with its data", async () => {
        const volume = `${first.prefix}-demo-data`;
        const job = { script: "cat /data/precious", trigger: "2" };
        await configure(second, { adopt: [volume] });
        const inUse = await second.up();
        assert.notEqual(inUse.code, 0);
        assert.match(inUse.output, new RegExp(`the volume ${volume} cannot be taken over, because ${first.prefix}-demo-web uses it`));
        await first.docker.cli("rm", "--force", ...(await first.docker.objectsOf(first)).container);
        await first.docker.cli("network", "rm", ...(await first.docker.objectsOf(first)).network);
        const own = { job, hostPath: join(second.directory, "files") };
        await configure(second, own);
        const refused = await second.up();
        assert.notEqual(refused.code, 0);
        assert.match(refused.output, new RegExp(`the volume ${volume} exists`));
        await configure(second, { ...own, adopt: [volume] });
        const up = await second.up();
        assert.equal(up.code, 0, up.output);
        assert.match(up.output, new RegExp(`taking over the volume ${volume}`));
        assert.equal(await second.docker.exec(`${second.prefix}-demo-web`, "cat", "/data/precious"), "precious");
        const again = await second.up();
        assert.equal(again.changes, 0, again.output);
    });
});

describe("the verbs, beside an environment of another state", function () {
    this.bail(true);

    let checkout: Checkout;
    let made: Record<string, string>;
    /** As another person, or another clone, on the same machine. */
    const elsewhere = (line: string) => checkout.run(`GROUNDWORK_STATE='${join(checkout.directory, "elsewhere")}' ${line}`);

    before(async () => {
        checkout = await Checkout.create("owner");
        checkout.configure(await twoEngines());
        await checkout.make("up");
        made = await identities(checkout);
    });
    after(async () => checkout?.remove());

    it("`make up` refuses before it makes anything, and nothing is removed", async () => {
        const { code, stdout, stderr } = await elsewhere("make up");
        assert.notEqual(code, 0);
        assert.match(stdout + stderr, /3 problems in the configuration; nothing was changed:/);
        assert.match(stdout + stderr, /prefix: volume .* was made by another state of project/);
        assert.match(
            stdout + stderr,
            /openpectus\.edge\.httpsPort: port \d+ of host "default" is held by the container \S+-openpectus-edge/,
        );
        const state = JSON.parse((await elsewhere("make --silent pulumi ARGS='stack export --stack dev'")).stdout);
        const types = (state.deployment.resources ?? []).map(({ type }: { type: string }) => type);
        assert.deepEqual(
            types.filter((type: string) => !type.startsWith("pulumi:")),
            [],
        );
        assert.doesNotMatch(stdout + stderr, /removing the container/);
        assert.deepEqual(await identities(checkout), made);
    });

    it("`make down FORCE_DATA=yes` deletes nothing of it", async () => {
        const { code, stdout, stderr } = await elsewhere("make down FORCE_DATA=yes YES=dev");
        assert.equal(code, 0, stdout + stderr);
        assert.deepEqual(await identities(checkout), made);
    });

    it("`make status` and `make logs` show none of it", async () => {
        const { stdout } = await elsewhere("make status");
        assert.doesNotMatch(stdout, /reactor-1/);
    });

    it("`make down` asks before it stops an engine, with what the engine does", async () => {
        const { code, stdout, stderr } = await checkout.tryMake("down");
        assert.equal(code, 2, stdout + stderr);
        assert.match(stdout, /engine "reactor-1": no run is active/);
        // Engines and data are protected unless the configuration says otherwise.
        assert.match(stderr, /dev is protected\. .* add YES=dev/);
        assert.equal((await checkout.tryMake("down", { YES: "yes" })).code, 2);
        assert.deepEqual(await identities(checkout), made);
    });

    it("`make down` takes nothing down when somebody deploys while its question stands there", async () => {
        const down = spawn("script", ["-qefc", "make --silent down", "/dev/null"], { cwd: checkout.path, env: checkout.environment });
        let output = "";
        down.stdout.on("data", (chunk) => (output += chunk));
        const ended = new Promise((resolve) => down.on("close", resolve));
        await until("the question", () => /Type dev to go on/.test(output));
        const { openpectus } = checkout.configuration();
        const engines = { ...(openpectus!.engines as Block), "reactor-3": {} };
        checkout.configure({ ...checkout.configuration(), openpectus: { ...openpectus, engines } });
        assert.match((await checkout.tryMake("up")).stderr, /another make up or make down of dev is at work on this machine/);
        // On another machine, that is.
        const { code, stderr } = await checkout.run("make --silent pulumi ARGS='up --yes --skip-preview'");
        assert.equal(code, 0, stderr);
        made = await identities(checkout);
        down.stdin.write("dev\n");
        // Of make itself, whatever went wrong.
        assert.equal(await ended, 2, output);
        assert.match(
            output,
            /dev has changed meanwhile: .*-reactor-3-engine is new or changed.*; nothing was taken down: run `make down STACK=dev` again/,
        );
        assert.deepEqual(await identities(checkout), made);
        const state = await checkout.state();
        assert.ok(state.deployment.resources.some(({ urn }: { urn: string }) => urn.endsWith("::openpectus-reactor-3-engine")));
    });

    it("`make down FORCE_DATA=yes` names every volume and asks for the name of a protected environment", async () => {
        const { code, stdout } = await checkout.tryMake("down", { FORCE_DATA: "yes", YES: "yes" });
        assert.equal(code, 2);
        for (const volume of (await checkout.docker.objectsOf(checkout)).volume)
            assert.ok(stdout.includes(`DELETED, with all data in it: volume ${volume}`));
        assert.deepEqual(await identities(checkout), made);
    });

    it("a volume that another state made in the place of a lost one is neither used nor deleted", async () => {
        const volume = `${checkout.prefix}-openpectus-data`;
        const present = async () => (await checkout.docker.inspect("volume", volume)).CreatedAt;
        await checkout.make("down", { YES: "dev" });
        await checkout.docker.cli("volume", "rm", volume);
        await checkout.docker.cli("volume", "create", "--label", "groundwork.mark=another", volume);
        const created = await present();
        const refusal = new RegExp(`made by another state, in the place of .*: ${volume}; nothing was changed`);
        for (const [verb, variables] of [
            ["up", {}],
            ["down", { FORCE_DATA: "yes", YES: "dev" }],
        ] as const) {
            const { code, stdout, stderr } = await checkout.tryMake(verb, variables);
            assert.notEqual(code, 0, verb);
            assert.match(stdout + stderr, refusal);
            assert.match(stdout + stderr, /pulumi STACK=dev ARGS='refresh --yes --target \*\*::openpectus-data'/);
        }
        assert.equal(await present(), created);
        await checkout.make("pulumi", { ARGS: "refresh --yes --target **::openpectus-data" });
    });

    it("a volume that was taken over is used from then on, and deleted when that is wanted", async () => {
        const volume = `${checkout.prefix}-openpectus-data`;
        const adopter = (line: string) => checkout.run(`GROUNDWORK_STATE='${join(checkout.directory, "adopter")}' ${line}`);
        const volumes = async () => (await checkout.docker.objectsOf(checkout)).volume;
        const configuration = checkout.configuration();
        checkout.configure({ ...configuration, adopt: [...(await volumes()), volume] }); // the one has no labels of ours
        const taken = await adopter("make up");
        assert.equal(taken.code, 0, taken.stdout + taken.stderr);
        checkout.configure(configuration);
        const again = await adopter("make up");
        assert.equal(again.code, 0, again.stdout + again.stderr);
        assert.doesNotMatch(again.stdout, /to (create|update|replace|delete)|created|updated|replaced/);
        await adopter("make down FORCE_DATA=yes YES=dev");
        assert.deepEqual(await volumes(), []);
        await assert.rejects(checkout.docker.inspect("volume", volume));
    });

    it("`make down FORCE_DATA=yes` leaves nothing behind", async () => {
        await checkout.make("down", { FORCE_DATA: "yes", YES: "dev" });
        assert.deepEqual((await checkout.docker.objectsOf(checkout)).volume, []);
    });
});
