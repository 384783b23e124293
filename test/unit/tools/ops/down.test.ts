import assert from "node:assert/strict";
import fc from "fast-check";
import { announce, changes } from "../../../../tools/ops/down";
import type { Host } from "../../../../tools/ops/hosts";
import { anothers } from "../../../../tools/ops/ownership";
import { cutLoose, guardedContainers, selectForDown, type Resource } from "../../../../tools/ops/state";

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
const host = { name: "plant" } as Host;
const all = [stack, component, provider, volume, password, network, aggregator, engine];

describe("make down", () => {
    it("takes services and networks, and keeps data, credentials and what they stand on", () => {
        const { goes, stays } = selectForDown(all);
        assert.deepEqual(goes, [network, aggregator, engine]);
        assert.deepEqual(stays, [volume, password]);
    });

    it("keeps the knowledge of which machine a host is, as long as data is there", () => {
        const machine = resource("groundwork:index:DockerHost", "host-plant", { custom: false });
        assert.deepEqual(selectForDown([...all, machine]).goes, [network, aggregator, engine]);
    });

    it("keeps whatever is protected", () => {
        const { goes, stays } = selectForDown([stack, { ...network, parent: STACK, provider: undefined, protect: true }, aggregator]);
        assert.deepEqual(
            stays.map(({ id }) => id),
            ["network"],
        );
        assert.deepEqual(goes, [aggregator]);
    });

    it("takes services that data was made after, and cuts the data loose from them", () => {
        const job = resource("pulumi-nodejs:dynamic/groundwork:Job", "prepare");
        const waiting = { ...volume, dependencies: [aggregator.urn], propertyDependencies: { name: [job.urn], labels: [] } };
        const resources = [stack, component, provider, network, job, aggregator, waiting];
        const { goes } = selectForDown(resources);
        assert.deepEqual(goes, [network, job, aggregator]);
        const loose = cutLoose({ version: 3, deployment: { resources } }, goes)!.deployment.resources!;
        assert.deepEqual(loose.at(-1), {
            ...waiting,
            dependencies: [],
            propertyDependencies: { name: [], labels: [] },
            deletedWith: undefined,
        });
        assert.deepEqual(loose.slice(0, -1), resources.slice(0, -1));
    });

    it("leaves the state alone where nothing needs to be cut", () => {
        assert.equal(cutLoose({ version: 3, deployment: { resources: all } }, selectForDown(all).goes), undefined);
    });

    it("keeps the machine and the network of the cloud that data stands on", () => {
        const cloudNetwork = resource("gcp:compute/network:Network", "vpc");
        const database = resource("gcp:sql/databaseInstance:DatabaseInstance", "sql", { protect: true, dependencies: [cloudNetwork.urn] });
        const machine = resource("gcp:compute/instance:Instance", "vm");
        const there = { ...provider, dependencies: [machine.urn] };
        assert.deepEqual(selectForDown([stack, component, cloudNetwork, database, machine, there, volume]).goes, []);
    });

    it("takes components that hold no data", () => {
        const empty = resource("groundwork:index:Edge", "edge", { custom: false });
        assert.deepEqual(selectForDown([stack, empty, volume]).goes, [empty]);
    });

    it("never leaves something that depends on what it takes, and never takes data", () => {
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
                const { goes, stays } = selectForDown(resources);
                const gone = new Set(goes.map((one) => one.urn));
                const after = cutLoose({ version: 3, deployment: { resources } }, goes)?.deployment.resources ?? resources;
                for (const one of after.filter((candidate) => !gone.has(candidate.urn))) {
                    assert.ok(one.dependencies!.every((other) => !gone.has(other)));
                }
                assert.ok(stays.every((one) => !gone.has(one.urn)));
            }),
        );
    });

    it("says what it stops, what it takes and what stays", () => {
        const engines = { guarded: [engine.urn], busy: [{ subject: 'engine "reactor"', status: "a run is active" }] };
        const text = announce({ project: "project", stack: "dev" }, selectForDown(all), undefined, engines).join("\n");
        assert.match(text, /though it was guarded: engine$/m);
        assert.match(text, /engine "reactor": a run is active$/m);
        assert.match(text, /goes: aggregator$/m);
        assert.match(text, /stays: data$/m);
        assert.match(text, /stays, credentials: secret$/m);
        assert.doesNotMatch(text, /DELETED/);
    });

    it("calls nothing guarded that may restart", () => {
        const text = announce({ project: "project", stack: "dev" }, selectForDown(all), undefined, { guarded: [], busy: [] }).join("\n");
        assert.doesNotMatch(text, /guarded/);
        assert.match(text, /goes: aggregator, engine$/m);
    });

    it("knows what must not be interrupted from the components, and otherwise from the hook", () => {
        const guarded = { container: "reactor-1", subject: 'engine "reactor-1"', allowRestart: true, statusCommand: ["status"] };
        const told = resource("groundwork:index:OpenPectusEngine", "reactor-1", { custom: false, outputs: { guarded } });
        const known = { ...engine, urn: urn(engine.type, "reactor-1-engine"), inputs: { name: "reactor-1" }, parent: told.urn };
        // On another host.
        const namesake = { ...engine, inputs: { name: "reactor-1" } };
        assert.deepEqual(guardedContainers([told, known, namesake, aggregator]), [
            { ...guarded, resource: known },
            { container: "reactor-1", subject: "reactor-1", allowRestart: false, resource: namesake },
        ]);
    });

    it("notices what was deployed, taken down, replaced or protected since it was announced, and nothing else", () => {
        const another = resource("docker:index/container:Container", "engine-2", inside);
        const more = { outputs: { changed: true } };
        assert.deepEqual(changes(all, [...all.slice(0, -1), { ...engine, ...more }]), []);
        assert.deepEqual(changes(all, [...all, another]), ["engine-2 is new or changed"]);
        assert.deepEqual(changes([...all, another], all), ["engine-2 is gone"]);
        assert.deepEqual(changes(all, [...all.slice(0, -1), { ...engine, id: "other" }]), ["engine is new or changed"]);
        assert.deepEqual(changes(all, [...all.slice(0, -1), { ...engine, protect: true }]), ["engine is new or changed"]);
    });

    it("says what data it deletes", () => {
        const text = announce({ project: "project", stack: "dev" }, selectForDown(all), [{ name: "data", host }], {
            guarded: [],
            busy: [],
        }).join("\n");
        assert.match(text, /is DELETED, with all data in it: volume data \(host plant\)$/m);
        assert.match(text, /is DELETED, credentials: secret$/m);
    });
});

describe("a volume under the name of one that the state knows", () => {
    const known = { ...volume, outputs: { labels: [{ label: "groundwork.mark", value: "ours" }] } };
    const host = { ...resource("groundwork:index:DockerHost", "host-default"), outputs: { adopted: ["data"] } };
    const found = (Labels: Record<string, string> | null, all: Resource[] = [known]) =>
        anothers([known], all, [{ Name: "data", Labels: Labels! }]).length > 0;

    it("is another state's when it has that one's mark", () => {
        assert.equal(found({ "groundwork.mark": "theirs" }), true);
        assert.equal(found({ "groundwork.mark": "ours" }), false);
    });

    it("is ours when it was taken over, or made by hand", () => {
        assert.equal(found({ "groundwork.mark": "theirs" }, [known, host]), false);
        assert.equal(found(null), false);
        assert.equal(found({ backup: "restored" }), false);
    });
});
