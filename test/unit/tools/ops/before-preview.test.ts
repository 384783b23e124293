import assert from "node:assert/strict";
import { notAsDeployed } from "../../../../tools/ops/before-preview";
import type { Sight } from "../../../../tools/ops/drift";

const found = (type: string, name: string, info?: object) =>
    ({ resource: { urn: `urn::${name}`, type, inputs: { name } }, host: {}, info }) as unknown as Sight["containers"][number];
const container = (name: string, info?: object) => found("docker:index/container:Container", name, info);

describe("what the plan of `make preview` does not show", () => {
    it("is nothing where all is as deployed", () => {
        const containers = [container("web", { State: { Running: true } })];
        assert.deepEqual(notAsDeployed({ containers, lost: [], foreign: [], notLookedAt: [] }, {}), []);
    });

    it("is no volume whose deletion was interrupted", () => {
        const data = found("docker:index/volume:Volume", "data");
        const pending_operations = [{ type: "deleting", resource: data.resource }];
        assert.deepEqual(notAsDeployed({ containers: [], lost: [data], foreign: [], notLookedAt: [] }, { pending_operations }), []);
    });

    it("is named, with what `make up` does about it", () => {
        const containers = [container("edge"), container("web", { State: { Running: false } })];
        const lost = [found("docker:index/volume:Volume", "data"), found("docker:index/network:Network", "network")];
        assert.deepEqual(notAsDeployed({ containers, lost, foreign: [], notLookedAt: [] }, {}), [
            "data: gone with the data in it; the plan does not show it, and `make up STACK=dev` refuses and lists the backups",
            "edge, network: gone; the plan does not show it, and `make up STACK=dev` makes it again unless the configuration drops it",
            "web: not running; the plan does not show it, and `make up STACK=dev` starts it",
        ]);
    });
});
