import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
    chmodSync,
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linuxSetup } from "../../../../../components/systems/openpectus/setup-linux";

const setup = { version: "0.1.1585", host: "10.0.0.5", port: 80, secure: false };

/** Stand-ins for what only root may do; Python is there already and notes how it is called. */
const programs = {
    id: "echo 0",
    systemctl: `case "$1" in is-active) [ -e "$ROOT/active" ];; esac`,
    runuser: `while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
    install: `for word; do shift; case "$word" in -o | -g) drop=1;; openpectus | root) [ -n "$drop" ] || set -- "$@" "$word"; drop=;;
*) set -- "$@" "$word";; esac; done; exec /usr/bin/install "$@"`,
};
const python = `echo "$PWD $*" >> "$ROOT/calls"
case "$*" in *find_spec*) echo "$ROOT/package";; *metadata*) cat "$ROOT/version";; esac`;

describe("the set-up of an engine by hand on Linux, when it runs", () => {
    let root: string;
    const at = (path: string) => join(root, path);
    const script = (path: string, text: string) => {
        writeFileSync(at(path), `#!/bin/sh\n${text}\n`);
        chmodSync(at(path), 0o755);
    };
    const run = () => {
        // Every absolute path of the machine goes into the directory of this test.
        writeFileSync(at("home/setup.sh"), linuxSetup(setup).replace(/(?<![\w.])\/(opt|etc|var\/lib)\//g, `${root}$&`));
        const env = { ROOT: root, PATH: `${at("bin")}:${process.env.PATH}` };
        return spawnSync("/bin/sh", ["setup.sh", "uod.py"], { cwd: at("home"), encoding: "utf8", env });
    };
    const succeed = () => {
        const { status, stderr } = run();
        assert.equal(status, 0, stderr);
    };

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "engine-setup-"));
        for (const path of ["bin", "home", "opt/openpectus/bin", "etc/systemd/system", "var/lib", "package/engine"]) {
            mkdirSync(at(path), { recursive: true });
        }
        for (const [name, text] of Object.entries(programs)) script(`bin/${name}`, text);
        script("opt/openpectus/bin/python", python);
        writeFileSync(at("version"), "0.1.1584");
        writeFileSync(at("home/uod.py"), "def create(): ...\n");
    });
    afterEach(() => rmSync(root, { recursive: true }));

    it("runs no Python code from the directory it is started in, and finds the definition there", () => {
        succeed();
        const calls = readFileSync(at("calls"), "utf8").trim().split("\n");
        assert.ok(calls.some((call) => call.includes("-m pip install")));
        for (const call of calls) assert.match(call, /^\/ -I /);
        assert.equal(readFileSync(at("etc/openpectus/uod.py"), "utf8"), "def create(): ...\n");
    });

    it("moves what lies in the package to the archives, and loses nothing of the same name", () => {
        for (const path of ["package/engine/data", "var/lib/openpectus-engine"]) mkdirSync(at(path));
        writeFileSync(at("package/engine/data/run-1"), "of the package");
        writeFileSync(at("package/engine/data/.hidden"), "");
        writeFileSync(at("var/lib/openpectus-engine/run-1"), "kept");
        succeed();
        assert.ok(lstatSync(at("package/engine/data")).isSymbolicLink());
        assert.deepEqual(readdirSync(at("package/engine/data")).sort(), [".hidden", "run-1", "run-1.~1~"]);
        assert.equal(readFileSync(at("package/engine/data/run-1.~1~"), "utf8"), "kept");
        succeed();
        assert.equal(readdirSync(at("package/engine/data")).length, 3);
    });

    it("shows the archives to nobody else", () => {
        succeed();
        assert.equal(statSync(at("var/lib/openpectus-engine")).mode & 0o777, 0o750);
        assert.match(readFileSync(at("etc/systemd/system/openpectus-engine.service"), "utf8"), /^UMask=0027$/m);
    });

    it("replaces no package below a running engine", () => {
        writeFileSync(at("active"), "");
        const { status, stderr } = run();
        assert.equal(status, 1);
        assert.match(stderr, /0\.1\.1584 runs.*sudo systemctl stop openpectus-engine/);
        assert.doesNotMatch(readFileSync(at("calls"), "utf8"), /pip/);
        assert.ok(!existsSync(at("etc/systemd/system/openpectus-engine.service")));
    });

    it("brings the settings of a running engine of the same version up to date", () => {
        writeFileSync(at("active"), "");
        writeFileSync(at("version"), "0.1.1585");
        succeed();
        assert.ok(existsSync(at("etc/systemd/system/openpectus-engine.service")));
    });
});
