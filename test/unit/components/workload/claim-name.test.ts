import assert from "node:assert/strict";
import { claim, type Claim } from "../../../../components/workload/docker/claim";
import { LABEL, ownerMark } from "../../../../components/workload/docker/labels";
import { FakeEngine, type Answers } from "../../stacks/preflight/fake-engine";

const USERS = `/containers/json?all=true&filters=${encodeURIComponent(JSON.stringify({ volume: ["data"] }))}`;
const RUNNING_ONLY = USERS.replace("all=true&", "");

describe("workload: a name that is taken", () => {
    let engine: FakeEngine | undefined;
    afterEach(() => engine?.stop());

    async function take(answers: Answers, wanted: Claim, preview: boolean): Promise<void> {
        engine = await FakeEngine.start(answers);
        await claim({ host: engine.address }, wanted, { preview, project: "groundwork", stack: "dev" });
    }

    it("is not taken over with a volume that a stopped container uses, and would use again", async () => {
        const answers = { "/volumes/data": { Name: "data", Labels: {} }, [USERS]: [{ Names: ["/stopped"] }], [RUNNING_ONLY]: [] };
        await assert.rejects(
            take(answers, { kind: "volume", name: "data", adopt: true }, true),
            /because stopped uses it: stop and remove/,
        );
    });

    describe("by a guarded container of ours", () => {
        const mark = ownerMark("our key", "engine");
        const answers = { "/containers/engine/json": { Config: { Labels: { [LABEL.mark]: mark } }, State: { Running: true } } };
        const wanted: Claim = { kind: "container", name: "engine", mark, refuseStop: () => Promise.resolve("a run is active") };

        it("that an interrupted update left is refused in the preview already", () =>
            assert.rejects(take(answers, wanted, true), /^Error: a run is active$/));

        it("that this run replaces is no matter of a preview", () => take(answers, { ...wanted, replaced: true }, true));

        it("is refused in an update", () => assert.rejects(take(answers, wanted, false), /^Error: a run is active$/));

        it("that may stop passes the preview", () => take(answers, { ...wanted, refuseStop: undefined }, true));
    });
});
