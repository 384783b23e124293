import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LABEL } from "../../../../components/workload/docker/labels";
import { consumersOf } from "../../../../tools/ops/consumers";
import { anotherMachine, engines, type Host } from "../../../../tools/ops/hosts";
import { withoutHeaders } from "../../../../tools/ops/logs";
import { migrationJobs } from "../../../../tools/ops/migrations";
import { condition, isWell } from "../../../../tools/ops/status";
import { table } from "../../../../tools/ops/table";
import { choose, chooseOne, type Workload } from "../../../../tools/ops/workloads";

interface Shape {
    name: string;
    role?: string;
    system?: string;
    state?: string;
    status?: string;
    mounts?: object[];
    address?: string;
}

function workload({
    name,
    role = name,
    system = "openpectus",
    state = "running",
    status = "Up 1 second",
    mounts = [],
    address = "a",
}: Shape): Workload {
    const info = { State: state, Status: status, Mounts: mounts };
    return {
        id: name,
        name,
        role,
        system,
        component: `openpectus-${name}`,
        info,
        host: { name: "default", address },
    } as unknown as Workload;
}

describe("choosing workloads", () => {
    const all = [
        workload({ name: "one", role: "engine" }),
        workload({ name: "two", role: "engine" }),
        workload({ name: "agg", role: "aggregator" }),
    ];

    it("goes by role, component or name", () => {
        assert.deepEqual(choose(all, { role: "engine" }).length, 2);
        assert.deepEqual(chooseOne(all, { role: "two" }).name, "two");
        assert.deepEqual(chooseOne(all, { role: "openpectus-one" }).name, "one");
        assert.deepEqual(choose(all, {}).length, 3);
    });

    it("names the alternatives", () => {
        assert.throws(
            () => choose(all, { system: "lightning" }),
            /SYSTEM=lightning: there are SYSTEM=openpectus ROLE=engine \(one of them: ROLE=one or ROLE=two\), SYSTEM=openpectus ROLE=aggregator/,
        );
        assert.throws(() => chooseOne(all, { role: "engine" }), /ROLE=one or ROLE=two/);
        assert.throws(() => choose([], {}), /make up/);
    });
});

describe("status", () => {
    it("takes Docker's words apart", () => {
        assert.deepEqual(condition("running", "Up 3 minutes (healthy)"), { state: "running (healthy)", since: "3 minutes" });
        assert.deepEqual(condition("running", "Up 3 seconds (health: starting)"), { state: "running (starting)", since: "3 seconds" });
        assert.deepEqual(condition("running", "Up About an hour"), { state: "running", since: "About an hour" });
        assert.deepEqual(condition("exited", "Exited (137) 2 hours ago"), { state: "exited (code 137)", since: "2 hours" });
        assert.deepEqual(condition("restarting", "Restarting (1) 3 seconds ago"), { state: "restarting (code 1)", since: "3 seconds" });
        assert.deepEqual(condition("created", "Created"), { state: "created", since: "-" });
    });

    it("is well only when everything runs and nothing is unhealthy", () => {
        assert.equal(isWell(workload({ name: "a", status: "Up 1 second (healthy)" })), true);
        assert.equal(isWell(workload({ name: "a", status: "Up 1 second (health: starting)" })), true);
        assert.equal(isWell(workload({ name: "a", status: "Up 1 second (unhealthy)" })), false);
        assert.equal(isWell(workload({ name: "a", state: "exited", status: "Exited (0) 1 second ago" })), false);
    });

    it("aligns its columns", () => {
        assert.equal(table(["A", "LONG"], [["wide cell", "x"]]), "A          LONG\nwide cell  x");
    });
});

