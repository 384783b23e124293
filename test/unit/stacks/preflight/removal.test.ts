import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe as text } from "../../../../components/problem";
import type { Config } from "../../../../stacks/config";
import { checkRemoval } from "../../../../stacks/preflight/removal";
import { deployed, type StateResources } from "../../../../stacks/preflight/state";
import { checkConfig } from "../../../../stacks/rules";

const OPENPECTUS = "groundwork:index:OpenPectus";
const LIGHTNING = "groundwork:index:Lightning";
const CONTAINER = "docker:index/container:Container";
const VOLUME = "docker:index/volume:Volume";

function state(...resources: [parents: string, type: string, name: string, outputs?: object][]): StateResources {
    return Object.fromEntries(
        resources.map(([parents, type, name, outputs = {}]) => [
            `urn:pulumi:dev::groundwork::${parents}${parents && "$"}${type}::${name}`,
            { type, outputs: outputs as Record<string, unknown> },
        ]),
    );
}

const BOTH = state(
    ["", "pulumi:pulumi:Stack", "groundwork-dev"],
    ["", "groundwork:index:DockerHost", "host-default", { engineId: "HERE" }],
    ["", "groundwork:index:DockerHost", "host-plant", { volumes: ["openpectus-data"] }],
    ["", OPENPECTUS, "openpectus"],
    [OPENPECTUS, "random:index/randomPassword:RandomPassword", "openpectus-config-key", { result: "our key" }],
    [OPENPECTUS, "random:index/randomPassword:RandomPassword", "openpectus-engine-secret", { result: "another secret" }],
    [OPENPECTUS, CONTAINER, "openpectus-aggregator", { name: "dev-openpectus-aggregator" }],
    ["groundwork:index:OpenPectusEngine", CONTAINER, "openpectus-r1-engine", { name: "dev-openpectus-r1-engine" }],
    [OPENPECTUS, VOLUME, "openpectus-data", { name: "dev-openpectus-data" }],
    ["", LIGHTNING, "lightning"],
    [`${LIGHTNING}$groundwork:index:Postgres`, VOLUME, "lightning-postgres-data", { name: "dev-lightning-data" }],
    ["", CONTAINER, "somebody-else", { name: "somebody-else" }],
);

function problems(config: Config, resources = BOTH): string[] {
    return checkRemoval(config, deployed(resources)).map((problem) => `${problem.level} ${text(problem)}`);
}

describe("the state", () => {
    it("tells which machines and systems are deployed", () => {
        const { engineIds, systems, volumes, names, keys } = deployed(BOTH);
        assert.deepEqual([...engineIds], [["default", "HERE"]]);
        assert.deepEqual(Object.fromEntries(systems), {
            openpectus: { containers: ["dev-openpectus-aggregator", "dev-openpectus-r1-engine"], volumes: ["dev-openpectus-data"] },
            lightning: { containers: [], volumes: ["dev-lightning-data"] },
        });
        assert.deepEqual(volumes, [
            { name: "dev-openpectus-data", logical: "openpectus-data", system: "openpectus", host: "plant" },
            { name: "dev-lightning-data", logical: "lightning-postgres-data", system: "lightning", host: undefined },
        ]);
        assert.equal(names.size, 4);
        assert.deepEqual(keys, ["our key"]);
    });
});

describe("a deployed system without a block", () => {
    before(() => pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ name }) => ({ id: name, state: {} }) }, "groundwork", "dev"));

    it("is refused, by name and with what is deployed of it", () => {
        assert.deepEqual(problems({ hosts: {} }), [
            "error openpectus: it is deployed (containers dev-openpectus-aggregator, dev-openpectus-r1-engine; volumes dev-openpectus-data), but " +
                "the configuration has no such block, which would delete it: bring the block back, or say that it shall go: groundwork:remove: [openpectus]",
            "error lightning: it is deployed (volumes dev-lightning-data), but the configuration has no such block, which would delete it: " +
                "bring the block back, or say that it shall go: groundwork:remove: [lightning]",
        ]);
    });

    it("goes when the configuration says so", () => {
        assert.deepEqual(problems({ openpectus: {}, remove: ["lightning"] }), []);
        assert.deepEqual(checkConfig({ remove: ["lightning"] }), []);
    });

    it("is no matter where nothing is deployed, but the line is worth deleting", () => {
        assert.deepEqual(problems({}, {}), []);
        assert.deepEqual(problems({ remove: ["lightning"] }, {}), ['warning remove: "lightning" is gone: delete it from the list']);
    });

    it("must be one without a block", () => {
        const found = checkConfig({ lightning: {}, remove: ["lightning"] }).filter(({ path }) => path === "remove");
        assert.deepEqual(found.map(text), ['remove: "lightning" is configured, too: delete its block, or its name from the list']);
    });

    it("is no volume, of which each has to be deployed", () => {
        assert.deepEqual(problems({ remove: ["flowkit"] }, {}), [
            'warning remove: "flowkit" is no system, and no volume that is deployed: delete it from the list',
        ]);
    });
});
