import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Docker } from "./support/docker";
import { install } from "./support/packages";
import { type Result, run, tryRun } from "./support/process";

describe("the base of all images", () => {
    let directory: string;
    let mirror: Server;
    let asked: string[];

    before(() =>
        install(["debootstrap", "/usr/sbin/debootstrap"], ["debian-archive-keyring", "/usr/share/keyrings/debian-archive-keyring.gpg"]),
    );

    beforeEach(async () => {
        directory = mkdtempSync(join(tmpdir(), "groundwork-base-"));
        asked = [];
        mirror = createServer(({ url }, response) => {
            asked.push(url!);
            response.writeHead(url!.endsWith("/Release") ? 200 : 404).end(release());
        });
        await new Promise<void>((resolve) => mirror.listen(0, "127.0.0.1", resolve));
        mkdirSync(join(directory, "host"));
        const address = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}/debian`;
        writeFileSync(join(directory, "host", "sources.list"), `deb ${address} trixie main\n`);
    });
    afterEach(async () => {
        await new Promise((resolve) => mirror.close(resolve));
        rmSync(directory, { recursive: true, force: true });
    });

    /** What somebody could put between here and Debian: a whole archive, but not Debian's signature. */
    function release(): string {
        const hash = createHash("sha256").update("").digest("hex");
        const lists = ["main/binary-amd64/Packages", "main/binary-amd64/Packages.gz"].map((file) => ` ${hash} 0 ${file}`);
        return [
            "Origin: Debian",
            "Suite: stable",
            "Codename: trixie",
            "Components: main",
            "Architectures: amd64",
            "SHA256:",
            ...lists,
            "",
        ].join("\n");
    }

    function build(before = "true"): Promise<Result> {
        const script = `${before} && exec images/base/build "$0/host" "$0" > "$0/root.tar"`;
        const env = { ...process.env, http_proxy: "", HTTP_PROXY: "", no_proxy: "127.0.0.1" };
        return tryRun("unshare", ["--mount", "bash", "-ec", script, directory], { env, timeout: 120 });
    }

    it("is not made of an archive that Debian has not signed", async () => {
        const { code, stderr } = await build();
        assert.notEqual(code, 0);
        assert.match(stderr, /Failed getting release signature file/);
        assert.deepEqual(
            asked.filter((url) => url.includes("Packages")),
            [],
            "nothing was taken from it",
        );
    });

    it("is not made without the keys of Debian", async () => {
        const { code, stderr } = await build("mount -t tmpfs none /usr/share/keyrings");
        assert.notEqual(code, 0);
        assert.match(stderr, /keyring file not available[^]*Keyring-based check was requested; aborting/);
        assert.deepEqual(
            asked.filter((url) => url.includes("Packages")),
            [],
            "nothing was taken from it",
        );
    });
});

describe("make images ARGS=sbom", () => {
    interface Sbom {
        spdxVersion: string;
        packages: { name: string; versionInfo: string; externalRefs?: { referenceLocator: string }[] }[];
    }

    it("lists what is in an image: Debian and Python packages, and Go modules, by the version that is there", async () => {
        const files = (await run("make", ["--silent", "images", "ARGS=sbom backup openpectus"], { timeout: 1200 })).trim().split("\n");
        const [backup, openpectus] = files.map((file) => JSON.parse(readFileSync(file, "utf8")) as Sbom);
        const locators = [...backup!.packages, ...openpectus!.packages].flatMap(({ externalRefs = [] }) =>
            externalRefs.map((ref) => ref.referenceLocator),
        );
        const image = (await run("node", ["--import", "tsx", "tools/images", "tag", "backup"])).trim();
        const sqlite = await new Docker().cli(
            "run",
            "--rm",
            "--network",
            "none",
            "--entrypoint",
            "dpkg-query",
            image,
            "-W",
            "-f",
            "${Version}",
            "sqlite3",
        );
        assert.equal(backup!.spdxVersion, "SPDX-2.3");
        assert.ok(
            backup!.packages.some(({ name, versionInfo }) => name === "sqlite3" && versionInfo === sqlite.trim()),
            sqlite,
        );
        for (const start of ["pkg:deb/debian/libc6@", "pkg:golang/github.com/aptible/supercronic@", "pkg:pypi/openpectus@0.1.1585"]) {
            assert.ok(
                locators.some((locator) => locator.startsWith(start)),
                start,
            );
        }
    });
});
