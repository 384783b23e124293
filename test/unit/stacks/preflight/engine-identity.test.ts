import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe as text } from "../../../../components/problem";
import { checkIdentity, type Identity } from "../../../../stacks/preflight/engine-identity";

function problems(identity: Partial<Identity>): string[] {
    const address = "tcp://10.0.0.6:2376";
    return checkIdentity({ host: "plant", address, settings: {}, answers: "NEW", runs: true, ...identity }).map((problem) =>
        `${problem.level} ${text(problem)}`.replaceAll(`STACK=${pulumi.getStack()}`, "STACK=dev"),
    );
}

describe("the machine behind a host", () => {
    it("is whatever answers first, and then the same at any address", () => {
        assert.deepEqual(problems({}), []);
        assert.deepEqual(problems({ deployedTo: "NEW" }), []);
    });

    it("is refused when it is another one, with the way in two steps", () => {
        assert.deepEqual(problems({ deployedTo: "OLD" }), [
            "error hosts.plant.docker.host: the Docker Engine at tcp://10.0.0.6:2376 is another machine (NEW) than the one with everything that is " +
                "deployed (OLD): first `make down STACK=dev` with the old address, and move the data; " +
                "then set hosts.plant.docker.engineId: NEW and run `make up STACK=dev`",
        ]);
    });

    it("may be another one on purpose", () => {
        const moved = { deployedTo: "OLD", settings: { engineId: "NEW" } };
        assert.deepEqual(problems({ ...moved, runs: false }), []);
        assert.deepEqual(problems(moved), [
            "warning hosts.plant.docker.engineId: this update moves the address alone: nothing is made on the new machine, and what runs on OLD " +
                "runs on: run `make down STACK=dev` and `make up STACK=dev` after it",
        ]);
        assert.deepEqual(problems({ deployedTo: "NEW", settings: { engineId: "NEW" } }), []);
    });

    it("is not any other than the one that is named", () => {
        for (const deployedTo of [undefined, "OLD", "NEW"]) {
            assert.deepEqual(problems({ deployedTo, settings: { engineId: "NAMED" } }), [
                "error hosts.plant.docker.engineId: the Docker Engine at tcp://10.0.0.6:2376 is another one, with the id NEW: " +
                    "correct the address, or engineId if NEW is meant",
            ]);
        }
    });
});
