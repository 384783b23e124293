import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { backupSchema, type BackupSettings } from "../backup";
import type { Matches } from "../settings";

/** Arguments of {@link Postgres}. */
export interface PostgresArgs extends PostgresSettings {
    /** Start of every physical name. Default: `<project>-<stack>`. A change begins with a new, empty database. */
    prefix?: string;
    /**
     * Volumes (by name) and directories of the host (by path) that may be taken over although another state made them, e.g. after a state
     * was lost. Default: none. A change changes nothing that is deployed.
     */
    adopt?: string[];
    /** System for labels and commands, e.g. `lightning`. Default: the name of the component. A change replaces the server. */
    system?: string;
    /** Path that problems are reported under. Default: the name of the component. */
    settingsPath?: string;
    /** Id of the network on which the server is found, under the name of the component. It is not published. A change replaces the server. */
    network: pulumi.Input<string>;
    /** Name of the database that the first start makes. A later change makes none: the server then fails its health check. */
    database: string;
    /** Name of the superuser that the first start makes, for administration and backups. A later change makes none. */
    superuser: string;
    /**
     * Password of the superuser, kept by the database from its first start on: a later change does not reach it, and locks out backups.
     * Secret. Default: generated, and protected together with the data.
     */
    superuserPassword?: pulumi.Input<string>;
    /**
     * Role for the programs: it owns the database and what is in it, and is no superuser. It is made when it is missing, and what belongs
     * to the superuser becomes its own. A change makes another one; what belonged to the first one stays with it.
     */
    user: string;
    /** Password of that role, set anew when it changes. Secret. Default: generated. */
    password?: pulumi.Input<string>;
    /**
     * Image references of everything that opens the database and may change what is in it. A change of any of them, and of the server's
     * own image, makes a backup first.
     */
    before?: string[];
}

/** What the person who runs an environment decides about a PostgreSQL server. */
export interface PostgresSettings {
    /**
     * Major version. Another one than that of existing data is refused before anything changes; the message says how to upgrade.
     * Default: the one of the default image.
     */
    majorVersion?: number;
    /**
     * Image that behaves like the well-known one (`POSTGRES_PASSWORD_FILE`, `PGDATA`). Default: role `postgres` of `images.lock.json`.
     * A change makes a backup, then replaces the server.
     */
    image?: string;
    /** Connections at the same time, three of them for superusers only. Default: 100. A change replaces the server. */
    maxConnections?: number;
    /** Memory limit in MiB. A quarter of it is the server's cache. Default: 1024. A change replaces the server. */
    memory?: number;
    /** Backups: daily by default. */
    backup?: BackupSettings;
    /** Keep data, password and backups when the stack goes, and refuse to delete them. Default: true. */
    dataProtection?: boolean;
}

/** The block of a PostgreSQL server in the config file. Values are not looked into here: the rules do that, with better messages. */
export const postgresSchema = z.strictObject({
    majorVersion: z.number().optional(),
    image: z.string().optional(),
    maxConnections: z.number().optional(),
    memory: z.number().optional(),
    backup: backupSchema.optional(),
    dataProtection: z.boolean().optional(),
} satisfies Matches<PostgresSettings>);
