import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Backup, type BackupArgs } from "../../../../components/backup";
import { record, valueOf, type Recording } from "../recorder";

describe("backup: component", () => {
    let recording: Recording;

    beforeEach(async () => (recording = await record()));

    async function backup(args: Partial<BackupArgs> = {}): Promise<Backup> {
        const defaults = { system: "op", source: { volume: "data" }, file: "pectus.sqlite3", before: ["program:1"] };
        const made = new Backup("op-backup", { ...defaults, dataProtection: false, ...args });
        await pulumi.runtime.disconnect();
        return made;
    }

    /** Resources that make images and hashes are the workload layer's own. */
    const children = () =>
        recording.requested
            .filter(({ type, name }) => type !== "groundwork:index:Backup" && !/-(config-key|image-[0-9a-f]{8})$/.test(name))
            .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
    const inputs = (name: string) => recording.get(name).inputs;
    const environment = (keep: number, schedule: string) => [
        "BACKUP_DIRECTORY=/backups",
        `BACKUP_KEEP=${keep}`,
        "BACKUP_KIND=sqlite",
        "BACKUP_NAME=pectus",
        `BACKUP_SCHEDULE=${schedule}`,
        "BACKUP_SOURCE=/source/pectus.sqlite3",
    ];

    it("is a volume, a job before changes, and a scheduler after it", async () => {
        const made = await backup();
        assert.deepEqual(children(), ["Volume op-backup-backups", "Job op-backup-before-change", "Container op-backup-backup"]);
        const { name, command, envs, stopSignal, healthcheck, volumes, ports, uploads } = inputs("op-backup-backup");
        assert.deepEqual(
            { name, command, stopSignal, ports, uploads },
            { name: "project-stack-op-backup", command: ["backup", "schedule"], stopSignal: "SIGTERM", ports: [], uploads: [] },
        );
        assert.deepEqual((healthcheck as { tests: string[] }).tests, ["CMD", "backup", "health"]);
        assert.deepEqual(envs, environment(30, "5 4 * * *"));
        assert.deepEqual(volumes, [
            { volumeName: "data", containerPath: "/source", readOnly: false },
            { volumeName: "project-stack-op-backup-backups", containerPath: "/backups", readOnly: false },
        ]);
        assert.ok(recording.get("op-backup-backup").dependsOn.includes("op-backup-before-change"));
        // The Makefile acts on environments of its own checkout, which a project of somebody else's is not.
        assert.equal(await valueOf(made.listCommand), "docker exec project-stack-op-backup backup list");
        assert.equal(await valueOf(made.restoreCommand), "docker exec project-stack-op-backup backup restore <file>");
    });

    it("runs the job in the same surroundings", async () => {
        await backup();
        const { command, environment: variables, mounts, timeout } = inputs("op-backup-before-change");
        assert.deepEqual(
            { command, variables, timeout },
            { command: ["backup", "before-change"], variables: environment(30, "5 4 * * *"), timeout: 3600 },
        );
        assert.deepEqual(mounts, [
            { volume: "data", target: "/source" },
            { volume: "project-stack-op-backup-backups", target: "/backups", readOnly: false },
        ]);
    });

    it("is run again by a change of any image, and by nothing when there is none", async () => {
        const trigger = async (before: string[]) => {
            recording = await record();
            await backup({ before });
            return inputs("op-backup-before-change").trigger;
        };
        const first = await trigger(["program:1", "worker:1"]);
        assert.equal(await trigger(["program:1", "worker:1"]), first);
        assert.notEqual(await trigger(["program:1", "worker:2"]), first);
        assert.notEqual(await trigger(["program:2", "worker:1"]), first);
    });

    it("offers the job to whatever opens the database", async () => {
        const made = await backup();
        assert.equal(
            await valueOf(made.beforeChange.urn),
            `urn:pulumi:stack::project::groundwork:index:Backup$${jobType()}::op-backup-before-change`,
        );
    });

    const jobType = () => recording.get("op-backup-before-change").type;

    it("takes schedule, number, image and a directory of the host", async () => {
        const source = { hostPath: "/srv/data" };
        await backup({ source, directory: { hostPath: "/mnt/backups" }, schedule: "0 * * * *", keep: 3, image: "mine:1", prefix: "lab" });
        assert.deepEqual(children(), ["Job op-backup-backups-directory", "Job op-backup-before-change", "Container op-backup-backup"]);
        const { name, envs, volumes } = inputs("op-backup-backup");
        assert.equal(name, "lab-op-backup");
        assert.deepEqual(envs, environment(3, "0 * * * *"));
        assert.deepEqual(volumes, [
            { hostPath: "/srv/data", containerPath: "/source", readOnly: false },
            { hostPath: "/mnt/backups", containerPath: "/backups", readOnly: false },
        ]);
        const images = recording.requested.filter(({ type }) => type.endsWith(":RemoteImage")).map((image) => image.inputs.name);
        assert.deepEqual(images, ["mine:1"]);
    });

    it("goes on where the database is known to be gone, and only there", async () => {
        process.env.GROUNDWORK_SKIP_BACKUP = "missing";
        try {
            await backup();
        } finally {
            delete process.env.GROUNDWORK_SKIP_BACKUP;
        }
        const [shell, flag, script] = inputs("op-backup-before-change").command as [string, string, string];
        const directory = mkdtempSync(join(tmpdir(), "groundwork-backup-"));
        try {
            writeFileSync(join(directory, "backup"), '#!/bin/sh\necho "$@"', { mode: 0o755 });
            const run = (source?: string) =>
                execFileSync(shell, [flag, script], { env: { PATH: `${directory}:/bin:/usr/bin`, BACKUP_SOURCE: source } }).toString();
            assert.deepEqual([run(join(directory, "nothing")), run(directory), run()], ["", "before-change\n", "before-change\n"]);
        } finally {
            rmSync(directory, { recursive: true });
        }
    });

    it("protects the backups unless told otherwise", async () => {
        const guarded = async (dataProtection?: boolean) => {
            recording = await record();
            await backup({ dataProtection });
            return recording.requested.filter(({ protect, retainOnDelete }) => protect && retainOnDelete).map(({ name }) => name);
        };
        assert.deepEqual(await guarded(undefined), ["op-backup-backups"]);
        assert.deepEqual(await guarded(false), []);
    });

    it("refuses no source, two sources, and broken settings in one message", () => {
        const make = (args: Partial<BackupArgs>) => () =>
            new Backup("op-backup", { source: {}, file: "a.sqlite3", before: [], dataProtection: false, ...args });
        const file = "op-backup.file: a SQLite database is a file, and a PostgreSQL one is not: set file with volume or hostPath only";
        const source = "op-backup.source: there must be exactly one source: set one of volume, hostPath and postgres";
        assert.throws(make({}), { message: `1 problem in the configuration; nothing was changed:\n  ${source}` });
        assert.throws(make({ source: { volume: "a" }, file: undefined }), {
            message: `1 problem in the configuration; nothing was changed:\n  ${file}`,
        });
        assert.throws(
            make({ source: { volume: "a", hostPath: "/b" }, keep: 0 }),
            /2 problems .*\n {2}op-backup\.keep: .*\n {2}op-backup\.source: /,
        );
    });
});
