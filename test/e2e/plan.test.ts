import assert from "node:assert/strict";
import { Checkout } from "./support/checkout";

describe("npm run plan -- --against", () => {
    let checkout: Checkout;

    before(async () => {
        checkout = await Checkout.create("plan");
        checkout.restore("Pulumi.yaml"); // nothing is deployed, and the name of the project stands in the configuration
        await checkout.commit();
    });
    after(async () => checkout?.remove());

    const compare = () => checkout.run("npm run --silent plan -- --against HEAD");

    it("shows what a change of the configuration changes in which environment, and leaves nothing behind", async () => {
        checkout.edit("Pulumi.prod.yaml", (text) => text.replace("hostname: PECTUS-PRD", "hostname: PECTUS-PRD\n    memory: 2048"));
        const { code, stdout, stderr } = await compare();
        assert.equal(code, 0, stderr);
        assert.match(
            stdout,
            /^dev: the same plan\nprod: another plan\n@@.*@@ {3}- name: openpectus-aggregator\n[^]*^-\s+memory: 1024$[^]*^\+\s+memory: 2048$/m,
        );
        assert.equal(await checkout.gitStatus(), "M Pulumi.prod.yaml");
    });

    it("shows what a change of the program changes", async () => {
        checkout.restore("Pulumi.prod.yaml");
        checkout.edit("images.lock.json", (text) => text.replaceAll("groundwork/edge:1.26-", "groundwork/edge:1.27-"));
        const { stdout } = await compare();
        for (const stack of ["dev", "prod"]) assert.match(stdout, new RegExp(`^${stack}: another plan\n@@`, "m"));
        assert.match(stdout, /^\+\s+name: groundwork\/edge:1\.27-/m);
        checkout.restore("images.lock.json");
    });

    it("ends with the problems of a configuration that would be refused", async () => {
        checkout.edit("Pulumi.prod.yaml", (text) => text.replace("bindAddress: 0.0.0.0", "bindAddress: anywhere"));
        const { code, stderr } = await compare();
        assert.notEqual(code, 0);
        assert.match(stderr, /^prod: 1 problem in the configuration; nothing was changed:\n {2}openpectus\.edge\.bindAddress: /m);
    });
});
