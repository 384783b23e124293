import assert from "node:assert/strict";
import { isOurs } from "../../../../components/workload/docker/claim";
import { LABEL, ownerMark } from "../../../../components/workload/docker/labels";

describe("workload: whose something on a host is", () => {
    const mark = ownerMark("our key", "dev-web");
    const marked = (text: string) => ({ labels: { [LABEL.project]: "groundwork", [LABEL.stack]: "dev", [LABEL.mark]: text } });

    it("shows in a mark that only this state can make", () => {
        assert.equal(isOurs(marked(mark), { mark }), true);
        assert.equal(isOurs(marked(ownerMark("their key", "dev-web")), { mark }), false);
        assert.equal(isOurs(marked(ownerMark("our key", "dev-other")), { mark }), false, "a mark cannot be carried to another name");
        assert.equal(isOurs(marked(mark), { mark: undefined }), false, "a state without a key has made nothing");
        assert.equal(isOurs(marked(""), { mark: "" }), false);
    });

    it("never shows in project and stack, which others have as well", () => {
        assert.equal(isOurs({ labels: { [LABEL.project]: "groundwork", [LABEL.stack]: "dev" } }, { mark }), false);
        assert.equal(isOurs({ labels: {} }, { mark }), false);
    });

    it("shows in the configuration hashes of a container from before there were marks", () => {
        const before = { labels: { [LABEL.config]: "environment=0123456789 memory=aaaaaaaaaa" } };
        assert.equal(isOurs(before, { mark, fields: { environment: "9876543210", memory: "aaaaaaaaaa" } }), true);
        assert.equal(isOurs(before, { mark, fields: { environment: "9876543210", memory: "bbbbbbbbbb" } }), false);
        assert.equal(isOurs(before, { mark, fields: {} }), false);
    });
});
