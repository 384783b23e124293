import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownerMark } from "../../../../components/workload/docker/labels";
import { backendFolder, isRunningPulumi, judge, parseLock, readLocks, type Lock } from "../../../../tools/ops/lock";
import { needsPreview, strays, type Item } from "../../../../tools/ops/recover";
import { pendingCreations, withoutPending, type Exported, type PendingOperation } from "../../../../tools/ops/state";

const LOCK: Lock = { pid: 4711, username: "root", hostname: "here", timestamp: "2026-01-01T00:00:00Z" };

describe("locks of a killed run", () => {
    it("are looked for only in a file:// backend", () => {
        assert.equal(backendFolder("file:///var/state"), "/var/state");
        assert.equal(backendFolder("file:///var/my%20state?no_tmp_dir=true"), "/var/my state");
        assert.equal(backendFolder("file://~/state"), join(process.env.HOME!, "state"));
        assert.equal(backendFolder("gs://bucket"), undefined);
        assert.equal(backendFolder("https://api.pulumi.com"), undefined);
        assert.equal(backendFolder(undefined), undefined);
    });

    it("are read for one stack only, without the attributes beside them", () => {
        const folder = mkdtempSync(join(tmpdir(), "locks-"));
        for (const stack of ["dev", "prod"]) {
            const directory = join(folder, ".pulumi/locks/organization/project", stack);
            mkdirSync(directory, { recursive: true });
            writeFileSync(join(directory, "a.json"), JSON.stringify({ ...LOCK, username: stack }));
            writeFileSync(join(directory, "a.json.attrs"), "{}");
        }
        const names = readLocks(folder, { project: "project", stack: "dev" }).map(({ username }) => username);
        rmSync(folder, { recursive: true });
        assert.deepEqual(names, ["dev"]);
        assert.deepEqual(readLocks(folder, { project: "project", stack: "dev" }), []);
    });

    it("are dead when the process is gone, and never when it is alive or on another machine", () => {
        const alive = () => true;
        const gone = () => false;
        assert.equal(judge(LOCK, "here", gone), "dead");
        assert.equal(judge(LOCK, "here", alive), "alive");
        assert.equal(judge(LOCK, "elsewhere", gone), "elsewhere");
    });

    it("take a torn lock file for one of a run that died here", () => {
        assert.equal(judge(parseLock('{"pid": 12')), "dead");
    });

    it("know a running Pulumi from a zombie and from another program with its number", () => {
        assert.equal(isRunningPulumi("4711 (pulumi) S 1 4711"), true);
        assert.equal(isRunningPulumi("4711 (pulumi) Z 1 4711"), false);
        assert.equal(isRunningPulumi("4711 (bash) S 1 4711"), false);
    });
});

describe("half-done creations", () => {
    const pending = (type: string, kind = "creating"): PendingOperation => ({ type: kind, resource: { urn: `urn::${type}`, type } });

    it("are forgotten for what can be found by name and labels, and kept for what may cost money", () => {
        const operations = [
            "docker:index/network:Network",
            "random:index/x:X",
            "tls:index/x:X",
            "pulumi-nodejs:dynamic/groundwork:Job",
        ].map((type) => pending(type));
        const cloud = pending("gcp:compute/instance:Instance");
        const { harmless, others } = pendingCreations({ pending_operations: [...operations, cloud] });
        assert.deepEqual(harmless, operations);
        assert.deepEqual(others, [cloud]);
    });

    it("are forgotten for components and providers, which are in the state alone", () => {
        const component = { type: "creating", resource: { urn: "urn::engine", type: "groundwork:index:OpenPectusEngine", custom: false } };
        const provider = pending("pulumi:providers:docker");
        const { harmless, others } = pendingCreations({ pending_operations: [component, provider] });
        assert.deepEqual([harmless.length, others], [2, []]);
    });

    it("are the only pending operations that count, the engine settles the others", () => {
        const { harmless, others } = pendingCreations({ pending_operations: [pending("docker:index/network:Network", "deleting")] });
        assert.equal(harmless.length + others.length, 0);
    });

    it("leave the rest of the state as it was", () => {
        const [network, other] = [pending("docker:index/network:Network"), pending("gcp:x", "deleting")];
        const exported = {
            version: 3,
            deployment: { resources: [{ urn: "a", type: "t" }], pending_operations: [network, other] },
        } as Exported;
        assert.deepEqual(withoutPending(exported, [network]), {
            version: 3,
            deployment: { resources: [{ urn: "a", type: "t" }], pending_operations: [other] },
        });
    });
});

describe("strays", () => {
    const key = {
        urn: "urn::demo-config-key",
        type: "random:index/randomPassword:RandomPassword",
        outputs: { result: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"key"' } },
    };
    const item = (id: string, name: string, mark?: string): Item => ({
        id,
        name,
        labels: mark === undefined ? {} : { "groundwork.mark": mark },
    });

    it("are what the state made and knows neither by id nor by name", () => {
        const items = ["kept", "job", "left"].map((name, index) => item(String(index), name, ownerMark("key", name)));
        const resources = [
            key,
            { urn: "a", type: "docker:index/container:Container", id: "0" },
            { urn: "b", type: "pulumi-nodejs:dynamic/groundwork:Job", id: "job" },
        ];
        assert.deepEqual(
            strays(items, resources).map(({ name }) => name),
            ["left"],
        );
    });

    it("are never what another state made, nor what has no mark", () => {
        const items = [item("1", "theirs", ownerMark("another key", "theirs")), item("2", "old"), item("3", "torn", "")];
        assert.deepEqual(strays(items, [key]), []);
        const ours = [item("4", "ours", ownerMark("key", "ours"))];
        assert.deepEqual(strays(ours, []), [], "a state without the key made nothing");
    });
});

describe("an update is previewed first", () => {
    const container = (more: object) => ({ urn: "a", type: "docker:index/container:Container", ...more });

    it("when something is guarded or protected, and only then", () => {
        assert.equal(needsPreview([]), false);
        assert.equal(needsPreview([container({ resourceHooks: { BeforeCreate: ["groundwork:remove-leftover"] } })]), false);
        assert.equal(needsPreview([container({}), container({ resourceHooks: { BeforeDelete: ["groundwork:guard-replacement"] } })]), true);
        assert.equal(needsPreview([container({}), { urn: "b", type: "docker:index/volume:Volume", protect: true }]), true);
    });
});
