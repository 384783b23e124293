import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { changedFields, hashFields, parseFields } from "../../../../components/workload/docker/fields";

/** Resolves an output outside an engine. */
const value = <T>(output: pulumi.Output<T>): Promise<T> => (output as unknown as { promise(): Promise<T> }).promise();

describe("workload: the hash of a container's settings", () => {
    it("names exactly the fields that differ", async () => {
        const before = await value(hashFields("key", { image: "a", command: ["x"], memory: 1 }).label);
        const after = hashFields("key", { image: "b", command: ["x"], memory: 1, user: "0" });
        await value(after.label);
        assert.deepEqual(changedFields(parseFields(before), after.known), ["image", "user"]);
    });

    it("does not depend on the order in which a map is written", async () => {
        const one = await value(hashFields("key", { environment: { A: "1", B: "2" } }).label);
        const other = await value(hashFields("key", { environment: { B: "2", A: "1" } }).label);
        assert.equal(one, other);
    });

    it("depends on the order of a list", async () => {
        const one = await value(hashFields("key", { command: ["a", "b"] }).label);
        const other = await value(hashFields("key", { command: ["b", "a"] }).label);
        assert.notEqual(one, other);
    });

    it("is readable although it covers secrets, and differs with the key", async () => {
        const secret = hashFields(pulumi.secret("key"), { secrets: { password: pulumi.secret("hunter2") } }).label;
        assert.equal(await pulumi.isSecret(secret), false);
        assert.doesNotMatch(await value(secret), /hunter2/);
        assert.notEqual(await value(secret), await value(hashFields("other", { secrets: { password: "hunter2" } }).label));
    });

    it("reads back what it wrote", async () => {
        const field = fc.stringMatching(/^[a-z][a-zA-Z]{0,12}$/);
        await fc.assert(
            fc.asyncProperty(fc.dictionary(field, fc.jsonValue(), { noNullPrototype: true }), async (fields) => {
                const { label, known } = hashFields("key", fields);
                assert.deepEqual(parseFields(await value(label)), known);
            }),
            { numRuns: 50 },
        );
    });
});
