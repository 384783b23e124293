import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { keepArchives } from "../../../../../components/systems/openpectus/archive";
import type { ContainerSpec } from "../../../../../components/workload";

describe("the start of an engine, which keeps its archives", () => {
    let root: string;
    let kept: string;
    let data: string;

    /** What the container starts, in a directory of this test: the script, then a program instead of the engine. */
    const start = () => {
        const spec: Pick<ContainerSpec, "command" | "files"> = { command: ["echo", "started"] };
        const { command, files } = keepArchives(spec, kept);
        const [[path, file]] = Object.entries(files!) as [[string, { content: string }]];
        writeFileSync(join(root, "script"), file.content);
        const [program, ...args] = command!.map((word) => (word === path ? join(root, "script") : word));
        const { stdout, stderr } = spawnSync(program!, args, { encoding: "utf8", env: { ...process.env, PYTHONPATH: join(root, "site") } });
        assert.equal(stdout, "started\n", stderr);
        assert.ok(lstatSync(data).isSymbolicLink());
    };
    /** A new container: the package is as the image has it. */
    const image = (files: Record<string, string>) => {
        rmSync(data, { recursive: true, force: true });
        write(data, files);
    };
    const write = (directory: string, files: Record<string, string>) => {
        mkdirSync(directory, { recursive: true });
        for (const [name, text] of Object.entries(files)) {
            mkdirSync(dirname(join(directory, name)), { recursive: true });
            writeFileSync(join(directory, name), text);
        }
    };
    const found = () => {
        const entries = readdirSync(kept, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
        const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
        return Object.fromEntries(paths.map((path) => [path.slice(kept.length + 1), readFileSync(path, "utf8")]));
    };

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "keep-archives-"));
        kept = join(root, "kept");
        data = join(root, "site/openpectus/engine/data");
        mkdirSync(kept);
        write(join(root, "site/openpectus"), { "__init__.py": "" });
        mkdirSync(dirname(data));
    });
    afterEach(() => rmSync(root, { recursive: true }));

    it("works with a package that has no directory for them", start);

    it("moves what an image brings, and does it again in the next container", () => {
        const files = { "readme.txt": "read me", "old/run.csv": "1,2" };
        for (const container of ["first", "second", "third"]) {
            image(files);
            start();
            assert.deepEqual(found(), { "old/run.csv": "1,2", "readme.txt": "read me" }, container);
        }
        image({ ...files, "readme.txt": "another one" });
        start();
        assert.deepEqual(found(), { "old/run.csv": "1,2", "readme.txt": "read me", "readme.txt.1": "another one" });
    });

    it("goes on where it was killed in the middle of a copy", () => {
        write(kept, { "run.csv": "1,", ".moving": "1,2" });
        image({ "run.csv": "1,2,3" });
        start();
        assert.deepEqual(found(), { "run.csv": "1,", "run.csv.1": "1,2,3" });
    });

    it("moves links as they are", () => {
        for (const _ of ["first", "second"]) {
            image({});
            symlinkSync("/nowhere", join(data, "link"));
            symlinkSync("/", join(data, "directory"));
            start();
            assert.deepEqual(readdirSync(kept), ["directory", "link"]);
            assert.ok(lstatSync(join(kept, "directory")).isSymbolicLink());
        }
    });
});
