import assert from "node:assert/strict";
import { checkBackup, type BackupSettings } from "../../../../components/backup";
import { describe as inWords } from "../../../../components/problem";

const SAFE = { dataProtection: false };

function messages(settings: BackupSettings, surroundings: Parameters<typeof checkBackup>[2] = SAFE): string[] {
    return checkBackup(settings, "op.backup", surroundings).map((problem) => `${problem.level} ${inWords(problem)}`);
}

describe("backup: rules", () => {
    it("accepts nothing at all", () => assert.deepEqual(messages({}), []));

    for (const keep of [0, -1, 1.5]) {
        it(`refuses to keep ${keep}`, () =>
            assert.deepEqual(messages({ keep }), [
                `error op.backup.keep: ${keep} backups cannot be kept: give a whole number, at least 1; 30 is the default`,
            ]));
    }

    for (const schedule of ["5 4 * * *", "*/15 2-4 * * mon-fri", "0 0 1 jan *"]) {
        it(`accepts the schedule ${schedule}`, () => assert.deepEqual(messages({ schedule }), []));
    }

    for (const schedule of ["", "daily", "5 4 * *", "61 4 * * *", "5 24 * * *", "0 5 4 * * *"]) {
        it(`refuses the schedule "${schedule}"`, () =>
            assert.deepEqual(messages({ schedule }), [
                `error op.backup.schedule: "${schedule}" is not a schedule: give five cron fields, e.g. "5 4 * * *" for daily at 04:05`,
            ]));
    }

    it("refuses a schedule that never comes", () =>
        assert.deepEqual(messages({ schedule: "0 0 30 2 *" }), [
            'error op.backup.schedule: "0 0 30 2 *" never comes: correct it; "5 4 * * *" is daily at 04:05',
        ]));

    it("warns when backups share the disk of data that is worth protecting", () => {
        const message =
            "warning op.backup: backups lie on the same disk as the data and are lost with it: " +
            "set directory.hostPath to a directory of another disk, or copy the backups elsewhere";
        assert.deepEqual(messages({}, { dataProtection: true }), [message]);
        assert.deepEqual(messages({ directory: { hostPath: "/mnt/backups" } }, { dataProtection: true }), []);
    });

    for (const hostPath of ["/srv/data", "/srv/data/", "/srv/data/backups", "/srv"]) {
        it(`refuses ${hostPath} beside data in /srv/data`, () =>
            assert.deepEqual(messages({ directory: { hostPath } }, { ...SAFE, sourcePath: "/srv/data" }), [
                `error op.backup.directory.hostPath: backups in ${hostPath} would lie in one tree with the data in /srv/data: ` +
                    "choose a directory apart from it",
            ]));
    }

    it("accepts a neighbour whose name begins alike", () =>
        assert.deepEqual(messages({ directory: { hostPath: "/srv/data_backup" } }, { ...SAFE, sourcePath: "/srv/data" }), []));

    it("refuses a relative path", () =>
        assert.deepEqual(messages({ directory: { hostPath: "backups" } }), [
            'error op.backup.directory.hostPath: "backups" is not an absolute path: begin it with /',
        ]));
});
