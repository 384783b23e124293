import assert from "node:assert/strict";
import { mayStopThisTime, namesToStop, permissionToStop } from "../../../../components/workload/docker/permission";

describe("the permission to stop a guarded container", () => {
    const { GROUNDWORK_ALLOW_STOP } = process.env;
    after(() => {
        if (GROUNDWORK_ALLOW_STOP === undefined) delete process.env.GROUNDWORK_ALLOW_STOP;
        else process.env.GROUNDWORK_ALLOW_STOP = GROUNDWORK_ALLOW_STOP;
    });
    const given = (value: string, ...names: (string | undefined)[]) => {
        process.env.GROUNDWORK_ALLOW_STOP = value;
        return mayStopThisTime(...names);
    };

    it("is given as it is advised: by the name of the engine", () => {
        const [variable, value] = permissionToStop("reactor-1").split("=");
        assert.equal(variable, "GROUNDWORK_ALLOW_STOP");
        assert.equal(given(value!, "openpectus-reactor-1-engine", "reactor-1"), true);
        assert.equal(given(value!, "openpectus-reactor-2-engine", "reactor-2"), false);
    });

    it("goes by the name in the configuration, so that of two engines that swap theirs only one stops", () => {
        const stopped = (configured: string, deployed: string) => given("a", ...namesToStop("logical", configured, deployed));
        assert.deepEqual([stopped("a", "b"), stopped("b", "a")], [true, false]);
    });

    it("goes by the name that is deployed where the configuration has none any more", () => {
        assert.equal(given("a", ...namesToStop("logical", undefined, "a")), true);
    });

    it("is also given to all, to several, and by the name that older messages told", () => {
        assert.equal(given("all", "a"), true);
        assert.equal(given("b, a", "a"), true);
        assert.equal(given("openpectus-reactor-1-engine", "openpectus-reactor-1-engine", "reactor-1"), true);
        assert.equal(given("", "a", undefined), false);
    });
});
