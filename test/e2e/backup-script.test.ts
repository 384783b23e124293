import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { lockedImage } from "../../components/images";
import { Docker } from "./support/docker";
import type { Result } from "./support/process";
import { ScriptKiller } from "./support/script-killer";
import { until } from "./support/wait";

/** What the script does by itself, in a container of its image, with a SQLite database. The deployed one: `backup.test.ts`. */
describe("the script `backup` with SQLite", () => {
    const docker = new Docker();
    const { reference: image } = lockedImage("backup");
    const EXTERNAL = ["ln", "mv", "rm", "install", "sync", "sqlite3", "chown", "chmod", "mkdir", "dirname", "date", "flock"];
    let box: string;

    const sh = (line: string) => docker.exec(box, "sh", "-euc", line);
    const sql = (statement: string, file = "/source/demo.sqlite3") => docker.exec(box, "sqlite3", "-bail", file, statement);
    const backup = (...args: string[]): Promise<Result> => docker.tryCli("exec", box, "backup", ...args);
    const files = async (directory: string) =>
        (await sh(`find ${directory} -type f ! -name '.*' -printf '%f\n' | sort`)).split("\n").filter(Boolean);

    /** Makes a backup that must succeed, and returns its name. */
    async function good(...args: string[]): Promise<string> {
        const { code, stdout, stderr } = await backup("now", ...args);
        assert.equal(code, 0, stderr);
        return stdout.trim().split("/").at(-1)!;
    }
    async function fails(reason: RegExp, ...args: string[]): Promise<void> {
        const { code, stderr } = await backup(...args);
        assert.notEqual(code, 0);
        assert.match(stderr, reason);
    }
    /** A database of some size, with one word in it. */
    const fill = (word: string, rows = 2000) =>
        sql(`create table words (word text); insert into words values ('${word}');
            create table ballast as select hex(randomblob(50)) from generate_series(1, ${rows})`);
    const word = (file?: string) => sql("select group_concat(word) from words", file);

    beforeEach(async () => {
        box = `groundwork-test-backup-${randomBytes(3).toString("hex")}`;
        const variables = { BACKUP_NAME: "demo", BACKUP_DIRECTORY: "/backups", BACKUP_SOURCE: "/source/demo.sqlite3", BACKUP_KEEP: "3" };
        const env = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
        await docker.cli(
            "run",
            "--detach",
            "--init",
            "--network",
            "none",
            "--name",
            box,
            ...env,
            "--entrypoint",
            "sleep",
            image,
            "infinity",
        );
        await sh("mkdir /source /backups");
    });
    afterEach(() => docker.tryCli("rm", "--force", box));

    describe("now", () => {
        it("keeps the backup it has just made, whatever lies in the future, and says what does", async () => {
            await fill("first");
            const made = await good();
            const past = ["demo-2001-01-01T000000Z.sqlite3", "demo-2001-01-02T000000Z.sqlite3", "demo-2001-01-03T000000Z.sqlite3"];
            const future = ["demo-2099-01-01T000000Z.sqlite3", "demo-2099-01-02T000000Z.sqlite3", "demo-2099-01-03T000000Z.sqlite3"];
            for (const name of [...past, ...future]) await sh(`cp /backups/${made} /backups/${name}`);
            const { code, stdout, stderr } = await backup("now");
            assert.equal(code, 0, stderr);
            const newest = stdout.trim().split("/").at(-1)!;
            assert.deepEqual(await files("/backups"), [past[2], made, newest, ...future].sort());
            for (const name of future) assert.ok(stderr.includes(name), stderr);
            assert.match(stderr, /lie in the future/);
        });

        it("overwrites no backup of the same second", async () => {
            await fill("first");
            const taken = 'for ahead in 0 1; do echo kept > /backups/demo-$(date -u -d "+$ahead sec" +%Y-%m-%dT%H%M%SZ).sqlite3; done';
            await sh(taken);
            const made = await good("--accept-smaller");
            assert.equal(await sh("cat /backups/*.sqlite3 | grep -acx kept"), "2", made);
        });

        it("has nothing to do before there is a database", async () => {
            const { code, stderr } = await backup("now");
            assert.equal(code, 0);
            assert.match(stderr, /no database at \/source\/demo.sqlite3 yet/);
        });

        it("fails when the database is gone and there are backups of it", async () => {
            await fill("first");
            const made = await good();
            await sh("rm /source/demo.sqlite3");
            await fails(new RegExp(`no database at /source/demo.sqlite3, but a backup of it, ${made}: is its disk mounted\\?`), "now");
            await fails(/the update stops before it changes anything/, "before-change");
            assert.deepEqual(await files("/backups"), [made]);
        });

        it("keeps a copy apart that is far smaller, and deletes nothing, however often", async () => {
            await fill("first");
            const made = [await good(), await good(), await good()];
            await sh("rm /source/demo.sqlite3");
            await fill("begun anew", 10);
            for (let count = 0; count < 4; count++) await fails(/less than half of the last backup[\s\S]*ACCEPT_SMALLER=yes/, "now");
            const { stdout: list } = await backup("list");
            const names = list
                .trim()
                .split("\n")
                .map((line) => line.split(" ")[0]!);
            const apart = names.filter((name) => name.endsWith(".smaller.sqlite3"));
            assert.equal(apart.length, 3, "as many as are kept of the others");
            assert.deepEqual(names.filter((name) => !apart.includes(name)).sort(), made.sort());
            assert.equal(await word(`/backups/${apart[0]}`), "begun anew");
        });

        it("keeps a copy without tables apart, too", async () => {
            await sql("create table words (word text)");
            const made = await good();
            await sql("drop table words");
            await fails(/has no tables, and the last backup/, "now");
            await sh("rm /source/demo.sqlite3 && touch /source/demo.sqlite3");
            await fails(/kept apart/, "now");
            assert.deepEqual(
                (await files("/backups")).filter((name) => !name.includes("smaller")),
                [made],
            );
        });

        for (const mode of ["delete", "wal"]) {
            it(`comes to an end while a large database is written to all the time, journal mode ${mode}`, async () => {
                await sql(`pragma journal_mode=${mode}; pragma synchronous=off; create table pairs (side text);
                    create table ballast as select randomblob(1000) from generate_series(1, 200000)`);
                const pair = "begin immediate; insert into pairs values ('left'); insert into pairs values ('right'); commit";
                const write = `sqlite3 -bail -cmd '.timeout 60000' /source/demo.sqlite3 "${pair}"`;
                const writer = sh(`until [ -e /tmp/end ]; do ${write}; sleep 0.05; done`);
                const { code, stdout, stderr } = await backup("now");
                await sh("touch /tmp/end");
                await writer;
                assert.equal(code, 0, stderr);
                assert.match(stderr, mode === "wal" ? /^$/ : /they waited for up to \d+ s/);
                const copied = Number(await sql("select count(*) from pairs", stdout.trim()));
                assert.equal(copied % 2, 0, "whole transactions only");
                assert.ok(copied <= Number(await sql("select count(*) from pairs")));
            });
        }

        it("takes a smaller copy for good when it is told to, and compares with that one then", async () => {
            await fill("first");
            await good();
            await sql("drop table ballast; vacuum");
            await fails(/kept apart/, "now");
            await good("--accept-smaller");
            await good();
        });
    });

    describe("restore", () => {
        it("keeps every original", async () => {
            await fill("first");
            const file = await good();
            await sql("update words set word = 'second'");
            assert.equal((await backup("restore", file)).code, 0);
            await sql("update words set word = 'third'");
            const { code, stderr } = await backup("restore", file);
            assert.equal(code, 0, stderr);
            assert.equal(await word(), "first");
            const kept = (await files("/source")).filter((name) => name !== "demo.sqlite3");
            for (const name of kept) assert.match(name, /^demo\.sqlite3\.before-restore-\d{4}-\d\d-\d\dT\d{6}Z$/);
            assert.ok(stderr.includes(`/source/${kept[1]}`), stderr);
            assert.deepEqual(await Promise.all(kept.map((name) => word(`/source/${name}`))), ["second", "third"]);
        });

        /** A program that died with a transaction in its write-ahead log: the file alone does not have it. */
        async function leaveLog(): Promise<void> {
            const script = "pragma journal_mode=wal;\nupdate words set word = 'in the log';\n.shell kill -9 $PPID\n";
            await docker.exec(box, "sh", "-c", 'printf %s "$1" | sqlite3 /source/demo.sqlite3; true', "sh", script);
            assert.ok((await files("/source")).includes("demo.sqlite3-wal"));
        }

        it("keeps what a dead program left in its journal", async () => {
            await fill("first");
            const file = await good();
            await leaveLog();
            assert.equal((await backup("restore", file)).code, 0);
            const names = await files("/source");
            assert.equal(names.length, 2, names.join(" "));
            assert.equal(await word(), "first");
            assert.equal(await word(`/source/${names[1]}`), "in the log");
        });

        it("leaves the old database or the new one, whole, wherever it is killed, and goes through afterwards", async () => {
            const killer = await ScriptKiller.create(docker, box, EXTERNAL);
            await fill("new");
            const file = await good();
            let [call, code] = [0, 1 as number | null];
            const seen = new Set<string>();
            while (code !== 0) {
                await sh("rm -f /source/*");
                await fill("old");
                await leaveLog();
                ({ code } = await killer.run(++call, "backup", "restore", file));
                // Looked at in a copy of all files, as the program would find them, so that looking heals nothing.
                await sh("rm -rf /look && cp -a /source /look");
                const found = await word("/look/demo.sqlite3");
                assert.equal(await sql("pragma integrity_check", "/look/demo.sqlite3"), "ok", `killed before call ${call}`);
                assert.ok(["in the log", "new"].includes(found), `killed before call ${call}: ${found}`);
                seen.add(found);
                const again = await backup("restore", file);
                assert.equal(again.code, 0, `killed before call ${call}: ${again.stderr}`);
                assert.equal(await word(), "new");
                const kept = (await files("/source")).filter((name) => name !== "demo.sqlite3");
                const words = await Promise.all(kept.map((name) => word(`/source/${name}`)));
                assert.ok(words.includes("in the log"), `killed before call ${call}: ${kept.join(" ")}`);
                assert.ok(kept.length <= 2 && kept.every((name) => name.includes("before-restore-")), kept.join(" "));
            }
            assert.ok(call > 8, `${call} places`);
            assert.deepEqual([...seen].sort(), ["in the log", "new"]);
        });

        it("puts a backup in the place of a damaged database, and keeps that", async () => {
            await fill("first");
            const file = await good();
            await sh("echo nonsense > /source/demo.sqlite3");
            const { code, stderr } = await backup("restore", file);
            assert.equal(code, 0, stderr);
            assert.equal(await word(), "first");
            assert.equal(await sh("cat /source/*before-restore*"), "nonsense");
        });

        it("refuses a database that is in use", async () => {
            await fill("first");
            const file = await good();
            const user = docker.tryCli(
                "exec",
                box,
                "sh",
                "-c",
                "{ echo 'begin exclusive;'; echo '.shell touch /tmp/begun; sleep 15'; } | sqlite3 /source/demo.sqlite3",
            );
            await until("the lock", () => sh("test -e /tmp/begun").then(() => true));
            await fails(/is in use: stop its program first; nothing was changed/, "restore", file);
            await user;
        });

        /** A restore that waits for another one. */
        const waits = () => until("one that waits", () => sh("cat /proc/[0-9]*/comm 2>/dev/null | grep -qx flock").then(() => true));

        it("is stopped by `cancel`, and has changed nothing", async () => {
            await fill("first");
            const file = await good();
            await sql("update words set word = 'second'");
            const holder = docker.tryCli(
                "exec",
                box,
                "sh",
                "-c",
                "flock /backups/.lock sh -c 'touch /tmp/held; until [ -e /tmp/release ]; do sleep 0.1; done'",
            );
            await until("the lock", () => sh("test -e /tmp/held").then(() => true));
            const restoring = backup("restore", file);
            await waits();
            assert.equal((await backup("cancel")).code, 0);
            const { code, stderr } = await restoring;
            assert.equal(code, 143, stderr);
            assert.match(stderr, /stopped: nothing was changed/);
            await sh("touch /tmp/release");
            await holder;
            assert.equal(await word(), "second");
            assert.deepEqual(await files("/source"), ["demo.sqlite3"]);
            assert.equal((await backup("cancel")).code, 0, "nothing to cancel is no failure");
        });

        /** One restore at work, which waits for a program that has the database open, and another one that waits for the first. */
        async function twoAtOnce() {
            await fill("first");
            const file = await good();
            await sql("update words set word = 'second'");
            const later = await good();
            const use = "{ echo 'begin exclusive;'; echo '.shell touch /tmp/begun; sleep 6'; } | sqlite3 /source/demo.sqlite3";
            void docker.tryCli("exec", box, "sh", "-c", use);
            await until("the program", () => sh("test -e /tmp/begun").then(() => true));
            const atWork = backup("restore", file, "at-work");
            await until("the first restore", () => sh("test -s /source/demo.sqlite3.restoring").then(() => true));
            const waiting = backup("restore", later, "waiting");
            await waits();
            return { atWork, waiting };
        }

        it("goes on when another one is stopped that waits for it", async () => {
            const { atWork, waiting } = await twoAtOnce();
            await backup("cancel", "waiting");
            assert.equal((await waiting).code, 143, (await waiting).stderr);
            assert.equal(await sh("ls /source | grep restoring"), "demo.sqlite3.restoring");
            assert.equal((await atWork).code, 0, (await atWork).stderr);
            assert.equal(await word(), "first");
            assert.equal((await files("/source")).length, 2, "what was there is kept");
        });

        it("is stopped alone: the one that waits for it comes next", async () => {
            const { atWork, waiting } = await twoAtOnce();
            await backup("cancel", "at-work");
            assert.equal((await atWork).code, 143, (await atWork).stderr);
            assert.equal((await waiting).code, 0, (await waiting).stderr);
            assert.equal(await word(), "second");
        });

        it("is not taken for another program that has the number of one that was killed", async () => {
            await fill("first");
            await good();
            const other = docker.tryCli("exec", box, "sh", "-c", "echo $$ > /run/backup.restoring.killed; exec sleep 3");
            await until("the other program", () => sh("test -s /run/backup.restoring.killed").then(() => true));
            assert.equal((await backup("cancel")).code, 0);
            assert.equal((await other).code, 0);
        });
    });
});
