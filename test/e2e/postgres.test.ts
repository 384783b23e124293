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
    const psql = (user: string, database: string, ...args: string[]) =>
        stack.docker.exec(server(), "psql", `--username=${user}`, "--quiet", "-At", `--dbname=${database}`, ...args);
    const sql = (statement: string, database = "demo") => psql("demo-user", database, "-c", statement);
    const administer = (...statements: string[]) => psql("demo-admin", "demo", ...statements.flatMap((statement) => ["-c", statement]));
    const ownerOf = (table: string) => sql(`select relowner::regrole from pg_class where oid = '${table}'::regclass`);
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

    it("lets programs in as the owner of the database, who is no superuser", async () => {
        assert.equal(await sql("select usesuper or usecreatedb from pg_user where usename = current_user"), "f");
        assert.equal(await sql("select datdba::regrole from pg_database where datname = 'demo'"), '"demo-user"');
        await assert.rejects(sql("copy (select 1) to program 'true'"), /permission denied to COPY to or from an external program/);
        await assert.rejects(sql("create role more"), /permission denied to create role/);
    });

    it("changes nothing in a second update", async () => {
        await sql("create extension citext; create table runs (name citext); insert into runs values ('first')");
        assert.equal((await stack.preview("--diff")).changes, 0);
        assert.equal((await up()).changes, 0);
        assert.deepEqual(await names(), []);
    });

    it("shows its passwords nowhere", async () => {
        const { password, superuserPassword } = await stack.outputs();
        const places = [JSON.stringify(await stack.state())];
        for (const container of [server(), `${stack.prefix}-demo-postgres-backup`]) {
            places.push(JSON.stringify(await stack.docker.inspect("container", container)), await stack.docker.logs(container));
        }
        // Compared without `assert.equal`, which would print them.
        for (const secret of [password!, superuserPassword!]) assert.ok(!places.some((place) => place.includes(secret)));
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
        assert.equal(await ownerOf("runs"), '"demo-user"');
    });

    it("takes a database over whose programs were the superuser, with all that is in it", async () => {
        await sql(
            "create type state as enum ('on'); create table parts (i int, s state) partition by range (i); insert into runs values ('old')",
        );
        await sql("create table part partition of parts for values from (0) to (9); create sequence numbers; create schema more");
        await administer(
            'alter database demo owner to "demo-admin"',
            'reassign owned by "demo-user" to "demo-admin"',
            "create extension pg_stat_statements",
            "drop database if exists demo_before_restore",
            'drop role "demo-user"',
        );
        await set({ postgres: { memory: 1100 } });
        await up();
        const mine = "'demo-admin'::regrole";
        const left = `
            select relname from pg_class where relowner = ${mine} and relnamespace = 'public'::regnamespace and relname !~ '^pg_stat'
            union select nspname from pg_namespace where nspowner = ${mine} and oid >= 16384
            union select typname from pg_type where typowner = ${mine} and typname = 'state'`;
        assert.equal(await administer(left.replaceAll("'demo-admin'", `'"demo-admin"'`)), "");
        assert.equal(await sql("select string_agg(name, ' ' order by name) from runs"), "first kept old");
        await sql("alter table parts add column later int; drop table parts; drop type state; drop sequence numbers; drop schema more");
        const { host, user, password } = await stack.outputs();
        const place = ["--network", `${stack.prefix}-demo-network`, "--env", `PGPASSWORD=${password}`, "--entrypoint", "psql"];
        assert.equal(
            await stack.docker.cli(
                "run",
                "--rm",
                ...place,
                images.postgres,
                `--host=${host}`,
                `--username=${user}`,
                "-Atc",
                "select 'in'",
                "demo",
            ),
            "in",
        );
        assert.equal((await up()).changes, 0);
        await sql("delete from runs where name = 'old'");
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
        assert.match(output, /make backup SYSTEM=test/);
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
