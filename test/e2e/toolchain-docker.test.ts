import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, tryRun } from "./support/process";

/**
 * A machine without a Docker daemon, as far as one can tell from inside: namespaces of its own with empty /run and
 * /var/lib/docker. The daemon of the real machine is not touched.
 */
const NAMESPACES = ["--mount", "--net", "--propagation", "private"];
const EMPTY_MACHINE = "mount -t tmpfs tmpfs /run; mkdir /run/lock; mount -t tmpfs tmpfs /var/lib/docker";

function canUnshare(): boolean {
    const needs = "command -v dockerd && mount -t tmpfs tmpfs /run";
    return spawnSync("unshare", [...NAMESPACES, "bash", "-ec", needs], { stdio: "ignore" }).status === 0;
}

describe("a Docker daemon", function () {
    this.timeout(180_000);

    let state: string;

    before(function () {
        if (!canUnshare()) this.skip(); // needs root, and dockerd installed
        state = mkdtempSync(join(tmpdir(), "groundwork-docker-"));
    });

    after(() => state && rmSync(state, { recursive: true, force: true }));

    const environment = () => {
        const env: NodeJS.ProcessEnv = { ...process.env, GROUNDWORK_STATE: state };
        delete env.DOCKER_HOST;
        return env;
    };

    const onEmptyMachine = (script: string) =>
        tryRun("unshare", [...NAMESPACES, "bash", "-euc", `${EMPTY_MACHINE}; ${script}`], { cwd: root, env: environment() });

    it("is started where there is none, used when asked again, and stopped by its pid file", async () => {
        const { code, stdout, stderr } = await onEmptyMachine(`
            tools/docker/ensure
            docker version --format 'answers {{.Server.Os}}'
            tools/docker/ensure 2>&1 | sed 's/^/again: /'
            tools/docker/stop
            docker version >/dev/null 2>&1 || echo gone`);
        assert.equal(code, 0, stderr);
        assert.match(stderr, /dockerd runs in the background: pid \d+, log \S+; `make docker-stop` stops it/);
        assert.match(stderr, /dockerd \(\d+\) stopped/);
        assert.equal(stdout, "answers linux\ngone\n");
    });

    it("is not started when the person chose one that does not answer", async () => {
        const { code, stderr } = await onEmptyMachine("DOCKER_HOST=tcp://127.0.0.1:1 tools/docker/ensure");
        assert.equal(code, 1);
        assert.match(stderr, /no Docker daemon answers at DOCKER_HOST=tcp:\/\/127\.0\.0\.1:1/);
    });

    it("is asked for in words when nobody may start one", async () => {
        const { code, stderr } = await onEmptyMachine(`su nobody -s /bin/bash -c ${root}/tools/docker/ensure`);
        assert.equal(code, 1);
        assert.match(stderr, /install Docker .*docker version.* works for nobody/s);
    });

    it("that somebody else started is never stopped", async () => {
        const before = await run("docker", ["info", "--format", "{{.ID}}"]);
        const { code, stderr } = await tryRun("tools/docker/stop", [], { env: environment() });
        assert.equal(code, 0);
        assert.match(stderr, /nothing to stop/);
        assert.equal(await run("docker", ["info", "--format", "{{.ID}}"]), before);
    });
});
