import assert from "node:assert/strict";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { BackupSettings } from "../../components/backup";
import { lockedImage } from "../../components/images";
import type { FixtureConfig } from "./fixtures/backup/program";
import { Stack } from "./harness";
import { Verb } from "./support/verb";
import { until } from "./support/wait";

describe("backup on a Docker Engine", function () {
    this.bail(true); // each step builds on the one before

    let stack: Stack;
    let settings: FixtureConfig;

    // Read once: a suite must not notice when images are built meanwhile.
    const { reference: image } = lockedImage("backup");

    const set = (change: { version?: string; backup?: BackupSettings }) => {
        settings = { ...settings, ...change, backup: { ...(change.backup ?? settings.backup), image } };
        return stack.configure({ "gw-backup:fixture": settings });
    };
    const program = () => `${stack.prefix}-demo-program`;
    const scheduler = () => `${stack.prefix}-demo-backup`;
    const backup = (...args: string[]) => stack.docker.exec(scheduler(), "backup", ...args);
    const sql = (statement: string) => stack.docker.exec(program(), "sqlite3", "/data/demo.sqlite3", statement);
    const names = async () =>
        (await backup("list"))
            .split("\n")
            .filter(Boolean)
            .map((line) => line.split(" ")[0]!);
    const version = async () => stack.docker.exec(program(), "printenv", "VERSION");
    const up = async () => {
        const result = await stack.up();
        assert.equal(result.code, 0, result.output);
        return result;
    };

    before(async () => {
        stack = await Stack.create({ name: "backup", program: "test/e2e/fixtures/backup" });
        settings = { version: "1", backup: { keep: 3, image } };
        await set({});
    });
    after(async () => stack?.remove());

    it("has nothing to back up on the first deployment, and goes on", async () => {
        await up();
        assert.deepEqual(await names(), []);
        const { listCommand, restoreCommand } = await stack.outputs();
        assert.deepEqual(
            [listCommand, restoreCommand],
            ["list", "restore <file>"].map((words) => `docker exec ${scheduler()} backup ${words}`),
        );
    });

    it("changes nothing in a second update, and makes no backup", async () => {
        await sql("create table runs (name text); insert into runs values ('first')");
        assert.equal((await stack.preview("--diff")).changes, 0);
        assert.equal((await up()).changes, 0);
        assert.deepEqual(await names(), []);
    });

    it("makes a backup before the program changes, in place and first", async () => {
        await set({ version: "2" });
        const steps = (await up()).steps.filter((step) => !step.includes(" pulumi:providers:"));
        assert.equal(steps[0], "update pulumi-nodejs:dynamic/groundwork:Job demo-backup-before-change");
        assert.ok(!steps.some((step) => step.endsWith(" demo-backup-backup")), steps.join("\n"));
        assert.equal(await version(), "2");
        assert.equal((await names()).length, 1);
    });

    it("backs up while a writer is at work, whole transactions only", async () => {
        const writer =
            "for i in $(seq 400); do echo \"begin; insert into runs values ('a'); insert into runs values ('b'); commit;\"; done";
        const writing = stack.docker.exec(program(), "sh", "-c", `(${writer}) | sqlite3 -cmd '.timeout 10000' /data/demo.sqlite3`);
        const file = await backup("now");
        await writing;
        const count = Number(await stack.docker.exec(scheduler(), "sqlite3", file, "select count(*) from runs"));
        assert.equal(count % 2, 1, `${count} rows: the first one and whole pairs`);
    });

    it("restores what was lost", async () => {
        await sql("delete from runs; insert into runs values ('kept')");
        const file = (await backup("now")).split("/").at(-1)!;
        await sql("drop table runs");
        await stack.docker.cli("stop", program());
        await backup("restore", file);
        await stack.docker.cli("start", program());
        assert.equal(await sql("select name from runs"), "kept");
        assert.equal(await sql("pragma integrity_check"), "ok");
    });

    /** While it lasts, a restore waits for the database, and a backup does not. */
    async function whileWritten<T>(work: () => Promise<T>): Promise<T> {
        const wait = "touch /tmp/begun; until [ -e /tmp/end ]; do sleep 0.1; done";
        const script = `rm -f /tmp/begun /tmp/end; { echo 'begin immediate;'; echo ".shell ${wait}"; } | sqlite3 /source/demo.sqlite3`;
        await sql("pragma journal_mode=wal");
        const writer = stack.docker.exec(scheduler(), "sh", "-c", script);
        await until("the writer", () => stack.docker.exec(scheduler(), "test", "-e", "/tmp/begun").then(() => true));
        try {
            return await work();
        } finally {
            await stack.docker.exec(scheduler(), "touch", "/tmp/end");
            await writer;
        }
    }
    const running = async () => (await stack.docker.inspect("container", program())).State.Running as boolean;
    const restoring = () =>
        until("the restore in the container", () =>
            stack.docker.exec(scheduler(), "sh", "-c", "grep -q . /run/backup.restoring.*").then(() => true),
        );
    const restore = async () => Verb.start(stack, "restore", { YES: "yes", FILE: (await names())[0]! });

    it("`make restore`, interrupted while it stops the program: nothing has changed, the program runs", async () => {
        await sql("update runs set name = 'present'");
        const verb = await restore();
        await verb.says(/stopping .*demo-program/);
        verb.signal("SIGINT");
        assert.equal(await verb.ended, 130, verb.output);
        assert.match(verb.output, /interrupted: nothing was changed/);
        assert.equal(await running(), true);
        assert.equal(await sql("select name from runs"), "present");
    });

    it("`make restore`, interrupted while the backup is put back: nothing has changed, the program runs", async () => {
        const verb = await whileWritten(async () => {
            const verb = await restore();
            await restoring();
            verb.signal("SIGTERM");
            await verb.ended;
            return verb;
        });
        assert.equal(await verb.ended, 130, verb.output);
        assert.match(verb.output, /stopping the restore[\s\S]*interrupted: nothing was changed/);
        assert.equal(await running(), true);
        assert.equal(await sql("select name from runs"), "present");
    });

    it("`make restore`, killed: the next one also starts the program again", async () => {
        await whileWritten(async () => {
            const verb = await restore();
            await restoring();
            verb.signal("SIGKILL");
            await verb.ended;
            assert.equal(await running(), false);
        });
        const look = Verb.start(stack, "restore", {});
        assert.equal(await look.ended, 0);
        assert.match(look.output, /an interrupted restore has stopped .*demo-program: the next restore starts it again/);
        const verb = await restore();
        assert.equal(await verb.ended, 0, verb.output);
        assert.equal(await running(), true);
        const again = Verb.start(stack, "restore", {});
        await again.ended;
        assert.doesNotMatch(again.output, /interrupted/);
    });

    /** What `make up` does before the update. */
    const beforeUp = () => Verb.start(stack, "recover", { PULUMI_OPTION_CONFIG_FILE: stack.env.GROUNDWORK_CONFIG_FILE! });

    it("`make restore`, under way: no other verb starts the program, takes it away or restores at the same time", async () => {
        const verb = await whileWritten(async () => {
            const verb = await restore();
            await restoring();
            for (const other of [beforeUp(), Verb.start(stack, "down", { YES: "yes" }), await restore()]) {
                assert.equal(await other.ended, 1, other.output);
                assert.match(other.output, /a restore of test is under way since \d{4}-\S+Z: wait for it/);
            }
            assert.equal(await running(), false);
            return verb;
        });
        assert.equal(await verb.ended, 0, verb.output);
        assert.equal(await running(), true);
        const up = beforeUp();
        assert.equal(await up.ended, 0, up.output);
        assert.equal(up.output, "");
    });

    it("`make restore`, killed: what it was doing ends, and `make up` starts the program again and says so", async () => {
        await sql("update runs set name = 'present'");
        await whileWritten(async () => {
            const verb = await restore();
            await restoring();
            verb.signal("SIGKILL");
            await verb.ended;
            const gone = ["sh", "-c", "! grep -qsxz restore /proc/[0-9]*/cmdline"];
            await until("the end of the script", () => stack.docker.exec(scheduler(), ...gone).then(() => true), 5);
            await stack.docker.cli("pause", scheduler());
            const up = beforeUp();
            assert.equal(await up.ended, 0, up.output);
            assert.match(up.output, /mending: \S+-demo-backup goes on after a pause[^]*mending: \S+-demo-program is started/);
            assert.match(up.output, /a restore of test was interrupted, and \S+-demo-program runs again after it/);
        });
        assert.equal(await sql("select name from runs"), "present");
        const again = Verb.start(stack, "restore", {});
        await again.ended;
        assert.doesNotMatch(again.output, /interrupted/);
    });

    it("`make restore` sees to it that a program opens the restored database that somebody started meanwhile", async () => {
        const started = async () => (await stack.docker.inspect("container", program())).State.StartedAt as string;
        const [verb, before] = await whileWritten(async () => {
            const verb = await restore();
            await restoring();
            await stack.docker.cli("start", program());
            return [verb, await started()] as const;
        });
        assert.equal(await verb.ended, 0, verb.output);
        assert.match(verb.output, /restarting \S+-demo-program: somebody has started it meanwhile/);
        assert.notEqual(await started(), before);
    });

    it("keeps as many as it was told", async () => {
        for (let count = 0; count < 3; count++) await backup("now");
        assert.equal((await names()).length, 3);
    });

    it("stops the update before anything changed when the backup fails", async () => {
        await stack.docker.exec(program(), "sh", "-c", "cp /data/demo.sqlite3 /data/good && echo nonsense > /data/demo.sqlite3");
        await set({ version: "3" });
        const failed = await stack.up();
        assert.notEqual(failed.code, 0);
        assert.match(failed.output, /no backup was made/);
        assert.equal(await version(), "2");
        assert.equal((await names()).length, 3, "the good ones are still there");
    });

    it("tries again once the reason is gone", async () => {
        await stack.docker.exec(program(), "mv", "/data/good", "/data/demo.sqlite3");
        await up();
        assert.equal(await version(), "3");
    });

    it("moves to a directory of the host and runs on its schedule", async () => {
        const hostPath = join(stack.directory, "backups");
        await set({ backup: { keep: 3, schedule: "* * * * *", directory: { hostPath } } });
        await up();
        assert.equal(statSync(hostPath).mode & 0o777, 0o700);
        await until("the scheduler's backup", () => readdirSync(hostPath).some((file) => file.endsWith(".sqlite3")), 90);
        assert.equal((await stack.preview()).changes, 0);
    });

    const health = async () => (await stack.docker.inspect("container", scheduler())).State.Health.Status;
    /** What the scheduler runs, without waiting for the minute. */
    const scheduled = () => stack.docker.tryCli("exec", scheduler(), "sh", "-c", 'sh -c "$(cut -d " " -f 6- /run/backup.crontab)"');

    it("is unhealthy while its last scheduled backup has failed", async () => {
        await until("health", async () => (await health()) === "healthy", 30);
        await stack.docker.exec(program(), "sh", "-c", "mv /data/demo.sqlite3 /data/good && echo nonsense > /data/demo.sqlite3");
        await scheduled();
        await until("a failed backup to show", async () => (await health()) === "unhealthy", 60);
        await stack.docker.exec(program(), "mv", "/data/good", "/data/demo.sqlite3");
        await backup("now");
        await until("health", async () => (await health()) === "healthy", 30);
    });

    it("is unhealthy, and deletes nothing, when the database has shrunk, until somebody says that it is right", async () => {
        const before = await names();
        await sql("drop table runs; vacuum");
        await scheduled();
        await until("the kept copy to show", async () => (await health()) === "unhealthy", 60);
        assert.deepEqual(
            (await names()).filter((name) => !name.includes(".smaller.")),
            before,
        );
        const verb = Verb.start(stack, "backup", { ACCEPT_SMALLER: "yes" });
        assert.equal(await verb.ended, 0, verb.output);
        await until("health", async () => (await health()) === "healthy", 30);
    });

    it("adopts a directory of backups that is there already", async () => {
        const hostPath = join(stack.directory, "older");
        mkdirSync(hostPath, { mode: 0o755 });
        await stack.docker.cli("run", "--rm", "--volume", `${hostPath}:/backups`, image, "touch", "/backups/note");
        await set({ backup: { directory: { hostPath } } });
        await up();
        await backup("now");
        assert.equal(statSync(hostPath).mode & 0o777, 0o755);
        assert.ok(readdirSync(hostPath).includes("note"));
    });
});
