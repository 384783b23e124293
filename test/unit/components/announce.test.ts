import assert from "node:assert/strict";
import { mock } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { announce, checkedBy } from "../../../components/announce";
import { error, warning } from "../../../components/problem";
import { record } from "./recorder";

describe("announce", () => {
    beforeEach(record);
    afterEach(() => mock.restoreAll());

    const component = (type: string, opts?: pulumi.ComponentResourceOptions) => new pulumi.ComponentResource(type, "demo", {}, opts);
    const problem = warning("op.backup", "it is risky", "do not");

    async function printed(opts?: pulumi.ComponentResourceOptions): Promise<unknown[]> {
        const { mock: log } = mock.method(console, "warn", () => undefined);
        announce([problem], component("groundwork:index:Backup", opts), opts);
        await pulumi.runtime.disconnect();
        return log.calls.map(({ arguments: [line] }) => line);
    }

    it("prints warnings", async () => {
        assert.deepEqual(await printed(), ["warning: [runtime] op.backup: it is risky: do not"]);
    });

    it("prints them inside any other component, one of ours that knows nothing of it included", async () => {
        assert.equal((await printed({ parent: component("somebody:index:Else") })).length, 1);
        assert.equal((await printed({ parent: component("groundwork:index:OpenPectus") })).length, 1);
    });

    it("is silent inside a component that has looked at the same settings and printed them", async () => {
        assert.deepEqual(await printed(checkedBy(component("groundwork:index:OpenPectus"))), []);
    });

    it("ends the program with errors, wherever it is, and without a stack trace", () => {
        const parent = component("groundwork:index:OpenPectus");
        assert.throws(() => announce([error("op.a", "wrong", "right")], parent, checkedBy(parent)), {
            name: "Error",
            message: "1 problem in the configuration; nothing was changed:\n  op.a: wrong: right",
            __pulumiRunError: true,
        });
    });
});
