import assert from "node:assert/strict";
import fc from "fast-check";
import { announce } from "../../../../tools/ops/down";
import { selectForDown, type Resource } from "../../../../tools/ops/state";

const STACK = "urn:pulumi:dev::project::pulumi:pulumi:Stack::project-dev";
const urn = (type: string, name: string) => `urn:pulumi:dev::project::${type}::${name}`;

function resource(type: string, name: string, more: Partial<Resource> = {}): Resource {
    return { urn: urn(type, name), type, id: name, custom: true, parent: STACK, ...more };
}

const stack: Resource = { urn: STACK, type: "pulumi:pulumi:Stack" };
const component = resource("groundwork:index:OpenPectus", "openpectus", { custom: false });
const provider = resource("pulumi:providers:docker", "plant");
const inside = { parent: component.urn, provider: `${provider.urn}::some-id` };
const volume = resource("docker:index/volume:Volume", "data", inside);
const password = resource("random:index/randomPassword:RandomPassword", "secret", { parent: component.urn });
const network = resource("docker:index/network:Network", "network", inside);
const aggregator = resource("docker:index/container:Container", "aggregator", { ...inside, dependencies: [volume.urn, network.urn] });
const engine = resource("docker:index/container:Container", "engine", { ...inside, resourceHooks: { BeforeDelete: ["guard"] } });
const all = [stack, component, provider, volume, password, network, aggregator, engine];

describe("make down", () => {
    it("takes services and networks, and keeps data, credentials and what they stand on", () => {
        const { goes, stays } = selectForDown(all);
        assert.deepEqual(goes, [network, aggregator, engine]);
        assert.deepEqual(stays, [volume, password]);
    });

    it("keeps whatever is protected", () => {
        const { goes, stays } = selectForDown([stack, { ...network, parent: STACK, provider: undefined, protect: true }, aggregator]);
        assert.deepEqual(
            stays.map(({ id }) => id),
            ["network"],
        );
        assert.deepEqual(goes, [aggregator]);
    });

    it("keeps a job that data was made to wait for, because the engine would refuse to delete it alone", () => {
        const job = resource("pulumi-nodejs:dynamic/groundwork:Job", "prepare");
        const waiting = { ...volume, propertyDependencies: { name: [job.urn] } };
        assert.deepEqual(selectForDown([stack, component, provider, job, waiting]).goes, []);
    });

    it("takes components that hold no data", () => {
        const empty = resource("groundwork:index:Edge", "edge", { custom: false });
        assert.deepEqual(selectForDown([stack, empty, volume]).goes, [empty]);
    });

    it("never takes anything that something kept depends on", () => {
        const types = ["docker:index/volume:Volume", "docker:index/container:Container", "random:index/x:X", "groundwork:index:Y"];
        const graph = fc.array(
            fc.record({ type: fc.constantFrom(...types), after: fc.array(fc.nat(20), { maxLength: 3 }), protect: fc.boolean() }),
            {
                minLength: 1,
                maxLength: 20,
            },
        );
        fc.assert(
            fc.property(graph, (nodes) => {
                const name = (index: number) => urn(nodes[index]!.type, String(index));
                const resources = nodes.map(({ type, after, protect }, index) => ({
                    ...resource(type, String(index), { protect }),
                    dependencies: after.filter((other) => other < index).map(name),
                }));
                const gone = new Set(selectForDown(resources).goes.map((one) => one.urn));
                for (const one of resources.filter((candidate) => !gone.has(candidate.urn))) {
                    assert.ok(one.dependencies.every((other) => !gone.has(other)));
                }
            }),
        );
    });

    it("says what it stops, what it takes and what stays", () => {
        const text = announce({ project: "project", stack: "dev" }, selectForDown(all), false).join("\n");
        assert.match(text, /though it was guarded: engine$/m);
        assert.match(text, /goes: aggregator$/m);
        assert.match(text, /stays: data$/m);
        assert.match(text, /stays, credentials: secret$/m);
        assert.doesNotMatch(text, /DELETED/);
    });

    it("says what data it deletes", () => {
        const text = announce({ project: "project", stack: "dev" }, selectForDown(all), true).join("\n");
        assert.match(text, /is DELETED, with all data in it: data$/m);
        assert.match(text, /is DELETED, credentials: secret$/m);
    });
});
