import assert from "node:assert/strict";
import { checkPostgres, type PostgresPlain } from "../../../../components/postgres";
import { describe as inWords } from "../../../../components/problem";
import lock from "../../../../images.lock.json";

const GOOD: PostgresPlain = { database: "lightning", superuser: "admin", user: "lightning", dataProtection: false };
const ours = Number(lock.postgres.version);

function messages(settings: Partial<PostgresPlain>): string[] {
    return checkPostgres({ ...GOOD, ...settings }, "db").map((problem) => `${problem.level} ${inWords(problem)}`);
}

describe("postgres: rules", () => {
    it("accepts what is needed", () => assert.deepEqual(messages({}), []));

    it("accepts the major version of the default image, and its image by name", () => {
        assert.deepEqual(messages({ majorVersion: ours }), []);
        assert.deepEqual(messages({ majorVersion: ours, image: "postgres:17.2" }), []);
    });

    it("accepts another major version with an image of it for server and backups", () =>
        assert.deepEqual(messages({ majorVersion: 16, image: "postgres:16.4", backup: { image: "backup:16" } }), []));

    it("wants an image of another major version, and tools that go with it", () => {
        const server = `error db.majorVersion: the default image is PostgreSQL ${ours}: set image to one of PostgreSQL 16, or use ${ours}`;
        const tools =
            `error db.backup.image: the tools of the default image are of PostgreSQL ${ours} and cannot restore into a server of 16: ` +
            "set it to an image built from images/backup with postgresql-client-16";
        assert.deepEqual(messages({ majorVersion: 16 }), [server, tools]);
        assert.deepEqual(messages({ majorVersion: 16, image: "postgres:16.4" }), [tools]);
        assert.deepEqual(messages({ majorVersion: 16, backup: { image: "backup:16" } }), [server]);
    });

    for (const majorVersion of [0, 9, 16.4, -1]) {
        it(`refuses the major version ${majorVersion}`, () =>
            assert.deepEqual(messages({ majorVersion }), [
                `error db.majorVersion: ${majorVersion} is not a major version of PostgreSQL: give a whole number, e.g. ${ours}`,
            ]));
    }

    for (const database of ["postgres", "template0", "template1"]) {
        it(`refuses the database ${database}`, () =>
            assert.deepEqual(messages({ database }), [`error db.database: "${database}" is PostgreSQL's own: choose another name`]));
    }

    it("refuses the superuser as the role of the programs", () =>
        assert.deepEqual(messages({ user: "admin" }), [
            'error db.user: "admin" is the superuser, and programs must not be: choose another name',
        ]));

    it("accepts postgres as a user", () => assert.deepEqual(messages({ user: "postgres" }), []));

    for (const name of ["", "1st", "with space", "a/b", "pg_data", "quote'", "x".repeat(49)]) {
        it(`refuses "${name}" as database and user`, () => {
            const text = `"${name}" is not a name that works everywhere: use up to 48 letters, digits, _ and -; begin with a letter, and not with pg_`;
            assert.deepEqual(messages({ database: name, user: name }), [`error db.database: ${text}`, `error db.user: ${text}`]);
        });
    }

    for (const [setting, bad, least] of [
        ["maxConnections", 9, "10 connections"],
        ["maxConnections", 20.5, "10 connections"],
        ["memory", 127, "128 MiB"],
        ["memory", 512.5, "128 MiB"],
    ] as const) {
        it(`refuses ${setting} ${bad}`, () =>
            assert.deepEqual(messages({ [setting]: bad }), [
                `error db.${setting}: ${bad} is not enough, or not a whole number: give at least ${least}`,
            ]));
    }

    it("checks the backups too, and warns when they lie beside protected data", () => {
        assert.deepEqual(messages({ backup: { keep: 0 } }), [
            "error db.backup.keep: 0 backups cannot be kept: give a whole number, at least 1; 30 is the default",
        ]);
        assert.match(messages({ dataProtection: undefined })[0], /^warning db\.backup: backups lie on the same disk/);
    });
});
