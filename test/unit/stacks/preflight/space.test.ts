import assert from "node:assert/strict";
import { statfs } from "node:fs/promises";
import { describe as text } from "../../../../components/problem";
import { checkSpace, LEAST_FREE } from "../../../../stacks/preflight/space";

describe("free space", () => {
    it("is enough on a machine that runs these tests", async () => {
        assert.deepEqual(await checkSpace("default", "/"), []);
    });

    it("is too little on a full disk", async () => {
        const [problem] = await checkSpace("default", "/proc"); // no blocks at all
        assert.equal((await statfs("/proc")).bavail, 0);
        assert.equal(
            text(problem!),
            `hosts.default: only 0.0 GiB are free in /proc, and there is something to create: free at least ${LEAST_FREE} GiB; \`docker system df\` shows what takes them`,
        );
    });

    it("proves nothing where nobody may look", async () => {
        assert.deepEqual(await checkSpace("default", "/nowhere"), []);
    });
});
