import * as pulumi from "@pulumi/pulumi";
import { announce } from "../announce";
import { lockedImage } from "../images";
import { personCommand } from "../make-command";
import { error, type Problem } from "../problem";
import { DockerRuntime, granted, type ContainerSpec, type Mount, type RolePrivileges, type Runtime } from "../workload";
import type { BackupArgs, BackupSettings } from "./args";
import { backupPrivileges } from "./privileges";
import { checkBackup } from "./rules";
import { sourceAccess, type SourceAccess } from "./source";

const TARGET = "/backups";

/** Kept apart from the class: the schema for other languages takes every field of it for an output, and has no word for this one. */
const beforeChange = new WeakMap<Backup, pulumi.Resource>();

/**
 * Backups of one SQLite or PostgreSQL database while it is in use: on a schedule, by hand, and before its program changes.
 * Each backup is a complete database, taken with SQLite's online backup or with pg_dump, and checked.
 */
export class Backup extends pulumi.ComponentResource {
    /** What a person runs to see the backups: `make backups`, and `docker exec` in a project of your own. */
    readonly listCommand: pulumi.Output<string>;
    /**
     * What a person runs to put one back, with its name in place of `<file>`. In a project of your own that is `docker exec`: stop the programs
     * that use a SQLite database first, and start them afterwards.
     */
    readonly restoreCommand: pulumi.Output<string>;

    constructor(name: string, args: BackupArgs, opts?: pulumi.ComponentResourceOptions) {
        super("groundwork:index:Backup", name, {}, opts);
        announce(check(args, name), this, opts);

        const system = args.system ?? name;
        const run = new DockerRuntime(this, { name, prefix: args.prefix, adopt: args.adopt, system });
        const access = sourceAccess(args);
        const privileges = privilegesFor(args);
        const target = targetMount(args, run);
        const job = run.job("before-change", {
            ...containerSpec(args, access.beforeChange, target, privileges.beforeChange),
            command: beforeChangeCommand(),
            triggers: { before: args.before.join(" ") },
            triggersOnly: true,
            timeout: 3600,
        });
        beforeChange.set(this, job.resource);
        const scheduler = run.service("backup", {
            ...containerSpec(args, access.scheduler, target, privileges.scheduler),
            containerName: backupContainer(name, args),
            command: ["backup", "schedule"],
            stopSignal: "SIGTERM",
            healthcheck: { test: ["CMD", "backup", "health"] },
            dependsOn: [job.resource],
        });

        const { list, restore } = backupCommands(system, scheduler.name);
        this.listCommand = scheduler.ready.apply(() => list);
        this.restoreCommand = scheduler.ready.apply(() => restore("<file>"));
        // A directory of the host is no resource of its own. `make up` looks for backups there when data is gone and nothing runs any more.
        const hostPath = args.directory?.hostPath;
        const kept = hostPath === undefined ? {} : { kept: { system, hostPath } };
        this.registerOutputs({ listCommand: this.listCommand, restoreCommand: this.restoreCommand, ...kept });
    }

    /**
     * Whatever opens the database depends on this, so that a backup comes before its change. On the first deployment there is nothing
     * to back up, and that is a success. If the backup fails, the update stops here; `GROUNDWORK_SKIP_BACKUP=yes` in the environment of
     * `pulumi up` goes on without one, and `GROUNDWORK_SKIP_BACKUP=missing` only where there are backups and no database.
     */
    get beforeChange(): pulumi.Resource {
        return beforeChange.get(this)!;
    }
}

/** Name of the container that makes the backups. */
export function backupContainer(name: string, { prefix = `${pulumi.getProject()}-${pulumi.getStack()}` }: { prefix?: string }): string {
    return `${prefix}-${name}`;
}

/** What a person runs, where that container is. */
export function backupCommands(system: string, container: string) {
    const inContainer = (words: string) => `docker exec ${container} backup ${words}`;
    return {
        now: personCommand("backup", { SYSTEM: system }, inContainer("now")),
        list: personCommand("backups", { SYSTEM: system }, inContainer("list")),
        /** @param program the container that has a SQLite database open: it would go on with the file that is taken away */
        restore: (file: string, program?: string) => {
            const command = inContainer(`restore ${file}`);
            const elsewhere = program === undefined ? command : `docker stop ${program} && ${command}; docker start ${program}`;
            return personCommand("restore", { SYSTEM: system, FILE: file }, elsewhere);
        },
    };
}

function check(args: BackupArgs, name: string): Problem[] {
    const { volume, hostPath, postgres } = args.source;
    const sourcePath = typeof hostPath === "string" ? hostPath : undefined;
    const problems = checkBackup(args, name, { sourcePath, dataProtection: args.dataProtection ?? true });
    if ([volume, hostPath, postgres].filter((source) => source !== undefined).length !== 1) {
        problems.push(error(`${name}.source`, "there must be exactly one source", "set one of volume, hostPath and postgres"));
    } else if ((postgres === undefined) !== (args.file !== undefined)) {
        problems.push(
            error(`${name}.file`, "a SQLite database is a file, and a PostgreSQL one is not", "set file with volume or hostPath only"),
        );
    }
    return problems;
}

/**
 * A database that is out of order must not stand in the way of the change that mends it. `missing`: nor one that is known to be gone,
 * beside backups of it; whatever is there is still backed up.
 */
function beforeChangeCommand(): string[] {
    const skip = process.env.GROUNDWORK_SKIP_BACKUP;
    if (skip === "yes") return ["true"];
    if (skip !== "missing") return ["backup", "before-change"];
    return ["sh", "-c", 'if [ -n "$BACKUP_SOURCE" ] && [ ! -e "$BACKUP_SOURCE" ]; then exit 0; fi; exec backup before-change'];
}

function containerSpec(args: BackupArgs, access: SourceAccess["scheduler"], target: Mount, privileges: RolePrivileges): ContainerSpec {
    const mounts = [...access.mounts!, target];
    return {
        ...granted(privileges, mounts),
        ...access,
        image: backupImage(args),
        environment: {
            ...access.environment,
            BACKUP_DIRECTORY: TARGET,
            BACKUP_SCHEDULE: args.schedule ?? "5 4 * * *",
            BACKUP_KEEP: String(args.keep ?? 30),
        },
        mounts,
    };
}

function privilegesFor({ source }: BackupArgs): { scheduler: RolePrivileges; beforeChange: RolePrivileges } {
    const kind = source.postgres ? "PostgreSQL" : "SQLite";
    return { scheduler: backupPrivileges[`backup of ${kind}`], beforeChange: backupPrivileges[`before-change of ${kind}`] };
}

/** Image with the tools of both kinds of database. */
export function backupImage({ image }: BackupSettings): string {
    return image ?? lockedImage("backup").reference;
}

function targetMount(args: BackupArgs, run: Runtime): Mount {
    const hostPath = args.directory?.hostPath;
    const storage =
        hostPath === undefined
            ? run.volume("backups", { protect: args.dataProtection ?? true })
            : run.hostDirectory("backups", { path: hostPath, image: backupImage(args) });
    return storage.mount(TARGET);
}
