import assert from "node:assert/strict";
import { LABEL } from "../../../../components/workload/docker/labels";
import { unfinished, type Update } from "../../../../tools/ops/history";
import type { Resource } from "../../../../tools/ops/state";
import { absent, lostVolumes, neverStarted, troubles, type Row } from "../../../../tools/ops/status";

const row = (name: string, { system = "openpectus", role = name, state = "running", well }: Partial<Row> = {}): Row => ({
    system,
    role,
    name,
    state,
    since: "-",
    image: "-",
    host: "default",
    well: well ?? state === "running",
});

describe("make status", () => {
    it("names volumes that are gone", () => {
        const volume = (name: string) => ({ urn: `urn::${name}`, type: "docker:index/volume:Volume", inputs: { name } });
        assert.deepEqual(lostVolumes([volume("a"), volume("b")], new Set(["a"])), [
            "gone with the data in it: volume b; `make up STACK=dev` lists the backups and says how to go on",
        ]);
        assert.deepEqual(lostVolumes([volume("a")], new Set(["a", "b"])), []);
    });

    it("names a system of which nothing is there any more", () => {
        const rows = [row("aggregator", { state: "missing" }), row("edge", { state: "missing" }), row("web", { system: "lightning" })];
        assert.deepEqual(troubles(rows), [
            "openpectus is not well: all of its containers are missing; `make up STACK=dev` starts or makes again what does not run",
        ]);
    });

    it("names what is not well in a system, by role where that is enough", () => {
        const rows = [
            row("one", { role: "engine", state: "exited (code 1)" }),
            row("two", { role: "engine" }),
            row("edge", { state: "running (unhealthy)", well: false }),
            row("data", { state: "missing" }),
        ];
        const [line, ...more] = troubles(rows);
        assert.deepEqual(more, []);
        assert.match(line!, /^openpectus is not well: one is exited \(code 1\), edge is running \(unhealthy\), data is missing; /);
        assert.match(line!, /`make logs STACK=dev SYSTEM=openpectus` says why/);
    });

    it("says nothing of a system of which all is well, nor of one that nobody can see", () => {
        assert.deepEqual(troubles([row("edge"), row("engine", { system: "lightning", state: "unknown", well: false })]), []);
    });

    it("shows the system, role and host of a container that is in the state and not there", () => {
        const labels = Object.entries({ [LABEL.system]: "openpectus", [LABEL.role]: "engine" }).map(([label, value]) => ({ label, value }));
        const provider = { urn: "urn::host-plant", type: "pulumi:providers:docker", inputs: { host: "tcp://plant" } };
        const container = (name: string, more: object = {}): Resource => ({
            urn: `urn::${name}`,
            type: "docker:index/container:Container",
            inputs: { name, labels },
            provider: "urn::host-plant::id",
            ...more,
        });
        const resources = [provider, container("a"), container("b"), container("old", { delete: true })];
        const hosts = [{ name: "plant", address: "tcp://plant" }];
        const found = absent(resources, [{ name: "a" }], hosts, new Set());
        assert.deepEqual(
            found.map(({ system, role, name, state, host }) => [system, role, name, state, host]),
            [["openpectus", "engine", "b", "missing", "plant"]],
        );
        assert.equal(absent(resources, [], hosts, new Set(["tcp://plant"]))[0]!.state, "unknown");
    });

    it("names a system whose deployment ended before its first container", () => {
        const component = (name: string, parent = "urn::stack"): Resource => ({
            urn: `urn::${name}`,
            type: "groundwork:index:Thing",
            parent,
        });
        const child = (type: string, parent: string): Resource => ({ urn: `${parent}-${type}`, type, parent });
        const [network, container, volume] = [
            "docker:index/network:Network",
            "docker:index/container:Container",
            "docker:index/volume:Volume",
        ];
        const resources = [
            component("lightning"),
            component("database", "urn::lightning"),
            child(network!, "urn::database"),
            component("openpectus"),
            child(network!, "urn::openpectus"),
            component("edge", "urn::openpectus"),
            child(container!, "urn::edge"),
            component("taken-down"),
            child(volume!, "urn::taken-down"),
        ];
        assert.deepEqual(neverStarted(resources), [
            "lightning is not well: no container of it was ever made; `make up STACK=dev` says why",
        ]);
    });

    it("knows of an update that failed half-way, a job of it for example, until one succeeds", () => {
        const update = (result: string, resourceChanges: Record<string, number>, kind = "update"): Update => ({
            kind,
            result,
            endTime: "2026-05-04T04:05:00.000Z",
            resourceChanges,
        });
        const [refused, broken, well] = [update("failed", { same: 12 }), update("failed", { same: 1, create: 3 }), update("succeeded", {})];
        assert.equal(unfinished([broken, well]), broken);
        assert.equal(unfinished([refused, broken, well]), refused);
        assert.equal(unfinished([update("succeeded", {}, "refresh"), broken]), broken);
        assert.equal(unfinished([refused, well, broken]), undefined);
        assert.equal(unfinished([]), undefined);
    });
});
