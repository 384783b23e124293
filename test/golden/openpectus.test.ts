import assert from "node:assert/strict";
import type { Config } from "../../stacks/config";
import { assertGolden, assertSound, plan, stackFile, type Plan } from "./plan";
import { everything, minimal, production } from "./openpectus-configs";

const configs: Record<string, { stack: string; config: () => Config; atLeast: number }> = {
    dev: { stack: "dev", config: () => stackFile("dev"), atLeast: 20 },
    prod: { stack: "prod", config: production, atLeast: 20 },
    minimal: { stack: "small", config: minimal, atLeast: 15 },
    everything: { stack: "full", config: everything, atLeast: 30 },
};

for (const [name, { stack, config, atLeast }] of Object.entries(configs)) {
    for (const mode of ["update", "preview"]) {
        describe(`plan of Open Pectus, ${name}, ${mode}`, function () {
            this.timeout(30_000);
            let result: Plan;

            before(async () => {
                result = await plan({ stack, config: config(), preview: mode === "preview" });
            });

            it("is the golden one", () => {
                assert.ok(result.requested.length >= atLeast, `only ${result.requested.length} resources`);
                assertGolden(`openpectus-${name}-${mode}`, result);
            });

            it("leaks no secret and makes no text from nothing", () => assertSound(result));
        });
    }
}
