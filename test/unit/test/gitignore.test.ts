import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "../../..");

describe(".gitignore", () => {
    const isIgnored = (file: string) => spawnSync("git", ["check-ignore", "--quiet", "--no-index", file], { cwd: root }).status === 0;

    it("keeps keys, certificates and dumps out of commits, wherever they lie", () => {
        const files = [
            ...["certificates/pectus/ca.pem", "certificates/pectus/key.pem", "ca.pem", "docs/host.key", "client.p12", "client.pfx"],
            ...[
                "lightning-old.dump",
                "dump.sql",
                "lightning.sql.gz",
                "open_pectus_aggregator.sqlite3",
                "a.sqlite3-wal",
                ".env",
                ".env.old",
            ],
            "passphrase",
        ];
        assert.deepEqual(
            files.filter((file) => !isIgnored(file)),
            [],
        );
    });

    it("ignores nothing that is part of the project", () => {
        assert.equal(execFileSync("git", ["ls-files", "--cached", "--ignored", "--exclude-standard"], { cwd: root, encoding: "utf8" }), "");
    });
});
