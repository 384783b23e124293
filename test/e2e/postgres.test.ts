import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { lockedImage } from "../../components/images";
import type { PostgresSettings } from "../../components/postgres";
import type { FixtureConfig } from "./fixtures/postgres/program";
import { Stack } from "./harness";

describe("postgres on a Docker Engine", function () {
    this.bail(true); // each step builds on the one before

    let stack: Stack;
    let settings: FixtureConfig;

    // Read once: a suite must not notice when images are built meanwhile.
    const images = { postgres: lockedImage("postgres").reference, backup: lockedImage("backup").reference };
    const later = `groundwork-test/postgres-later:${process.pid}`;

    const set = (change: { version?: string; postgres?: PostgresSettings }) => {
        settings = { ...settings, ...change };
        const { version, postgres } = settings;
        const fixture = { version, postgres: { image: images.postgres, ...postgres, backup: { keep: 3, image: images.backup } } };
        return stack.configure({ "gw-postgres:fixture": fixture });
    };
    const server = () => `${stack.prefix}-demo-postgres-postgres`;
    const backup = (...args: string[]) => stack.docker.exec(`${stack.prefix}-demo-postgres-backup`, "backup", ...args);
    const sql = (statement: string, database = "demo") =>
        stack.docker.exec(
            server(),
            "psql",
            "--username=demo-user",
            "--quiet",
            "--no-align",
            "--tuples-only",
            `--dbname=${database}`,
            "-c",
            statement,
        );
    const names = async () =>
        (await backup("list"))
            .split("\n")
            .filter(Boolean)
            .map((line) => line.split(" ")[0]!);
    const up = async () => {
        const result = await stack.up();
        assert.equal(result.code, 0, result.output);
        return result;
    };
    const refused = async (reason: RegExp) => {
        const result = await stack.up();
        assert.notEqual(result.code, 0);
        assert.match(result.output, reason);
        return result;
    };
    const started = async () => (await stack.docker.inspect("container", server())).State.StartedAt as string;

    before(async () => {
        stack = await Stack.create({ name: "postgres", program: "test/e2e/fixtures/postgres" });
        await set({ version: "1" });
    });
    after(async () => {
        await stack?.remove();
        await stack?.docker.tryCli("image", "rm", later);
    });

    it("makes a database that lets in who has the password", async () => {
        await up();
        const { host, port, user, password, database } = await stack.outputs();
        const network = `${stack.prefix}-demo-network`;
        const connect = (secret: string) =>
            stack.docker.tryCli(
                ...["run", "--rm", "--network", network, "--env", `PGPASSWORD=${secret}`, "--entrypoint", "psql", images.postgres],
                ...[`--host=${host}`, `--port=${port}`, `--username=${user}`, `--dbname=${database}`, "-Atc", "select 'in'"],
            );
        assert.equal((await connect(password!)).stdout.trim(), "in");
        assert.match((await connect("wrong")).stderr, /password authentication failed/);
    });

    it("changes nothing in a second update", async () => {
        await sql("create extension citext; create table runs (name citext); insert into runs values ('first')");
        assert.equal((await stack.preview("--diff")).changes, 0);
        assert.equal((await up()).changes, 0);
        assert.deepEqual(await names(), []);
    });

    it("shows its password nowhere", async () => {
        const { password } = await stack.outputs();
        for (const container of [server(), `${stack.prefix}-demo-postgres-backup`]) {
            assert.ok(!JSON.stringify(await stack.docker.inspect("container", container)).includes(password!));
            assert.ok(!(await stack.docker.logs(container)).includes(password!));
        }
        assert.ok(!JSON.stringify(await stack.state()).includes(password!));
    });

    it("backs up before a program changes, and leaves the server alone", async () => {
        const before = await started();
        await set({ version: "2" });
        await up();
        assert.equal((await names()).length, 1);
        assert.equal(await started(), before);
    });

    it("restores what was lost, below a program that is connected, and keeps what was there", async () => {
        await sql("insert into runs values ('kept')");
        await sleep(1000); // names count in seconds
        const file = (await backup("now")).split("/").at(-1)!;
        await sql("drop table runs; create table other (i int)");
        const connected = stack.docker.tryCli(
            "exec",
            server(),
            "psql",
            "--username=demo-user",
            "--dbname=demo",
            "-c",
            "select pg_sleep(60)",
        );
        await sleep(500);
        await backup("restore", file);
        assert.match((await connected).stderr, /terminating connection/);
        assert.equal(await sql("select string_agg(name, ' ' order by name) from runs"), "first kept");
        assert.equal(await sql("select count(*) from other", "demo_before_restore"), "0");
    });

    it("changes nothing when a backup is damaged", async () => {
        const [file] = await names();
        const container = `${stack.prefix}-demo-postgres-backup`;
        await stack.docker.exec(container, "sh", "-c", `head -c 1500 /backups/${file} > /backups/damaged`);
        const { code, stderr } = await stack.docker.tryCli("exec", container, "backup", "restore", "damaged");
        assert.equal(code, 1);
        assert.match(stderr, /damaged is damaged: nothing was changed/);
        assert.equal(await sql("select count(*) from runs"), "2");
    });

    it("refuses an image of another major version than is wanted", async () => {
        const before = await started();
        await set({ postgres: { majorVersion: 16 } });
        await refused(/is PostgreSQL 17, and majorVersion is 16: nothing was changed/);
        assert.equal(await started(), before);
    });

    it("refuses data of another major version, with the way to upgrade", async () => {
        const before = await started();
        const file = "/var/lib/postgresql/data/pgdata/PG_VERSION";
        // The server reads it at its start only.
        await stack.docker.exec(server(), "sh", "-c", `echo 15 > ${file}`);
        await stack.docker.cli("tag", images.postgres, later);
        await set({ postgres: { image: later } });
        const { output } = await refused(/is of PostgreSQL 15, and majorVersion is 17: nothing was changed/);
        assert.match(output, /1\. make backup STACK=\S+ SYSTEM=test /);
        assert.match(output, /4\. make restore STACK=\S+ SYSTEM=test FILE=<newest>/);
        assert.equal(await started(), before);
        assert.equal(await sql("select count(*) from runs"), "2");
    });

    it("is upgraded that way", async () => {
        await sleep(1000);
        await backup("now");
        const volume = `${stack.prefix}-demo-postgres-data`;
        await stack.docker.cli("stop", await stack.docker.cli("ps", "--quiet", "--filter", `volume=${volume}`));
        await stack.docker.cli(
            "run",
            "--rm",
            "--entrypoint",
            "mv",
            "--volume",
            `${volume}:/data`,
            later,
            "/data/pgdata",
            "/data/pgdata-15",
        );
        await up();
        await backup("restore", (await names())[0]!);
        assert.equal(await sql("select count(*) from runs"), "2");
        assert.equal((await stack.preview()).changes, 0);
    });

    it("stops the update when the backup fails", async () => {
        await stack.docker.cli("stop", server());
        await set({ version: "3" });
        await refused(/no backup was made[\s\S]*GROUNDWORK_SKIP_BACKUP=yes/);
        await stack.docker.cli("start", server());
    });

    it("goes with the stack", async () => {
        assert.equal((await stack.destroy()).code, 0);
        assert.deepEqual(await stack.docker.objectsOf(stack), { container: [], network: [], volume: [] });
    });
});
