import assert from "node:assert/strict";
import fc from "fast-check";
import { dockerDuration } from "../../../../components/workload/docker/duration";

describe("workload: durations", () => {
    it("are spelled as Docker spells them", () => {
        const pairs = { "5s": "5s", "60s": "1m0s", "90s": "1m30s", "2m": "2m0s", "1h": "1h0m0s", "0s": "0s" };
        for (const [written, docker] of Object.entries(pairs)) assert.equal(dockerDuration(written), docker);
    });

    it("do not change when spelled so already", () => {
        fc.assert(
            fc.property(fc.nat(100_000), (seconds) => dockerDuration(dockerDuration(`${seconds}s`)) === dockerDuration(`${seconds}s`)),
        );
    });

    it("must be hours, minutes and seconds", () => {
        for (const wrong of ["", "5", "s", "1.5s", "5 s", "1s1m"]) assert.throws(() => dockerDuration(wrong), /is no duration/);
    });
});
