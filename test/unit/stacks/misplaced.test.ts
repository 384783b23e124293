import assert from "node:assert/strict";
import { describe as text } from "../../../components/problem";
import { checkMisplaced } from "../../../stacks/misplaced";

const BLOCKS = ["prefix", "hosts", "openpectus", "lightning", "remove"];

function problems(keys: { keys?: string[]; topLevel?: string[] }, project = "groundwork"): string[] {
    return checkMisplaced(project, BLOCKS, keys).map(text);
}

describe("blocks at the wrong place", () => {
    it("are found under a namespace with a typing error", () => {
        for (const namespace of ["groundwrk", "Groundwork", "groundworks", "ground-work"]) {
            assert.deepEqual(problems({ keys: [`${namespace}:openpectus`, "groundwork:hosts"] }), [
                `${namespace}:openpectus: nothing reads it, because this project is called "groundwork": write groundwork:openpectus`,
            ]);
        }
    });

    it("are found under any namespace that nobody has", () => {
        assert.deepEqual(problems({ keys: ["plant:lightning"] }), [
            'plant:lightning: nothing reads it, because this project is called "groundwork": write groundwork:lightning',
        ]);
    });

    it("are not suspected in the settings of the engine and of providers", () => {
        const keys = ["pulumi:tags", "docker:host", "docker:registryAuth", "random:prefix", "other:colour", "groundwork:anything"];
        assert.deepEqual(problems({ keys }), []);
        assert.deepEqual(problems({ keys: ["gcp:zone", "tls:proxy", "aws:region"] }, "gw"), []);
    });

    it("are found outside config, and so is a wrong spelling of config itself", () => {
        assert.deepEqual(
            problems({ topLevel: ["config", "groundwork:openpectus", "openpectus", "configs", "Config", "encryptionsalt", "x"] }),
            [
                "groundwork:openpectus: it stands outside config, where nothing reads it: indent it to move it below config:, or remove it",
                "openpectus: it stands outside config, where nothing reads it: move it below config, as groundwork:openpectus",
                "configs: Pulumi knows no such key, and nothing reads what is below it: write config:",
                "Config: Pulumi knows no such key, and nothing reads what is below it: write config:",
                "x: it stands outside config, where nothing reads it: indent it to move it below config:, or remove it",
            ],
        );
    });

    it("are not suspected in what Pulumi itself writes", () => {
        assert.deepEqual(problems({ topLevel: ["config", "secretsprovider", "encryptedkey", "encryptionsalt", "environment"] }), []);
    });
});
