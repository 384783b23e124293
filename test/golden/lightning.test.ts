import assert from "node:assert/strict";
import type { Config } from "../../stacks/config";
import { everything, externalDatabase, images, minimal, threeWorkers } from "./lightning-configs";
import { assertGolden, assertSound, plan, stackFile, type Plan } from "./plan";

const configs: Record<string, { config: () => Config; atLeast: number }> = {
    minimal: { config: minimal, atLeast: 25 },
    everything: { config: everything, atLeast: 30 },
    "external-database": { config: externalDatabase, atLeast: 15 },
    "three-workers": { config: threeWorkers, atLeast: 29 },
};

for (const [name, { config, atLeast }] of Object.entries(configs)) {
    for (const mode of ["update", "preview"]) {
        describe(`plan of Lightning, ${name}, ${mode}`, function () {
            this.timeout(30_000);
            let result: Plan;

            before(async () => {
                result = await plan({ stack: "golden", config: config(), preview: mode === "preview" });
            });

            it("is the golden one", () => {
                assert.ok(result.requested.length >= atLeast, `only ${result.requested.length} resources`);
                assertGolden(`lightning-${name}-${mode}`, result);
            });

            it("leaks no secret and makes no text from nothing", () => assertSound(result));
        });
    }
}

describe("the examples of Lightning", function () {
    this.timeout(30_000);

    it("the one for trying out deploys beside everything else in Pulumi.dev.yaml", async () => {
        const config = { ...stackFile("dev"), ...stackFile("lightning", "examples") };
        const { requested } = await plan({ stack: "dev", config, preview: false });
        assert.ok(requested.some(({ name }) => name === "lightning-web") && requested.some(({ name }) => name === "openpectus-aggregator"));
    });

    it("the one for production deploys, with its mail password", async () => {
        const { hosts, lightning } = stackFile("lightning-prod", "examples");
        lightning!.mail!.smtp!.password = "set as a secret";
        Object.assign(lightning!, { web: images.web, workers: { ...lightning!.workers, ...images.workers } });
        const { requested } = await plan({ stack: "prod", config: { hosts, lightning }, preview: false });
        assert.ok(requested.some(({ name }) => name === "lightning-worker-2"));
    });
});
