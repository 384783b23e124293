import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Matches } from "../settings";

/** Arguments of {@link Backup}. */
export interface BackupArgs extends BackupSettings {
    /** Start of every physical name. Default: `<project>-<stack>`. A change begins with a new, empty volume for backups. */
    prefix?: string;
    /**
     * Volumes (by name) and directories of the host (by path) that may be taken over although another state made them, e.g. after a state
     * was lost. Default: none. A change changes nothing that is deployed.
     */
    adopt?: string[];
    /** System for labels and commands, e.g. `openpectus`. Default: the name of the component. A change replaces the scheduler. */
    system?: string;
    /** Where the database is. */
    source: BackupSource;
    /** With a volume or directory: file name of the SQLite database in it. A change replaces the scheduler; backups under the old name stay. */
    file?: string;
    /** Image references of everything that opens the database. A change of any of them makes a backup first (`beforeChange`). */
    before: string[];
    /** Keep the volume with the backups when the stack goes, and refuse to delete it. Default: true. */
    dataProtection?: boolean;
}

/** Where a database is: exactly one of the three. */
export interface BackupSource {
    /** SQLite: name of a volume. A change replaces the scheduler. */
    volume?: pulumi.Input<string>;
    /** SQLite: absolute path of a directory of the host. A change replaces the scheduler. */
    hostPath?: pulumi.Input<string>;
    /** PostgreSQL: a server. A change replaces the scheduler. */
    postgres?: BackupPostgres;
}

/** A PostgreSQL server that runs in a container on the same host, and one database of it. */
export interface BackupPostgres {
    /** Id of a network on which the server is found. */
    network: pulumi.Input<string>;
    /** Name of the server on that network. */
    host: string;
    /** Default: 5432. */
    port?: number;
    /** Name of the database. Backups are named after it. */
    database: string;
    /** Superuser of the server. */
    user: string;
    /** Secret. */
    password: pulumi.Input<string>;
    /** Role that owns what is restored, by whose rights it is restored. Default: `user`. A change replaces the scheduler. */
    owner?: string;
    /** Name of the volume with the server's data. Before its first start there is nothing to back up. */
    volume: pulumi.Input<string>;
    /** Path of the data directory in that volume. Default: the volume itself. */
    directory?: string;
}

/** What the person who runs an environment decides about its backups. */
export interface BackupSettings {
    /** Where backups go. A change replaces the scheduler and begins with no backups; nothing is moved. */
    directory?: BackupDirectory;
    /**
     * When, as five cron fields in UTC. Default: `5 4 * * *`, daily at 04:05. A change replaces the scheduler.
     * Source: deployment guide of Open Pectus.
     */
    schedule?: string;
    /** How many backups are kept; older ones are deleted after each new one, unless that one is far smaller than the last. At least 1. Default: 30. A change replaces the scheduler. */
    keep?: number;
    /** Image with the tools of the database, of its own major version, and a scheduler: see `images/backup`. Default: role `backup` of `images.lock.json`. A change replaces the scheduler. */
    image?: string;
}

/** Where backups go. */
export interface BackupDirectory {
    /** Absolute path of a directory of the host, best of another disk. Created with mode 0700. Default: a volume of this component. */
    hostPath?: string;
}

/** The block `backup` of a system in the config file. Values are not looked into here: the rules do that, with better messages. */
export const backupSchema = z.strictObject({
    directory: z.strictObject({ hostPath: z.string().optional() } satisfies Matches<BackupDirectory>).optional(),
    schedule: z.string().optional(),
    keep: z.number().optional(),
    image: z.string().optional(),
} satisfies Matches<BackupSettings>);
