import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { announce } from "../announce";
import { lockedImage } from "../images";
import { error, type Problem } from "../problem";
import { DockerRuntime, type ContainerSpec, type Mount, type Runtime } from "../workload";
import type { BackupArgs } from "./args";
import { checkBackup } from "./rules";

const SOURCE = "/source";
const TARGET = "/backups";

/** Kept apart from the class: the schema for other languages takes every field of it for an output, and has no word for this one. */
const beforeChange = new WeakMap<Backup, pulumi.Resource>();

/**
 * Backups of one SQLite database while it is in use: on a schedule, by hand, and before its program changes.
 * Each backup is a complete database, taken with SQLite's online backup and checked.
 */
export class Backup extends pulumi.ComponentResource {
    /** What a person runs in the project to see the backups. */
    readonly listCommand: pulumi.Output<string>;
    /** What a person runs to put one back, with its name in place of `<file>`. */
    readonly restoreCommand: pulumi.Output<string>;

    constructor(name: string, args: BackupArgs, opts?: pulumi.ComponentResourceOptions) {
        super("groundwork:index:Backup", name, {}, opts);
        announce(check(args, name), this, opts);

        const system = args.system ?? name;
        const run = new DockerRuntime(this, { name, prefix: args.prefix, system });
        const container: ContainerSpec = { ...common(args), mounts: [sourceMount(args), targetMount(args, run)] };
        const job = run.job("before-change", {
            ...container,
            command: ["backup", "now"],
            triggers: { before: args.before.join(" ") },
        });
        beforeChange.set(this, job.resource);
        const scheduler = run.service("backup", {
            ...container,
            containerName: `${args.prefix ?? `${pulumi.getProject()}-${pulumi.getStack()}`}-${name}`,
            command: ["backup", "schedule"],
            stopSignal: "SIGTERM",
            healthcheck: { test: ["CMD", "backup", "health"] },
            dependsOn: [job.resource],
        });

        this.listCommand = scheduler.ready.apply(() => `make restore SYSTEM=${system}`);
        this.restoreCommand = scheduler.ready.apply(() => `make restore SYSTEM=${system} FILE=<file>`);
        this.registerOutputs({ listCommand: this.listCommand, restoreCommand: this.restoreCommand });
    }

    /**
     * Whatever opens the database depends on this, so that a backup comes before its change. On the first deployment there is nothing
     * to back up, and that is a success. If the backup fails, the update stops here.
     */
    get beforeChange(): pulumi.Resource {
        return beforeChange.get(this)!;
    }
}

function check(args: BackupArgs, name: string): Problem[] {
    const { volume, hostPath } = args.source;
    const sourcePath = typeof hostPath === "string" ? hostPath : undefined;
    const problems = checkBackup(args, name, { sourcePath, dataProtection: args.dataProtection ?? true });
    if ((volume === undefined) === (hostPath === undefined)) {
        problems.push(error(`${name}.source`, "there must be exactly one source", "set either volume or hostPath"));
    }
    return problems;
}

function common({ image, file, schedule, keep }: BackupArgs): ContainerSpec {
    return {
        image: image ?? lockedImage("backup").reference,
        environment: {
            BACKUP_KIND: "sqlite",
            BACKUP_NAME: path.parse(file).name,
            BACKUP_SOURCE: `${SOURCE}/${file}`,
            BACKUP_DIRECTORY: TARGET,
            BACKUP_SCHEDULE: schedule ?? "5 4 * * *",
            BACKUP_KEEP: String(keep ?? 30),
        },
    };
}

/** Writable: a restore writes there, and SQLite itself must roll back what a crash left half done before anybody can read it. */
function sourceMount({ source }: BackupArgs): Mount {
    return { ...source, target: SOURCE };
}

function targetMount({ directory, dataProtection, image }: BackupArgs, run: Runtime): Mount {
    const hostPath = directory?.hostPath;
    const storage =
        hostPath === undefined
            ? run.volume("backups", { protect: dataProtection ?? true })
            : run.hostDirectory("backups", { path: hostPath, image: image ?? lockedImage("backup").reference });
    return storage.mount(TARGET);
}
