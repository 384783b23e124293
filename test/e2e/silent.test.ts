import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FixtureConfig } from "./fixtures/workload/program";
import { Stack } from "./harness";
import { Relay } from "./support/relay";
import { smallImage } from "./support/small-image";

/** The Docker provider calls its engine only for what changes; hooks and jobs call it themselves. */
describe("a Docker Engine that falls silent", function () {
    this.bail(true); // each step builds on the one before

    let directory: string;
    let relay: Relay;
    let stack: Stack;
    let settings: FixtureConfig;

    const set = (change: Partial<FixtureConfig>) => {
        settings = { ...settings, ...change };
        return stack.configure({ "gw-test:fixture": settings });
    };

    before(async () => {
        directory = mkdtempSync(join(tmpdir(), "groundwork-silent-"));
        relay = await Relay.start(join(directory, "docker.sock"));
        stack = await Stack.create({ name: "silent", program: "test/e2e/fixtures/workload", env: { DOCKER_HOST: relay.host } });
        settings = {
            image: await smallImage("1"),
            hostPath: join(stack.directory, "files"),
            greeting: "hello",
            healthTest: ["CMD", "true"],
            job: { script: "true", trigger: "1" },
            engine: { greeting: "hello", allowRestart: false, network: "plant" },
        };
        await set({});
        const up = await stack.up();
        assert.equal(up.code, 0, up.output);
        relay.fallSilent();
    });
    after(async () => {
        await stack?.remove();
        relay?.stop();
        rmSync(directory, { recursive: true, force: true });
    });

    it("fails a job with that reason, in good time", async () => {
        await set({ job: { ...settings.job, trigger: "2" } });
        const up = await stack.up();
        assert.notEqual(up.code, 0);
        assert.ok(up.output.includes(`the Docker Engine ${relay.host} does not answer: nothing came within 20 s`), up.output);
        assert.ok(up.seconds < 90, `${up.seconds} s`);
        await set({ job: { ...settings.job, trigger: "1" } });
    });

    it("does not keep a preview from refusing what a guard refuses, and says why the engine's state is unknown", async () => {
        await set({ engine: { ...settings.engine!, greeting: "changed" } });
        const preview = await stack.preview();
        assert.notEqual(preview.code, 0);
        const reason = `the Docker Engine ${relay.host} does not answer: nothing came within 8 s`;
        assert.ok(preview.output.includes(`would be restarted: environment changed (${reason})`), preview.output);
        assert.ok(preview.seconds < 60, `${preview.seconds} s`);
    });
});