describe("hosts", () => {
    const secret = (value: string) => ({
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        plaintext: JSON.stringify(value),
    });

    const provider = (name: string, inputs: Record<string, unknown>) => ({ urn: `urn::${name}`, type: "pulumi:providers:docker", inputs });
    const local = { name: "default", connection: { host: "unix:///local.sock" } };
    const { DOCKER_HOST, DOCKER_CERT_PATH } = process.env;

    beforeEach(() => {
        process.env.DOCKER_HOST = local.connection.host;
        delete process.env.DOCKER_CERT_PATH;
    });
    after(() => {
        for (const [name, value] of Object.entries({ DOCKER_HOST, DOCKER_CERT_PATH })) {
            if (value === undefined) delete process.env[name];
            else process.env[name] = value;
        }
    });

    it("are those that the providers name, once each", () => {
        const found = engines([
            provider("default_5_2_0", {}),
            provider("host-plant", {
                host: "tcp://plant:2376",
                caMaterial: secret("CA"),
                certMaterial: "CERT",
                keyMaterial: secret("KEY"),
            }),
            provider("host-again", { host: "tcp://plant:2376" }),
            { urn: "urn::host-plant", type: "groundwork:index:DockerHost", outputs: { engineId: "PLANT" } },
        ]);
        const plant = { host: "tcp://plant:2376", ca: "CA", cert: "CERT", key: "KEY" };
        assert.deepEqual(JSON.parse(JSON.stringify(found)), [local, { name: "plant", connection: plant, engineId: "PLANT" }]);
    });

    it("are this machine's only when a provider says nothing else: never because the state is empty", () => {
        assert.deepEqual(engines([]), []);
        assert.deepEqual(JSON.parse(JSON.stringify(engines([provider("default_5_2_0", {})]))), [local]);
        const [plant, ...more] = engines([provider("host-plant", { host: "ssh://plant" })]);
        assert.deepEqual([plant!.name, more], ["plant", []]);
    });

    it("are asked with the certificates of the docker command line where nothing else is said, as the provider does", () => {
        const directory = mkdtempSync(join(tmpdir(), "groundwork-certificates-"));
        for (const file of ["ca", "cert", "key"]) writeFileSync(join(directory, `${file}.pem`), file.toUpperCase());
        process.env.DOCKER_HOST = "tcp://lab:2376";
        process.env.DOCKER_CERT_PATH = directory;
        const [lab] = engines([provider("default_5_2_0", {})]);
        assert.deepEqual(lab!.connection, { host: "tcp://lab:2376", ca: "CA", cert: "CERT", key: "KEY" });
        rmSync(directory, { recursive: true });
    });

    it("are told from another machine that answers in their place", async () => {
        const host = (engineId?: string) =>
            ({ name: "plant", address: "tcp://plant:2376", docker: { info: async () => ({ ID: "HERE" }) }, engineId }) as unknown as Host;
        assert.equal(await anotherMachine(host("HERE")), undefined);
        assert.equal(await anotherMachine(host()), undefined, "an older release did not note it");
        assert.match((await anotherMachine(host("THERE")))!, /host plant \(tcp:.*\) is another machine \(HERE\) than .* \(THERE\)/);
    });
});

describe("logs", () => {
    it("come without Docker's headers", () => {
        const piece = (text: string) => Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]);
        assert.equal(withoutHeaders(Buffer.concat([piece("one\n"), piece("two\n")])).toString(), "one\ntwo\n");
        assert.equal(withoutHeaders(Buffer.alloc(0)).toString(), "");
    });
});

describe("restore", () => {
    const data = { Type: "volume", Name: "data", Source: "/var/lib/docker/volumes/data/_data" };
    const directory = { Type: "bind", Source: "/srv/data" };
    const backup = workload({ name: "backup", mounts: [data, directory, { Type: "volume", Name: "backups", Source: "x" }] });

    it("stops what runs on the same volume or directory, and nothing else", () => {
        const chosen = consumersOf(backup, [
            backup,
            workload({ name: "aggregator", mounts: [data] }),
            workload({ name: "reader", mounts: [directory] }),
            workload({ name: "edge", mounts: [{ Type: "volume", Name: "certificates", Source: "y" }] }),
            workload({ name: "stopped", mounts: [data], state: "exited" }),
            workload({ name: "other-system", mounts: [data], system: "lightning" }),
            workload({ name: "other-host", mounts: [data], address: "b" }),
        ]);
        assert.deepEqual(
            chosen.map(({ name }) => name),
            ["aggregator", "reader"],
        );
    });

    it("also starts again what an interrupted restore has stopped, as far as it exists", () => {
        const stopped = workload({ name: "aggregator", mounts: [data], state: "exited" });
        assert.deepEqual(consumersOf(backup, [backup, stopped], ["aggregator", "gone"]), [stopped]);
    });

    it("runs the migrations of its system as the state has them, secrets readable", () => {
        const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"password"' };
        const job = (system: string, role: string) => ({
            urn: `urn::${system}-${role}`,
            type: "pulumi-nodejs:dynamic/groundwork:Job",
            inputs: { name: role, uploads: [{ content: secret }], labels: { [LABEL.system]: system, [LABEL.role]: role } },
        });
        const jobs = [job("lightning", "superuser"), job("lightning", "migrate"), job("other", "migrate")];
        const found = migrationJobs([...jobs, { urn: "urn::a", type: "docker:index/container:Container" }], "lightning");
        assert.deepEqual(
            found.map(({ name, uploads }) => ({ name, uploads })),
            [{ name: "migrate", uploads: [{ content: "password" }] }],
        );
    });
});
