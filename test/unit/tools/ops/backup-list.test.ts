import assert from "node:assert/strict";
import { backupFiles, inUnits } from "../../../../tools/ops/backup-files";
import { backupsInWords } from "../../../../tools/ops/backup-list";

const LIST = [
    "op-2026-05-05T040500Z.smaller.sqlite3 12",
    "op-2026-05-04T040500Z.sqlite3 1572864",
    "op-2026-05-03T040500Z.sqlite3 4096",
    "",
].join("\n");

describe("the list of backups", () => {
    it("says that there are none yet, and how one is made", () => {
        assert.match(
            backupsInWords("openpectus", "openpectus", "\n"),
            /^openpectus: no backups yet\. .*make backup STACK=dev SYSTEM=openpectus$/,
        );
    });

    it("has the time, the size with its unit and the name of each, newest first, and the command that brings one back", () => {
        assert.equal(
            backupsInWords("openpectus", "openpectus", LIST),
            [
                "openpectus: 3 backups, newest first",
                "TIME (UTC)           SIZE     FILE",
                "2026-05-05 04:05:00  12 B     op-2026-05-05T040500Z.smaller.sqlite3 (far smaller than the one before)",
                "2026-05-04 04:05:00  1.5 MiB  op-2026-05-04T040500Z.sqlite3",
                "2026-05-03 04:05:00  4.0 KiB  op-2026-05-03T040500Z.sqlite3",
                "To bring one back: make restore STACK=dev SYSTEM=openpectus FILE=op-2026-05-04T040500Z.sqlite3",
            ].join("\n"),
        );
    });

    it("is read back by the verb that restores one", () => {
        assert.deepEqual(
            backupFiles(LIST).map(({ name }) => name),
            ["op-2026-05-05T040500Z.smaller.sqlite3", "op-2026-05-04T040500Z.sqlite3", "op-2026-05-03T040500Z.sqlite3"],
        );
    });

    it("counts sizes as Docker and people do", () => {
        const sizes: [number, string][] = [
            [0, "0 B"],
            [1023, "1023 B"],
            [1024, "1.0 KiB"],
            [1024 ** 2 - 1, "1.0 MiB"],
            [5 * 1024 ** 3, "5.0 GiB"],
            [3 * 1024 ** 5, "3072.0 TiB"],
        ];
        for (const [bytes, text] of sizes) assert.equal(inUnits(bytes), text);
    });
});
