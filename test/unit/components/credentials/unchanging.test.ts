import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { unchanging } from "../../../../components/credentials";
import { unchangingProvider } from "../../../../components/credentials/unchanging";
import { record, valueOf } from "../recorder";

const check = (olds: object, news: object) => unchangingProvider.check!(olds as never, news as never);

describe("credentials: a key that never changes", () => {
    it("accepts the first one, and the same one again", async () => {
        const news = { fingerprint: "a", refusal: "no" };
        assert.deepEqual((await check({}, news)).failures, []);
        assert.deepEqual((await check(news, { ...news, refusal: "other words" })).failures, []);
    });

    it("refuses another one, and one that is not known yet, with the reason", async () => {
        for (const fingerprint of ["b", undefined]) {
            const { failures } = await check({ fingerprint: "a", refusal: "no" }, { fingerprint, refusal: "everything would be lost" });
            assert.deepEqual(failures, [{ property: "", reason: "everything would be lost" }]);
        }
    });

    it("hands the key on as a secret, and stores its hash alone", async () => {
        const recording = await record();
        const key = unchanging("guard", { value: pulumi.secret("a key of many bits"), refusal: "no" });
        assert.ok(await pulumi.isSecret(key));
        assert.equal(await valueOf(key), "a key of many bits");
        const { __provider: _, ...inputs } = recording.get("guard").inputs;
        assert.deepEqual(inputs, { fingerprint: "d7c9512f28c4d1bacd9321386fbbf7cc", refusal: "no" });
    });
});
