import assert from "node:assert/strict";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FixtureConfig } from "./fixtures/workload/program";
import { Stack } from "./harness";
import { foreignImage } from "./support/foreign-image";
import { findSecrets } from "./support/scanner";
import { smallImage } from "./support/small-image";

describe("workload layer on a Docker Engine", function () {
    this.bail(true); // each step builds on the one before

    let stack: Stack;
    let settings: FixtureConfig;

    const set = (change: Partial<FixtureConfig>) => {
        settings = { ...settings, ...change };
        return stack.configure({ "gw-test:fixture": settings });
    };
    const container = (role: string) => `${stack.prefix}-demo-${role}`;
    const idOf = async (role: string): Promise<string> => (await stack.docker.inspect("container", container(role))).Id;
    const jobRuns = async () => (await stack.docker.exec(container("web"), "cat", "/data/runs")).split("\n");

    before(async () => {
        stack = await Stack.create({ name: "workload", program: "test/e2e/fixtures/workload" });
        settings = {
            image: await smallImage("1"),
            hostPath: join(stack.directory, "files"),
            greeting: "hello",
            healthTest: ["CMD", "test", "-f", "/data/runs"],
            job: { script: "echo about to break; echo $PASSWORD >/dev/null; echo the last word >&2; exit 3", trigger: "1" },
        };
        await set({});
    });
    after(async () => stack?.remove());

    it("refuses an image for another processor before anything is made from it", async () => {
        const image = `groundwork-test/foreign:${stack.name}`;
        const { image: fitting } = settings;
        try {
            await foreignImage(image, "s390x", stack.docker);
            await set({ image });
            const up = await stack.up();
            assert.notEqual(up.code, 0);
            assert.match(
                up.output,
                /image groundwork-test\/foreign:\S+: it is built for s390x processors, and the host has \w+: use an image for/,
            );
            assert.deepEqual((await stack.docker.objectsOf(stack)).container, []);
        } finally {
            await stack.docker.tryCli("rmi", image);
            await set({ image: fitting });
        }
    });

    it("fails the update with the last lines of a failed job, before what depends on it", async () => {
        const up = await stack.up();
        assert.notEqual(up.code, 0);
        assert.match(up.output, /exited with 3; its last lines:/);
        assert.match(up.output, /about to break/);
        assert.match(up.output, /the last word/);
        assert.deepEqual((await stack.docker.objectsOf(stack)).container, [container("alone")]);
    });

    it("says so in `make status`, although all that is there is well", async () => {
        const { code, stdout, stderr } = await stack.verb("status");
        assert.equal(code, 1, stdout);
        assert.match(stderr, new RegExp(`^error: the last \`make up STACK=${stack.name}\` failed \\(\\d{4}-`, "m"));
    });

    it("runs a failed job again, then starts what waits for it", async () => {
        await set({ job: { script: `test -n "$PASSWORD" && echo run >> /data/runs`, trigger: "1" } });
        const up = await stack.up();
        assert.equal(up.code, 0, up.output);
        assert.deepEqual(await jobRuns(), ["run"]);
        assert.equal((await stack.verb("status")).code, 0);
        assert.deepEqual((await stack.docker.objectsOf(stack)).container, [container("alone"), container("web")]);
        assert.equal((await stack.docker.inspect("container", container("web"))).State.Health.Status, "healthy");
    });

    it("changes nothing in a second update, and does not run the job again", async () => {
        const preview = await stack.preview("--diff");
        assert.equal(preview.changes, 0, preview.output);
        const up = await stack.up();
        assert.equal(up.code, 0, up.output);
        assert.equal(up.changes, 0, up.output);
        assert.deepEqual(await jobRuns(), ["run"]);
    });

    it("finds nothing changed on the host that nobody has changed", async () => {
        const preview = await stack.preview("--refresh", "--diff");
        assert.equal(preview.changes, 0, preview.output);
    });

    it("takes every capability, gives back what is asked for, and limits processes", async () => {
        const capabilities = async (role: string) => {
            const status = await stack.docker.exec(container(role), "cat", "/proc/1/status");
            return Object.fromEntries(
                [...status.matchAll(/^(CapBnd|CapEff|NoNewPrivs):\s+(\w+)$/gm)].map(([, name, value]) => [name, Number(`0x${value}`)]),
            );
        };
        assert.deepEqual(await capabilities("web"), { CapEff: 0, CapBnd: 0, NoNewPrivs: 1 });
        // CHOWN and KILL are bits 0 and 5.
        assert.deepEqual(await capabilities("alone"), { CapEff: 0x21, CapBnd: 0x21, NoNewPrivs: 1 });
        const bomb = "i=0; while [ $i -lt 100 ]; do sleep 1 & i=$((i+1)); done";
        assert.match((await stack.docker.tryCli("exec", container("alone"), "sh", "-c", bomb)).stderr, /fork/);
        assert.equal((await stack.docker.tryCli("exec", container("web"), "sh", "-c", bomb)).code, 0);
        await stack.docker.cli("restart", "--time", "1", container("alone"));
        assert.equal((await stack.docker.inspect("container", container("alone"))).HostConfig.PidsLimit, 60, "kept over a restart");
    });

    it("gives a service without need no network and nothing to write to", async () => {
        const attempt = (...command: string[]) => stack.docker.tryCli("exec", container("alone"), ...command);
        assert.equal((await attempt("ls", "/sys/class/net")).stdout.trim(), "lo");
        assert.match((await attempt("touch", "/etc/x")).stderr, /Read-only file system/);
        assert.equal((await attempt("touch", "/tmp/x")).code, 0);
    });

    it("hands the service its files, secrets and variables", async () => {
        const exec = (command: string) => stack.docker.exec(container("web"), "sh", "-c", command);
        const password = await exec("cat /run/secrets/password");
        assert.equal(password.length, 24);
        assert.match(await exec("stat -c '%a %u' /run/secrets/password"), /^400 0$/);
        // Compared without `assert.equal`, which would print the password.
        assert.ok((await exec("tr '\\0' '\\n' < /proc/1/environ")).split("\n").includes(`PASSWORD=${password}`));
        assert.equal(await exec("cat /etc/demo.conf"), "color = blue");
        const { mode, uid, gid } = statSync(settings.hostPath);
        assert.deepEqual({ mode: mode & 0o7777, uid, gid }, { mode: 0o750, uid: 1234, gid: 1235 });
    });

    it("shows no secret in state, plan, inspect or logs", async () => {
        await set({ greeting: "good morning" });
        const preview = await stack.preview("--diff");
        const report = await findSecrets(stack, { "preview --diff": preview.output });
        assert.ok(report.known >= 2, "the scanner knows the secrets it looks for");
        assert.deepEqual(report.found, []);
    });

    it("replaces only the service whose variable changed, and keeps its data", async () => {
        const before = await idOf("web");
        const up = await stack.up();
        assert.equal(up.code, 0, up.output);
        assert.deepEqual(up.counts.replace, 1, up.output);
        assert.notEqual(await idOf("web"), before);
        assert.deepEqual(await jobRuns(), ["run"]);
    });

    it("replaces the container when only its health check changed", async () => {
        const before = await idOf("web");
        await set({ healthTest: ["CMD", "true"] });
        const up = await stack.up();
        assert.equal(up.code, 0, up.output);
        assert.notEqual(await idOf("web"), before);
        assert.equal((await stack.up()).changes, 0);
    });

    it("runs a job again in place when its trigger changed", async () => {
        const before = await idOf("web");
        await set({ job: { ...settings.job, trigger: "2" } });
        const up = await stack.up();
        assert.equal(up.code, 0, up.output);
        assert.deepEqual(up.counts.update, 1);
        assert.deepEqual(await jobRuns(), ["run", "run"]);
        assert.equal(await idOf("web"), before, "what depends on the job was left alone");
    });

    it("adopts an existing host directory as it is", async () => {
        const hostPath = join(stack.directory, "existing");
        mkdirSync(hostPath, { mode: 0o755 });
        writeFileSync(join(hostPath, "data"), "kept");
        await set({ hostPath });
        const up = await stack.up();
        assert.equal(up.code, 0, up.output);
        assert.equal(await stack.docker.exec(container("web"), "cat", "/files/data"), "kept");
        assert.deepEqual([statSync(hostPath).mode & 0o777, statSync(hostPath).uid], [0o755, 0]);
    });

    describe("what an interrupted update left behind", () => {
        let mark: string;
        const leave = (...labels: string[]) =>
            stack.docker.cli(
                "run",
                "-d",
                "--name",
                container("web"),
                ...labels.flatMap((label) => ["--label", label]),
                settings.image,
                "sleep",
                "600",
            );

        it("is not touched when it is somebody else's", async () => {
            mark = (await stack.docker.inspect("container", container("web"))).Config.Labels["groundwork.mark"];
            await stack.docker.cli("rm", "-f", container("web"));
            for (const labels of [[], [`groundwork.project=${stack.project}`, `groundwork.stack=${stack.name}`]]) {
                const stranger = await leave(...labels);
                const up = await stack.up("--refresh");
                assert.notEqual(up.code, 0);
                assert.match(up.output, /the container .*-demo-web exists on .*, not by this state/);
                assert.equal(await idOf("web"), stranger);
                await stack.docker.cli("rm", "-f", stranger);
            }
        });

        it("is removed when it carries the mark of this state", async () => {
            const leftover = await leave(`groundwork.mark=${mark}`);
            const up = await stack.up();
            assert.equal(up.code, 0, up.output);
            assert.notEqual(await idOf("web"), leftover);
            assert.deepEqual(await jobRuns(), ["run", "run"], "data is as it was");
        });
    });

    describe("a guarded service", () => {
        before(async () => {
            await set({ engine: { greeting: "hello", allowRestart: false, network: "plant" } });
            const up = await stack.up();
            assert.equal(up.code, 0, up.output);
        });

        for (const verb of ["preview", "up"] as const) {
            it(`refuses its replacement in ${verb}, naming subject, field, status and setting`, async () => {
                const before = await idOf("engine");
                await set({ engine: { greeting: "changed", allowRestart: false, network: "plant" } });
                const { code, output } = await stack[verb]();
                assert.notEqual(code, 0);
                assert.match(output, /engine "demo" is deployed and would be restarted: environment changed \(a run is active\)/);
                assert.match(output, /set demo\.engine\.allowRestart: true/);
                assert.equal(await idOf("engine"), before);
            });
        }

        it("refuses it when a network below it is replaced", async () => {
            const before = await idOf("engine");
            await set({ engine: { greeting: "hello", allowRestart: false, network: "plant-2" } });
            const preview = await stack.preview();
            assert.notEqual(preview.code, 0);
            assert.match(preview.output, /engine "demo" is deployed and would be restarted/);
            assert.equal(await idOf("engine"), before);
        });

        for (const runProgram of [true, false]) {
            it(`refuses destroy before anything is deleted, ${runProgram ? "with" : "without"} the program`, async () => {
                await set({ engine: { greeting: "hello", allowRestart: false, network: "plant" } });
                const before = await stack.docker.objectsOf(stack);
                const engine = await idOf("engine");
                const destroy = await stack.destroy({ runProgram, preview: true });
                assert.notEqual(destroy.code, 0);
                assert.match(destroy.output, runProgram ? /engine "demo" is deployed/ : /run with the `--run-program` flag/);
                assert.deepEqual(await stack.docker.objectsOf(stack), before);
                assert.equal(await idOf("engine"), engine);
            });
        }

        it("is replaced once that is allowed", async () => {
            await set({ engine: { greeting: "changed", allowRestart: true, network: "plant-2" } });
            const up = await stack.up();
            assert.equal(up.code, 0, up.output);
            assert.match(await stack.docker.exec(container("engine"), "env"), /GREETING=changed/);
        });
    });

    describe("data protection", () => {
        it("refuses to destroy protected volumes, and gives them up when it is off", async () => {
            await set({ protect: true });
            assert.equal((await stack.up()).code, 0);
            const refused = await stack.destroy();
            assert.notEqual(refused.code, 0);
            assert.ok((await stack.docker.objectsOf(stack)).volume.includes(container("data")));
            await set({ protect: false });
            assert.equal((await stack.up()).code, 0);
        });

        it("destroy leaves nothing behind", async () => {
            const destroy = await stack.destroy();
            assert.equal(destroy.code, 0, destroy.output);
            assert.deepEqual(await stack.docker.objectsOf(stack), { container: [], network: [], volume: [] });
        });
    });
});
