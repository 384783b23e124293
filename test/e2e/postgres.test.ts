import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { lockedImage } from "../../components/images";
import type { PostgresSettings } from "../../components/postgres";
import type { FixtureConfig } from "./fixtures/postgres/program";
import { Stack } from "./harness";
import { ScriptKiller } from "./support/script-killer";
import { until } from "./support/wait";

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
    const tools = () => `${stack.prefix}-demo-postgres-backup`;
    const backup = (...args: string[]) => stack.docker.exec(tools(), "backup", ...args);
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
        for (const container of [server(), tools()]) {
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
        assert.equal(await sql("select count(*) from other", (await kept())[0]), "0");
        assert.equal(await ownerOf("runs"), '"demo-user"');
    });

    /** The databases that restores have set aside, oldest first. */
    const kept = async () => {
        const list = await sql("select datname from pg_database where datname like 'demo\\_before\\_restore\\_%' order by datname");
        return list.split("\n").filter(Boolean);
    };

    it("keeps every original, and is not kept waiting by programs that connect again at once", async () => {
        const [file] = await names();
        await sql("insert into runs values ('second')");
        const eager =
            "for i in 1 2 3 4; do (until [ -e /tmp/end ]; do psql -U demo-user -d demo -c 'select pg_sleep(5)'; done) & done; wait";
        const clients = stack.docker.tryCli("exec", server(), "sh", "-c", `rm -f /tmp/end; ${eager}`);
        await until("clients", async () => Number(await sql("select count(*) from pg_stat_activity where query like '%pg_sleep%'")) > 3);
        const { code, stderr } = await stack.docker.tryCli("exec", tools(), "backup", "restore", file!);
        await stack.docker.exec(server(), "touch", "/tmp/end");
        await clients;
        assert.equal(code, 0, stderr);
        assert.match(stderr, /what was there is kept as demo_before_restore_\d{8}_\d{6}$/m);
        assert.equal(await sql("select count(*) from runs"), "2");
        const [first, second, ...more] = await kept();
        assert.deepEqual(more, []);
        assert.equal(await sql("select count(*) from other", first), "0");
        assert.equal(await sql("select count(*) from runs", second), "3");
    });

    it("leaves the old database or the new one, whole and open, wherever a restore is killed, and goes through afterwards", async () => {
        const killer = await ScriptKiller.create(stack.docker, tools(), ["psql", "pg_restore", "date", "pg_dump"]);
        const [file] = await names();
        let [call, code] = [0, 1 as number | null];
        const seen = new Set<string>();
        while (code !== 0) {
            await sql(`insert into runs values ('old ${++call}')`);
            ({ code } = await killer.run(call, "backup", "restore", file!));
            const found = await sql("select count(*) from runs");
            assert.ok(["2", "3"].includes(found), `killed before call ${call}: ${found} rows`);
            seen.add(found);
            if (found === "3") await backup("restore", file!);
            assert.equal(await sql("select count(*) from runs"), "2");
            assert.equal(await sql("select count(*) from pg_database where datname = 'demo_restoring'"), "0");
            assert.equal(await sql("select count(*) from pg_roles where rolname = 'demo_restoring'"), "0");
            const newest = (await kept()).at(-1)!;
            assert.equal(await sql(`select count(*) from runs where name = 'old ${call}'`, newest), "1", "what was there is kept");
            for (const name of await kept()) await sql(`drop database ${name}`);
        }
        assert.ok(call > 5, `${call} places`);
        assert.deepEqual([...seen].sort(), ["2", "3"]);
    });

    it("keeps a copy without tables apart, and deletes nothing", async () => {
        const before = await names();
        await administer("alter table runs set schema information_schema"); // pg_dump leaves that one out
        const { code, stderr } = await stack.docker.tryCli("exec", tools(), "backup", "now");
        await administer("alter table information_schema.runs set schema public");
        assert.equal(code, 1);
        assert.match(stderr, /has no tables, and the last backup, .*kept apart|less than half of the last backup, .*kept apart/);
        const [apart, ...others] = await names();
        assert.match(apart!, /\.smaller\.dump$/);
        assert.deepEqual(others, before);
        await stack.docker.exec(tools(), "rm", `/backups/${apart}`);
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

    /** What whoever has the role for programs would plant: each tries to make that role a superuser, and to run a program. */
    const PLANTED = `
        create function public.take_over() returns void language plpgsql as $$
        declare statement text;
        begin
            foreach statement in array array['reset role', 'set role "demo-admin"', 'set session authorization "demo-admin"',
                'alter role "demo-user" superuser', $c$copy (select 1) to program 'touch /tmp/taken-over'$c$]
            loop
                begin execute statement; exception when others then null; end;
            end loop;
        end $$;
        create function public.pg_identify_object(c regclass, o oid, s int, out type text, out schema text, out name text, out identity text)
            language plpgsql as $$
            begin
                perform public.take_over();
                select * into type, schema, name, identity from pg_catalog.pg_identify_object(c::oid, o, s);
            end $$;
        create function public.ok(i int) returns boolean language plpgsql immutable as $$ begin perform public.take_over(); return true; end $$;
        create domain public.checked as int check (public.ok(value));
        create table public.bait (
            i int check (public.ok(i)) default (public.ok(1)::int), g boolean generated always as (public.ok(i)) stored, d public.checked
        );
        create index on public.bait (public.ok(i));
        alter table public.bait enable row level security;
        create policy mine on public.bait using (public.ok(i));
        insert into public.bait values (1, default, 1);
        create materialized view public.view as select public.ok(i) from public.bait;
        comment on table public.bait is 'kept';
        create schema U&"odd\\000aalter role ""demo-user"" superuser; --";
        create extension pg_trgm schema U&"odd\\000aalter role ""demo-user"" superuser; --";
        alter database demo set search_path = public, pg_catalog`;
    const nothingTakenOver = async () => {
        assert.equal(await administer("select pg_catalog.string_agg(rolname, ' ') from pg_catalog.pg_roles where rolsuper"), "demo-admin");
        assert.notEqual((await stack.docker.tryCli("exec", server(), "test", "-e", "/tmp/taken-over")).code, 0, "a program has run");
    };
    const giveToOwner = () => stack.docker.tryCli("exec", "--env", "OWNER=demo-user", tools(), "postgres-owner");

    it("runs nothing that a program has planted when it makes that program the owner", async () => {
        await sql(PLANTED);
        const { code, stderr } = await giveToOwner();
        await nothingTakenOver();
        assert.equal(code, 0, stderr);
        await sql('alter database demo set role = "demo-user"');
        assert.equal((await giveToOwner()).code, 0, "the settings of the database do not count");
        await sql("alter database demo reset role");
    });

    it("restores what a program has planted with the rights of that program", async () => {
        const file = (await backup("now")).split("/").at(-1)!;
        await nothingTakenOver();
        const { code, stderr } = await stack.docker.tryCli("exec", tools(), "backup", "restore", file);
        await nothingTakenOver();
        assert.equal(code, 0, stderr);
        assert.equal(await sql("select count(*) || obj_description('bait'::regclass) from view"), "1kept");
        for (const owned of ["bait", "view", "runs"]) assert.equal(await ownerOf(owned), '"demo-user"');
        assert.equal(
            await sql("select string_agg(extname, ' ' order by extname) from pg_extension"),
            "citext pg_stat_statements pg_trgm plpgsql",
        );
        assert.equal(await sql("select count(*) from pg_roles where rolname like '%restoring'"), "0");
        await administer("drop extension pg_trgm");
        await sql("drop table bait cascade; drop domain checked; drop function ok, public.pg_identify_object, take_over");
    });

    it("leaves the functions to the superuser that run whenever he changes something", async () => {
        await administer(
            "create function watch() returns event_trigger language plpgsql as 'begin end'",
            "create event trigger watch on ddl_command_start execute function watch()",
        );
        assert.equal((await giveToOwner()).code, 0);
        assert.equal(await sql("select proowner::regrole from pg_proc where proname = 'watch'"), '"demo-admin"');
    });

    it("restores what only a superuser may make when a person trusts the backup, and says so", async () => {
        const file = (await backup("now", "--accept-smaller")).split("/").at(-1)!;
        const { code, stderr } = await stack.docker.tryCli("exec", tools(), "backup", "restore", file);
        assert.equal(code, 1);
        assert.match(stderr, /permission denied to create event trigger[\s\S]*cannot be restored: nothing was changed/);
        await stack.docker.exec("--env", "BACKUP_OWNER=", tools(), "backup", "restore", file);
        assert.equal((await giveToOwner()).code, 0);
        assert.equal(await ownerOf("runs"), '"demo-user"');
        await administer("drop event trigger watch; drop function watch()");
    });

    it("changes nothing when a backup is damaged", async () => {
        const [file] = await names();
        const container = tools();
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
        assert.match(output, /1\. docker exec \S+-backup backup now /);
        assert.match(output, /4\. docker exec \S+-backup backup restore <newest>/);
        assert.equal(await started(), before);
        assert.equal(await sql("select count(*) from runs"), "2");
    });

    it("is upgraded that way", async () => {
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
        await refused(/no database at demo on demo-postgres, but a backup of it[\s\S]*GROUNDWORK_SKIP_BACKUP=yes/);
        stack.env.GROUNDWORK_SKIP_BACKUP = "yes";
        await up();
        delete stack.env.GROUNDWORK_SKIP_BACKUP;
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
