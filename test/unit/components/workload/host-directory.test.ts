import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { DockerRuntime } from "../../../../components/workload";
import { ownerMark } from "../../../../components/workload/docker/labels";
import { record } from "../recorder";

describe("workload: a directory of the host", () => {
    let directory: string;
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "groundwork-directory-"))));
    afterEach(() => rmSync(directory, { recursive: true }));

    const marker = () => join(directory, ".groundwork-owner");

    /** Runs the job of the program for a path of the host, in the test's own directory. */
    async function use(path: string, { stack = "dev", adopt = [] as string[] } = {}): Promise<{ code: number | null; stderr: string }> {
        const recording = await record({ project: "plant", stack });
        const component = new pulumi.ComponentResource("test:index:Component", "demo");
        new DockerRuntime(component, { name: "demo", system: "test", adopt }).hostDirectory("data", {
            path,
            image: "i",
            uid: process.getuid!(),
        });
        await pulumi.runtime.disconnect();
        const { command, environment } = recording.get("demo-data-directory").inputs as { command: [string]; environment: string[] };
        const env = Object.fromEntries(environment.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
        const script = command[0].replaceAll("/directory", directory);
        const { status, stderr } = spawnSync("sh", ["-c", script], { env: { PATH: process.env.PATH, ...env }, encoding: "utf8" });
        return { code: status, stderr };
    }

    it("stays ours however its path is spelled", async () => {
        for (const path of ["/srv/data", "/srv/data/", "/srv//data", "/srv/./data/"])
            assert.deepEqual(await use(path), { code: 0, stderr: "" }, path);
    });

    it("stays ours after an earlier release marked it as it was spelled", async () => {
        // What the recorder answers for every key.
        const mark = ownerMark("demo-config-key-value", "/srv/data/");
        writeFileSync(marker(), `${mark}\nproject plant, stack dev, demo-data\n`);
        assert.deepEqual(await use("/srv/data/"), { code: 0, stderr: "" });
        assert.notEqual(readFileSync(marker(), "utf8").split("\n")[0], mark);
        assert.equal((await use("/srv/data")).code, 0);
    });

    it("of another environment is refused, until it is adopted under whatever spelling", async () => {
        await use("/srv/data");
        const mine = readFileSync(marker(), "utf8");
        writeFileSync(marker(), mine.replace(/^./, "x"));
        const { code, stderr } = await use("/srv/data", { stack: "prod" });
        assert.equal(code, 1);
        assert.match(
            stderr,
            /^\/srv\/data is in use by another environment: project plant, stack dev, demo-data\n.*add "\/srv\/data" to the setting adopt\n$/,
        );
        assert.equal((await use("/srv/data/", { stack: "prod", adopt: ["/srv/data"] })).code, 0);
        assert.match(readFileSync(marker(), "utf8"), /stack prod/);
    });

    it("that was moved is refused as what it says it is", async () => {
        await use("/srv/old");
        const { code, stderr } = await use("/srv/new");
        assert.equal(code, 1);
        assert.match(
            stderr,
            /^\/srv\/new says that it belongs to this environment \(project plant, stack dev, demo-data\), but was marked at another path/,
        );
        assert.match(stderr, /if it was moved here, .* add "\/srv\/new" to the setting adopt/);
        assert.doesNotMatch(stderr, /another environment/);
        assert.equal((await use("/srv/new", { adopt: ["/srv/new/"] })).code, 0);
    });
});
