import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe as text } from "../../../../components/problem";
import type { Config } from "../../../../stacks/config";
import { checkRemoval } from "../../../../stacks/preflight/removal";
import type { Deployed, DeployedVolume } from "../../../../stacks/preflight/state";
import { checkVolumes } from "../../../../stacks/preflight/volumes";
import { volumes, type SystemName } from "../../../../stacks/rules";

/** The state after a configuration was deployed with the prefix `lab`. */
function after(config: Config, change: Partial<DeployedVolume> = {}): Deployed {
    const kept = volumes(config).map(({ name, host }) => ({
        name: `lab-${name}`,
        logical: name,
        host,
        system: name.split("-")[0] as SystemName,
        ...change,
    }));
    return { engineIds: new Map(), systems: new Map(), volumes: kept, names: new Set(kept.map(({ name }) => name)), keys: [] };
}

function refusals(config: Config, deployed: Deployed): string[] {
    return [...checkRemoval(config, deployed), ...checkVolumes(config, deployed)].map((problem) => `${problem.level} ${text(problem)}`);
}

const MOVE = "move the data (docs/runbooks/move-data.md)";

describe("a deployed volume", () => {
    const small: Config = { prefix: "lab", openpectus: {} };
    before(() => pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ name }) => ({ id: name, state: {} }) }, "groundwork", "dev"));

    it("stays where nothing about it changes", () => {
        const large: Config = { prefix: "lab", openpectus: { engines: { r1: {} }, edge: { tls: { devCa: {} } } }, lightning: {} };
        for (const config of [small, large]) assert.deepEqual(refusals(config, after(config)), []);
    });

    it("is not deleted for another prefix", () => {
        const all = ["lab-openpectus-backup-backups", "lab-openpectus-data", "lab-openpectus-web-push-keys"];
        assert.deepEqual(refusals({ ...small, prefix: "x" }, after(small)), [
            `error prefix: this would delete volume ${all.join(", volume ")} with all data in it, because names begin with "x" instead of "lab": ` +
                `set prefix: lab; or ${MOVE}; or say that it shall go: groundwork:remove: [${all.join(", ")}]`,
        ]);
        assert.match(refusals({ openpectus: {} }, after(small))[0]!, /names begin with "groundwork-dev" instead of "lab"/);
    });

    it("is not deleted for a directory of the host, or with the block of its engine", () => {
        const config: Config = { prefix: "lab", openpectus: { engines: { r1: {}, r2: {} } } };
        const changes: Record<string, Config["openpectus"]> = {
            "lab-openpectus-data": { ...config.openpectus, data: { hostPath: "/srv/data" } },
            "lab-openpectus-web-push-keys": { ...config.openpectus, webPush: { hostPath: "/srv/keys" } },
            "lab-openpectus-backup-backups": { ...config.openpectus, backup: { directory: { hostPath: "/srv/backups" } } },
            "lab-openpectus-r2-archive": { engines: { r1: {} } },
        };
        for (const [volume, openpectus] of Object.entries(changes)) {
            assert.deepEqual(refusals({ prefix: "lab", openpectus }, after(config)), [
                `error openpectus: this would delete volume ${volume} with all data in it, because the configuration has no use for it any more: ` +
                    `take the change back; or ${MOVE}; or say that it shall go: groundwork:remove: [${volume}]`,
            ]);
            assert.deepEqual(refusals({ prefix: "lab", openpectus, remove: [volume] }, after(config)), []);
        }
    });

    it("is not deleted on its host because the other one gets an empty one", () => {
        const [line] = refusals({ ...small, openpectus: { host: "plant" } }, after(small));
        assert.match(
            line!,
            /^error openpectus: .* because it moves from host "default" to host "plant": leave it on host "default"; or move/,
        );
        const unknown = after(small, { host: undefined });
        assert.deepEqual(
            refusals({ ...small, openpectus: { host: "plant" } }, unknown),
            [],
            "an earlier release did not write the host down",
        );
    });

    it("is left to the refusal of a missing block where its whole system goes", () => {
        assert.deepEqual(checkVolumes({ prefix: "x", remove: ["openpectus"] }, after(small)), []);
    });

    it("is not named as one that may go while it stays, nor forgotten there", () => {
        assert.deepEqual(refusals({ ...small, remove: ["lab-openpectus-data"] }, after(small)), [
            "error remove: volume lab-openpectus-data is in use and stays: delete it from the list, or change what uses it",
        ]);
        assert.deepEqual(refusals({ ...small, remove: ["lab-openpectus-old"] }, after(small)), [
            'warning remove: "lab-openpectus-old" is no system, and no volume that is deployed: delete it from the list',
        ]);
    });
});
