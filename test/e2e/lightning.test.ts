import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, Checkout } from "./support/checkout";
import { EchoSocket } from "./support/client";
import { ForeignWorker } from "./support/foreign-worker";
import { lastOutput, LightningClient, localEdge, standIn, twoSteps, twoStepsResult } from "./support/lightning";
import { twoEngines } from "./support/open-pectus";
import type { Operation } from "./support/operation";
import { PrivilegeWatch } from "./support/privileges";
import { findSecrets } from "./support/scanner";
import { TlsPostgres } from "./support/tls-postgres";
import { until } from "./support/wait";

const WORKERS = ["worker-1", "worker-2"];
const NEW_VERSION = "2.15.0";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const pair = () =>
    generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });

/** The life of one environment, told from its first day to its last. Upstream's two images are stood in for; the engine is real. */
describe("OpenFn Lightning beside Open Pectus", function () {
    this.bail(true); // each step builds on the one before

    let checkout: Checkout;
    let client: LightningClient;
    let images: { web: string; newWeb: string; worker: string };
    /** Fingerprint of what is encrypted in the database. */
    let credential: string;
    const printed: Record<string, string> = {};

    const container = (role: string) => `${checkout.prefix}-lightning-${role}`;
    const [server, backupContainer] = ["postgres-postgres", "postgres-backup"];
    const idOf = async (role: string): Promise<string> => (await checkout.docker.inspect("container", container(role))).Id;
    const idsOf = (roles: string[]) => Promise.all(roles.map(idOf));
    const createdAt = async (role: string) => Date.parse((await checkout.docker.inspect("container", container(role))).Created) / 1000;
    const succeed = (operation: Operation) => assert.equal(operation.code, 0, operation.output);
    const sql = (statement: string) =>
        checkout.docker.exec(container(server), "psql", "--username=lightning", "--quiet", "-At", "-c", statement);
    const backups = async () => {
        const list = await checkout.docker.exec(container(backupContainer), "backup", "list");
        return list.split("\n").flatMap((line) => line.split(" ")[0] || []);
    };

    function directoryOfHost(name: string): string {
        const path = join(checkout.directory, name);
        mkdirSync(path);
        return path;
    }

    /** Changes the block `lightning`, as a person edits the file. */
    async function change(edit: (block: Record<string, Block>) => void): Promise<void> {
        const configuration = checkout.configuration();
        edit(configuration.lightning as Record<string, Block>);
        checkout.configure(configuration);
        await checkout.commit();
    }
    async function update(): Promise<Operation> {
        const result = await checkout.update();
        succeed(result);
        return result;
    }
    async function refuse(operation: Promise<Operation>, ...reasons: RegExp[]): Promise<string> {
        const { code, output } = await operation;
        assert.notEqual(code, 0, output);
        for (const reason of reasons) assert.match(output, reason);
        return output;
    }
    /** Both workers hold a connection, and runs that they are given succeed. */
    async function assertWorks(): Promise<void> {
        await until("two connected workers", async () => (await client.status()).workers.length === WORKERS.length);
        const { success = 0 } = (await client.runs()).states;
        await client.enqueue(4, 0.1);
        assert.deepEqual(Object.keys((await client.runsIn("success", success + 4)).states), ["success"]);
    }

    before(async () => {
        const [web, newWeb] = [await standIn("stand-in-lightning"), await standIn("stand-in-lightning", NEW_VERSION)];
        images = { web, newWeb, worker: await standIn("stand-in-lightning-worker") };
        checkout = await Checkout.create("lightning");
        const adaptors = directoryOfHost("adaptors");
        writeFileSync(join(adaptors, "package.json"), "{}\n");
        checkout.configure({
            ...(await twoEngines({ dataProtection: false, engines: { "reactor-1": {} } })),
            lightning: {
                web: { image: web, adaptors: { hostPath: adaptors } },
                workers: { image: images.worker, replicas: WORKERS.length, backoff: "0.2/1" },
                edge: await localEdge(),
                dataProtection: false,
            },
        });
        await checkout.commit();
    });
    after(async () => checkout?.remove());

    it("is refused before anything is created when keys do not belong together, with all else that is wrong", async () => {
        const right = checkout.configuration();
        await checkout.setSecret("lightning.keys.workerRunsPrivateKey", base64(pair().privateKey));
        await change((block) => {
            block.keys!.workerPublicKey = base64(pair().publicKey);
            Object.assign(block.workers!, { capacity: 4, memory: 1024, stopGracePeriodSeconds: 60 });
            Object.assign(block.web!, { replicas: 2, origins: ["https://elsewhere.example.org"] });
        });
        const output = await refuse(
            checkout.update(),
            /5 problems in the configuration; nothing was changed/,
            /lightning\.keys\.workerPublicKey: it does not belong to keys\.workerRunsPrivateKey: leave it out/,
            /lightning\.workers\.memory: 1024 MiB are less than 4 runs × 500 MB \+ 512 for the worker = 2512/,
            /lightning\.workers\.stopGracePeriodSeconds: 60 s do not exceed a run of 300 s plus its grace of 10 s/,
            /lightning\.web\.replicas: 2 instances on a plain Docker Engine/,
            /lightning\.web\.origins: the list does not cover https:\/\/localhost/,
        );
        printed["refused up"] = output;
        assert.deepEqual((await checkout.docker.objectsOf(checkout)).container, []);
        checkout.configure(right);
    });

    it("is deployed by one `pulumi up`, both systems healthy, and a second one changes nothing", async () => {
        const roles = [
            ...["aggregator", "backup of SQLite", "before-change of SQLite", "certificate", "edge", "engine"],
            ...["web", "worker", "migrate", "superuser", "directory", "content"],
            ...["postgres", "version-check", "owner", "backup of PostgreSQL", "before-change of PostgreSQL"],
        ];
        const up = await PrivilegeWatch.during(checkout, roles, update);
        printed["first up"] = up.output;
        const again = await update();
        assert.equal(again.changes, 0, again.output);
        const { url, caCertificate } = await checkout.outputs("lightning");
        client = new LightningClient(url!, caCertificate!);
        const status = await checkout.make("status");
        for (const role of ["web", "worker-1", "worker-2", "postgres", "aggregator"]) {
            assert.match(status, new RegExp(`${role} .*running \\(healthy\\)`));
        }
    });

    it("has a first user, so that nobody else can become it", async () => {
        const { superuserEmail } = await checkout.outputs("lightning");
        assert.deepEqual((await client.status()).superusers, [superuserEmail]);
        assert.equal((await client.fetch("/first_setup")).status, 302);
        credential = await client.credential();
    });

    it("shows web the adaptors of a directory of the host, read-only", async () => {
        const look = 'cat "$ADAPTORS_PATH/package.json"; touch "$ADAPTORS_PATH/new" 2>&1';
        const { stdout } = await checkout.docker.tryCli("exec", container("web"), "sh", "-c", look);
        assert.match(stdout, /^\{\}\n.*Read-only file system/);
    });

    it("fails when such a directory is empty, and says which", async () => {
        const right = checkout.configuration();
        const schemas = directoryOfHost("schemas");
        await change((block) => (block.web!.schemas = { hostPath: schemas }));
        const web = await idOf("web");
        await refuse(checkout.update(), new RegExp(`${schemas} on the host is empty, was not there, or cannot be read: fill it`));
        assert.equal(await idOf("web"), web, "web runs on");
        checkout.configure(right);
        await checkout.commit();
    });

    it("gives each worker a name of its own", async () => {
        const name = (role: string) => checkout.docker.exec(container(role), "printenv", "WORKER_NAME");
        assert.deepEqual(await Promise.all(WORKERS.map(name)), ["lightning-worker-1", "lightning-worker-2"]);
    });

    it("lets browsers connect from its own address only", async () => {
        const socket = await EchoSocket.open(`${client.url}/live/websocket`, client.ca, { Origin: client.url });
        assert.equal(await socket.echo("hello"), "hello");
        socket.close();
        await assert.rejects(EchoSocket.open(`${client.url}/live/websocket`, client.ca, { Origin: "https://evil.example.org" }), /403/);
    });

    it("does 50 short runs on two workers", async () => {
        assert.equal((await client.status()).workers.length, WORKERS.length);
        await client.enqueue(50, 0.2);
        const { states, workers } = await client.runsIn("success", 50);
        assert.deepEqual(states, { success: 50 });
        assert.equal(Object.keys(workers).length, WORKERS.length, "both took some");
    });

    it("executes a workflow of two steps with the real engine, and its result is in the database", async () => {
        const { success = 0 } = (await client.runs()).states;
        const run = await client.execute(twoSteps);
        await client.runsIn("success", success + 1);
        assert.equal(await sql(`select string_agg(exit_reason, ' ') from steps where run_id = '${run}'`), "success success");
        assert.deepEqual(JSON.parse(await sql(lastOutput(run))), twoStepsResult);
    });

    it("shows no secret in state, output, inspect, logs or checkout", async () => {
        await change((block) => (block.workers!.logLevel = "debug")); // a plan that touches what carries secrets
        const preview = await checkout.preview("--diff");
        succeed(preview);
        const { known, found } = await findSecrets(checkout, { ...printed, "preview --diff": preview.output });
        assert.ok(known >= 12, `the scanner looked for ${known} secrets`);
        assert.deepEqual(found, []);
    });

    it("gives a worker no secret but its own", async () => {
        const secrets = (role: string) => checkout.docker.exec(container(role), "ls", "/run/groundwork/environment");
        assert.equal(await secrets("worker-1"), "WORKER_SECRET");
        const key = await checkout.docker.exec(container("web"), "cat", "/run/groundwork/environment/WORKER_RUNS_PRIVATE_KEY");
        const readable = "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline; find /run /etc /tmp /var -type f -exec cat {} +";
        const { stdout } = await checkout.docker.tryCli("exec", container("worker-1"), "sh", "-c", `(${readable}) 2>/dev/null`);
        assert.ok(stdout.includes("WORKER_LIGHTNING_PUBLIC_KEY="), "the worker's variables are among what was read");
        // Compared without `assert.equal`, which would print the key.
        assert.ok(!stdout.includes(key), "the private key is in the worker");
    });

    it("lets web be no superuser of the database, and workers not reach it", async () => {
        const url = new URL(await checkout.docker.exec(container("web"), "cat", "/run/groundwork/environment/DATABASE_URL"));
        assert.equal(url.username, "lightning_owner");
        assert.equal(await sql(`select rolsuper from pg_roles where rolname = '${url.username}'`), "f");
        const left = "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relowner <> 'lightning_owner'::regrole";
        assert.equal(await sql(left), "0");
        const reach = (role: string, host: string) =>
            checkout.docker.tryCli("exec", container(role), "timeout", "3", "bash", "-c", `< /dev/tcp/${host}/5432`);
        assert.equal((await reach("web", "lightning-postgres")).code, 0);
        assert.match(
            (await reach("worker-1", "lightning-postgres")).stderr,
            /Name or service not known|Temporary failure in name resolution/,
        );
        const { NetworkSettings } = await checkout.docker.inspect("container", container(server));
        const [{ IPAddress }] = Object.values(NetworkSettings.Networks) as { IPAddress: string }[];
        assert.equal((await reach("web", IPAddress)).code, 0);
        assert.notEqual((await reach("worker-1", IPAddress)).code, 0);
    });

    it("changes worker secret and pair of keys in web and workers together; jobs end in peace, data stays", async () => {
        const read = (file: string, role: string) => checkout.docker.exec(container(role), "cat", `/run/groundwork/environment/${file}`);
        const keys = () => Promise.all([read("WORKER_SECRET", "web"), read("WORKER_RUNS_PRIVATE_KEY", "web")]);
        const [secret, privateKey] = await keys();
        const before = await idsOf(["web", ...WORKERS]);
        const { success } = (await client.runs()).states;
        await client.enqueue(4, 8);
        await client.runsIn("started", 4);

        await change((block) => (block.keys = { workerSecretRotation: "second", workerKeyPairRotation: "second" }));
        succeed(await checkout.preview());
        await update();
        assert.deepEqual((await client.runs()).states, { success: success! + 4 }, "the workers handed in what they had begun");
        const after = await idsOf(["web", ...WORKERS]);
        assert.ok(after.every((id, index) => id !== before[index]));
        const [newSecret, newPrivateKey] = await keys();
        // Compared without `assert.equal`, which would print them.
        assert.ok(newSecret !== secret && newPrivateKey !== privateKey, "both are new");
        for (const role of WORKERS) assert.ok((await read("WORKER_SECRET", role)) === newSecret, `${role} has web's secret`);
        await assertWorks();
        assert.equal(await client.credential(), credential);
        assert.equal((await client.status()).migrations.length, 1, "no reason to migrate");
    });

    it("refuses another encryption key, already in the preview, with the reason", async () => {
        const right = checkout.configuration();
        await checkout.setSecret("lightning.keys.primaryEncryptionKey", randomBytes(32).toString("base64"));
        await refuse(checkout.preview(), /the encryption key would change, and every credential.*would be lost/);
        checkout.configure(right);
    });

    it("stops at a failed migration with the last lines of its log, and the old web still serves", async () => {
        const web = await idOf("web");
        await checkout.make("backup", { SYSTEM: "lightning" }); // without the table that makes migrations fail
        await sql("create table stand_in_fail_migration ()");
        await change((block) => (block.web!.image = images.newWeb));
        await refuse(
            checkout.update(),
            // Docker keeps no order between standard output and standard error.
            /exited with 1; its last lines:[\s\S]*migrating to 2\.15\.0/,
            /exited with 1; its last lines:[\s\S]*the migration failed, as it was told to/,
        );
        assert.equal(await idOf("web"), web);
        await assertWorks();
    });

    it("goes on once that is mended: backup, migrations exactly once, web", async () => {
        const started = Date.now() / 1000;
        await sql("drop table stand_in_fail_migration");
        await update();
        const { version, migrations } = await client.status();
        assert.equal(version, NEW_VERSION);
        assert.deepEqual(
            migrations.slice(1).map((migration) => migration.version),
            [NEW_VERSION],
        );
        const [, backup, ...more] = (await backups()).sort(); // the first was made by hand
        assert.deepEqual(more, [], "one backup for one change of the image");
        const madeAt = Number(await checkout.docker.exec(container(backupContainer), "stat", "-c", "%Y", `/backups/${backup}`));
        const migratedAt = migrations[1]!.at;
        assert.ok(madeAt <= migratedAt && migratedAt <= (await createdAt("web")), "in that order");
        assert.ok(migratedAt >= started);
        await assertWorks();
    });

    it("brings a backup from before the upgrade to the new version, while everything goes on", async () => {
        const backup = (await backups()).sort()[0];
        const ids = await idsOf(["web", ...WORKERS]);
        const restored = await checkout.make("restore", { SYSTEM: "lightning", FILE: backup!, YES: "yes" });
        assert.match(restored, /lightning-migrate: bringing the restored data to the version of the programs/);
        const { migrations } = await client.status();
        const [restoredVersion, ...after] = migrations.map((migration) => migration.version);
        assert.notEqual(restoredVersion, NEW_VERSION);
        assert.deepEqual(after, [NEW_VERSION]);
        assert.deepEqual(await idsOf(["web", ...WORKERS]), ids);
        assert.equal(await client.credential(), credential);
        await assertWorks();
        assert.deepEqual((await findSecrets(checkout, { restore: restored })).found, []);
        assert.equal((await checkout.update()).changes, 0);
    });

    it("`make backup`, loss of the database's volume, `make up EMPTY_DATA=yes`, `make restore`: the credential decrypts with the kept key", async () => {
        await checkout.make("backup", { SYSTEM: "lightning" });
        const newest = (await backups()).sort().at(-1)!;
        const { superuserEmail } = await checkout.outputs("lightning");
        await checkout.docker.cli("rm", "--force", container(server));
        await checkout.docker.cli("volume", "rm", container("postgres-data"));
        const refused = await refuse(
            checkout.up(),
            /gone with the data in it: volume \S+-lightning-postgres-data;/,
            /make up STACK=dev EMPTY_DATA=yes/,
        );
        assert.ok(refused.includes(newest), "it names the backups");
        succeed(await checkout.upWith({ EMPTY_DATA: "yes" }));
        assert.notEqual(await client.credential(), credential, "a new database, with tables");
        assert.deepEqual((await client.status()).superusers, [superuserEmail], "and its first user");
        assert.equal(await sql("select datdba::regrole from pg_database where datname = 'lightning'"), "lightning_owner");
        await checkout.make("restore", { SYSTEM: "lightning", FILE: newest, YES: "yes" });
        assert.equal(await client.credential(), credential);
        assert.equal(await sql("select relowner::regrole from pg_class where oid = 'credentials'::regclass"), "lightning_owner");
        await assertWorks();
    });

    it("`make down` keeps the data, and `make up` finds it", async () => {
        await checkout.make("down", { YES: "yes" });
        const up = await checkout.up();
        succeed(up);
        assert.equal(await client.credential(), credential);
        await assertWorks();
    });

    it("fails the update, naming the workers, when they show web a wrong secret", async () => {
        const foreign = await ForeignWorker.create(checkout, images.worker);
        await change((block) => Object.assign(block.workers!, { image: foreign.image, startTimeoutSeconds: 20 }));
        await refuse(
            checkout.update(),
            ...WORKERS.map((role) => new RegExp(`lightning-${role}\\):\\s+error: .*failed to be in healthy state`)),
        );
        assert.match(await checkout.docker.logs(container("web")), /refused a worker: Signature verification failed/);
        await change((block) => Object.assign(block.workers!, { image: images.worker, startTimeoutSeconds: 60 }));
        await foreign.remove();
    });

    it("moves to a Postgres of somebody else's, over TLS alone", async () => {
        const postgres = await TlsPostgres.create(checkout, `${checkout.prefix}-lightning-web-network`);
        try {
            const web = await idOf("web");
            await change((block) => (block.database = { external: { host: postgres.host, name: "flows", user: "owner" } }));
            await checkout.setSecret("lightning.database.external.password", postgres.password);
            const volumes = ["postgres-data", "postgres-backup-backups"].map(container);
            await refuse(checkout.update(), ...volumes.map((volume) => new RegExp(`this would delete volume .*${volume}`)));
            checkout.configure({ ...checkout.configuration(), remove: volumes });
            await refuse(checkout.update(), /lightning-migrate[\s\S]*server does not support SSL, but SSL was required/);
            assert.equal(await idOf("web"), web, "web was left alone");

            await postgres.enableTls();
            await update();
            assert.match(await postgres.log(), /user=owner database=flows .*SSL enabled \(protocol=TLSv1\.3/);
            assert.doesNotMatch(await postgres.log(), /connection authorized: user=owner database=flows (?!.*SSL enabled)/);
            assert.notEqual(await client.credential(), credential, "another database");
            await assertWorks();
            assert.equal((await checkout.update()).changes, 0);
        } finally {
            await postgres.remove();
        }
    });

    it("`make down FORCE_DATA=yes` leaves nothing behind", async () => {
        await checkout.make("down", { FORCE_DATA: "yes", YES: "yes" });
        assert.deepEqual(await checkout.docker.objectsOf(checkout), { container: [], network: [], volume: [] });
    });
});
