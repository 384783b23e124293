import assert from "node:assert/strict";
import { join } from "node:path";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider";
import * as components from "../../../../components/classes";

const dirname = join(__dirname, "../../../../components/provider");

interface Schema {
    resources: Record<
        string,
        { isComponent: boolean; inputProperties: Record<string, { description?: string }>; requiredInputs?: string[] }
    >;
    types: Record<string, { properties: Record<string, { description?: string }> }>;
}

describe("the components as a Pulumi package", function () {
    // The analyzer type-checks the components.
    this.timeout(60_000);
    let schema: Schema;

    before(async () => {
        const classes = Object.values(components);
        const provider = new ComponentProvider({ name: "groundwork", dirname, components: classes });
        schema = JSON.parse(await provider.getSchema()) as Schema;
    });

    it("have arguments that the schema analyzer accepts", () => {
        const tokens = Object.keys(components).map((name) => `groundwork:index:${name}`);
        assert.deepEqual(Object.keys(schema.resources).sort(), tokens.sort());
    });

    it("describe every argument", () => {
        const owners = [
            ...Object.entries(schema.resources).map(([name, { inputProperties }]) => ({ name, properties: inputProperties })),
            ...Object.entries(schema.types ?? {}).map(([name, { properties }]) => ({ name, properties })),
        ];
        const silent = owners.flatMap(({ name, properties }) =>
            Object.entries(properties ?? {}).flatMap(([key, { description }]) => (description ? [] : [`${name}.${key}`])),
        );
        assert.deepEqual(silent, []);
    });

    it("need nothing but what has no sensible default", () => {
        assert.deepEqual(schema.resources["groundwork:index:OpenPectus"]!.requiredInputs, []);
        assert.deepEqual(schema.resources["groundwork:index:OpenPectusEngine"]!.requiredInputs, []);
    });
});
