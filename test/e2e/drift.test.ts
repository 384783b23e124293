import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Checkout } from "./support/checkout";
import { AggregatorClient, twoEngines } from "./support/open-pectus";
import type { Operation } from "./support/operation";
import { Relay } from "./support/relay";
import { until } from "./support/wait";

const ENGINES = ["reactor-1", "reactor-2"];

/** What somebody did to a running environment by hand, and what the next `make up` makes of it. Nothing in the configuration changes. */
describe("`make up` over what was changed by hand", function () {
    this.bail(true); // each step builds on the one before

    let directory: string;
    let relay: Relay;
    let checkout: Checkout;
    let client: AggregatorClient;

    const container = (name: string) => `${checkout.prefix}-openpectus-${name}`;
    const engine = (name: string) => container(`${name}-engine`);
    const all = () => [...["aggregator", "edge", "backup"].map(container), ...ENGINES.map(engine)];
    const docker = (...args: string[]) => checkout.docker.cli(...args);
    const ids = async () => Promise.all(all().map(async (name) => (await checkout.docker.inspect("container", name)).Id as string));

    /** A guard is in the state, so every one of them is previewed. */
    async function up(variables: Record<string, string> = {}): Promise<Operation> {
        const result = await checkout.upWith(variables);
        assert.equal(result.code, 0, result.output);
        assert.match(result.output, /Previewing update/);
        assert.match(result.output, /^dev is up \(/m);
        await client.unitsIn("ready", ENGINES);
        return result;
    }
    async function refused(...reasons: RegExp[]): Promise<string> {
        const { code, output } = await checkout.up();
        assert.notEqual(code, 0, output);
        for (const reason of reasons) assert.match(output, reason);
        assert.doesNotMatch(output, /^dev is up/m);
        return output;
    }

    before(async () => {
        directory = mkdtempSync(join(tmpdir(), "groundwork-drift-"));
        relay = await Relay.start(join(directory, "docker.sock"));
        checkout = await Checkout.create("drift", { env: { DOCKER_HOST: relay.host } });
        checkout.configure(await twoEngines({ dataProtection: true }));
        await checkout.commit();
        const first = await checkout.up();
        assert.equal(first.code, 0, first.output);
        const { url, caCertificate } = await checkout.outputs("openpectus");
        client = new AggregatorClient(url!, caCertificate);
        await client.unitsIn("ready", ENGINES);
    });
    after(async () => {
        await checkout?.remove();
        relay?.stop();
        rmSync(directory, { recursive: true, force: true });
    });

    it("changes nothing where nothing was", async () => {
        const before = await ids();
        const again = await up();
        assert.equal(again.changes, 0, again.output);
        assert.doesNotMatch(again.output, /mending/);
        assert.deepEqual(await ids(), before);
    });

    it("makes containers and networks again that are gone, and keeps the data", async () => {
        const run = await client.makeRun("reactor-1");
        await docker("rm", "--force", ...all());
        await docker("network", "rm", container("network"));
        const status = await checkout.tryMake("status");
        assert.notEqual(status.code, 0, status.stdout);
        assert.match(status.stdout, /^openpectus +aggregator +\S+-openpectus-aggregator +missing/m);
        assert.match(status.stderr, /^error: openpectus is not well: all of its containers are missing; `make up STACK=dev`/m);
        const mended = await up();
        assert.match(mended.output, /^mending: gone, and made again by the update: .*-openpectus-aggregator/m);
        assert.match(await checkout.make("status"), /aggregator .*running \(healthy\)/);
        assert.ok((await client.recentRuns()).some(({ run_id }) => run_id === run.run_id));
        assert.equal((await up()).changes, 0);
    });

    it("starts what was stopped and sets right what was changed, and interrupts no engine for it", async () => {
        const [before, strange] = [await ids(), `${checkout.prefix}-strange`];
        const [aggregator, edge, backup, first, second] = all() as [string, string, string, string, string];
        const started = (await checkout.docker.inspect("container", first)).State.StartedAt;
        const isOnStrange = async (name: string) => strange in (await checkout.docker.inspect("container", name)).NetworkSettings.Networks;
        await docker("network", "create", strange);
        await docker("stop", aggregator);
        await docker("pause", backup);
        await docker("rename", edge, `${edge}-other`);
        await docker("network", "connect", strange, `${edge}-other`);
        await docker("update", "--memory", "300m", "--memory-swap", "300m", "--restart", "always", first);
        await docker("network", "connect", strange, first);
        await docker("network", "disconnect", container("network"), second);
        await docker("update", "--memory", "600m", "--memory-swap", "600m", second);

        const { output, changes } = await up();
        assert.equal(changes, 0, output);
        const left = (name: string) => `left as it is, because engine "${name}" must not be interrupted: ${engine(name)}`;
        for (const line of [
            `${aggregator} is started; it was exited with code 0`,
            `${backup} goes on after a pause`,
            `${edge} has its name again; it was called ${edge}-other`,
            `${edge} is off the network ${strange}, which is not its own`,
            `${first} has its memory of 512 MiB again; it had 300 MiB`,
            `${first} has its restart policy unless-stopped again; it was always`,
            `${left("reactor-1")}: it is on the network ${strange}, which is not its own; GROUNDWORK_ALLOW_STOP=reactor-1 make up`,
            `${second} is back on its network`,
            `${left("reactor-2")}: its memory: 600 MiB instead of 512 MiB; GROUNDWORK_ALLOW_STOP=reactor-2 make up`,
        ]) {
            assert.ok(output.includes(`mending: ${line}`), `${line}\n${output}`);
        }
        assert.deepEqual(await ids(), before);
        assert.equal((await checkout.docker.inspect("container", first)).State.StartedAt, started);
        assert.deepEqual([await isOnStrange(edge), await isOnStrange(first)], [false, true]);

        const allowed = await up({ GROUNDWORK_ALLOW_STOP: "reactor-1,reactor-2" });
        assert.ok(allowed.output.includes(`mending: ${first} is off the network ${strange}`), allowed.output);
        assert.ok(allowed.output.includes(`mending: ${second} has its memory of 512 MiB again; it had 600 MiB`), allowed.output);
        assert.doesNotMatch((await up()).output, /mending/);
        await docker("network", "rm", strange);
    });

    it("changes nothing while the update would be refused", async () => {
        const configuration = checkout.configuration();
        const isRunning = async () => (await checkout.docker.inspect("container", container("edge"))).State.Running as boolean;
        await docker("stop", container("edge"));
        checkout.configure({ ...configuration, openpectus: { ...configuration.openpectus, hostnam: "misspelt" } });
        const output = await refused(/openpectus\.hostnam/, /the update cannot be made, so nothing was mended/);
        assert.doesNotMatch(output, /is started/);
        assert.equal(await isRunning(), false);
        checkout.configure(configuration);
        assert.match((await up()).output, /mending: \S+-edge is started/);
    });

    it("makes containers again that cannot be started, because their network went while they were stopped", async () => {
        await docker("stop", ...all());
        await docker("network", "rm", container("network"));
        await up();
    });

    it("does not stop a container that somebody runs in the place of an engine", async () => {
        const name = engine("reactor-2");
        const { Image } = await checkout.docker.inspect("container", name);
        await docker("rm", "--force", name);
        const another = await docker("run", "--detach", "--name", name, "--entrypoint", "sleep", Image, "600");
        await refused(
            /reactor-2-engine is not the container that was deployed: another one \([0-9a-f]{12}\) runs under its name/,
            /if it may stop: GROUNDWORK_ALLOW_STOP=reactor-2 make up/,
        );
        assert.equal((await checkout.docker.inspect("container", name)).Id, another);
        await docker("rm", "--force", name);
        await up();
    });

    it("lists backups: none yet and how to make one, then each with time, size and the command that brings it back", async () => {
        for (const verb of ["backups", "restore"]) {
            assert.match(await checkout.make(verb), /^openpectus: no backups yet\. .*make backup STACK=dev SYSTEM=openpectus$/m);
        }
        await checkout.make("backup");
        const list = await checkout.make("restore");
        assert.match(list, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  \d+\.\d [KM]iB +open_pectus_aggregator-\S+\.sqlite3$/m);
        const [, command] = /^To bring one back: make restore STACK=dev (SYSTEM=openpectus FILE=\S+\.sqlite3)$/m.exec(list)!;
        await checkout.make("restore", { ...Object.fromEntries(command!.split(" ").map((word) => word.split("="))), YES: "yes" });
        assert.equal(await checkout.make("backups"), await checkout.make("restore"));
    });

    it("never puts an empty volume in the place of data in silence: it names the backups and the way on", async () => {
        const run = await client.makeRun("reactor-1");
        await checkout.make("backup", { SYSTEM: "openpectus" });
        const [newest] = (await docker("exec", container("backup"), "backup", "list")).split(" ");
        await docker("rm", "--force", container("aggregator"), container("backup"));
        await docker("volume", "rm", container("data"));
        const before = await checkout.docker.objectsOf(checkout);
        const output = await refused(
            new RegExp(`gone with the data in it: volume ${container("data")}; nothing was changed`),
            /^ {2}Backups of openpectus in volume \S+-backups, newest first:$/m,
            /^ {4}make up STACK=dev EMPTY_DATA=yes$/m,
        );
        assert.ok(output.includes(newest!), output);
        assert.deepEqual(await checkout.docker.objectsOf(checkout), before);

        assert.match((await up({ EMPTY_DATA: "yes" })).output, /made again empty, as EMPTY_DATA=yes says/);
        assert.deepEqual(await client.recentRuns(), []);
        await checkout.make("restore", { SYSTEM: "openpectus", FILE: newest!, YES: "yes" });
        assert.ok((await client.recentRuns()).some(({ run_id }) => run_id === run.run_id));
        assert.doesNotMatch((await up()).output, /mending/);
    });

    it("finds the backups of what `make down` has left, too, and begins anew in spite of them", async () => {
        const run = await client.makeRun("reactor-1");
        await checkout.make("backup", { SYSTEM: "openpectus" });
        const [newest] = (await docker("exec", container("backup"), "backup", "list")).split(" ");
        await checkout.make("down", { YES: "dev" });
        await docker("volume", "rm", container("data"));
        const output = await refused(/^ {2}Backups of openpectus in volume \S+-backups, newest first:$/m);
        assert.ok(output.includes(newest!), output);
        await up({ EMPTY_DATA: "yes" });
        await checkout.make("restore", { SYSTEM: "openpectus", FILE: newest!, YES: "yes" });
        assert.ok((await client.recentRuns()).some(({ run_id }) => run_id === run.run_id));
        assert.equal((await up()).changes, 0);
    });

    it("is not up while a container is unhealthy, and says which one", async () => {
        const aggregator = container("aggregator");
        await docker("kill", "--signal", "STOP", aggregator);
        const health = async () => (await checkout.docker.inspect("container", aggregator)).State.Health.Status;
        await until("a failed health check", async () => (await health()) === "unhealthy", 120);
        await refused(
            /dev is deployed and not well:/,
            /openpectus-aggregator is running \(unhealthy\) since .*`make logs STACK=dev ROLE=/,
            /it answers with HTTP status 50\d|it does not answer/,
        );
        await docker("kill", "--signal", "CONT", aggregator);
        await until("health", async () => (await health()) === "healthy");
    });

    it("is what plain `pulumi up` does not do without --refresh", async () => {
        await docker("rm", "--force", container("edge"));
        const blind = await checkout.update();
        assert.deepEqual([blind.code, blind.changes], [0, 0], blind.output);
        const refreshed = await checkout.update("--refresh");
        assert.equal(refreshed.code, 0, refreshed.output);
        assert.equal((await up()).changes, 0);
    });

    describe("when the Docker Engine falls silent", () => {
        const reason = () => `the Docker Engine of host default (${relay.host}) does not answer: nothing came within 20 s`;

        before(() => relay.fallSilent());

        for (const verb of ["status", "logs", "backup", "restore"]) {
            it(`ends \`make ${verb}\` with that reason, in good time`, async () => {
                const { code, stdout, stderr, seconds } = await checkout.tryMake(verb);
                assert.notEqual(code, 0);
                assert.ok(stderr.includes(reason()), stdout + stderr);
                assert.ok(seconds < 60, `${seconds} s`);
                if (verb === "status") assert.match(stdout, /openpectus-aggregator +unknown/);
            });
        }

        it("leaves `make preview` of what is deployed as it was", async () => {
            const preview = await checkout.preview();
            assert.deepEqual([preview.code, preview.changes], [0, 0], preview.output);
        });
    });
});
