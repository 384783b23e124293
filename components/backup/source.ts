import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec } from "../workload";
import type { BackupArgs, BackupPostgres, BackupSource } from "./args";

const SOURCE = "/source";
const PASSWORDS = "postgres-passwords";

/** What a container needs to reach the database. */
type Access = Pick<ContainerSpec, "environment" | "secrets" | "mounts" | "networks">;

/** How the scheduler and the job before changes reach the database. */
export interface SourceAccess {
    scheduler: Access;
    beforeChange: Access;
}

export function sourceAccess({ source, file }: BackupArgs): SourceAccess {
    if (source.postgres) return postgresAccess(source.postgres);
    const access = sqliteAccess(source, file!);
    return { scheduler: access, beforeChange: access };
}

function sqliteAccess({ volume, hostPath }: BackupSource, file: string): Access {
    return {
        environment: { BACKUP_KIND: "sqlite", BACKUP_NAME: path.parse(file).name, BACKUP_SOURCE: `${SOURCE}/${file}` },
        // Writable: a restore writes there, and SQLite itself must roll back what a crash left half done before anybody can read it.
        mounts: [{ ...(volume === undefined ? { hostPath } : { volume }), target: SOURCE }],
    };
}

/**
 * Before a change, the server's volume tells a server that is not there yet from one that does not answer. The scheduler does without:
 * `make restore` stops what shares a mount with it, and the server must run for that.
 */
function postgresAccess({ owner, volume, directory, ...connection }: BackupPostgres): SourceAccess {
    const access = libpqAccess(connection);
    const kind = { BACKUP_KIND: "postgres", BACKUP_NAME: connection.database, ...(owner && { BACKUP_OWNER: owner }) };
    const scheduler = { ...access, environment: { ...kind, ...access.environment }, mounts: [] };
    const environment = { ...scheduler.environment, BACKUP_SOURCE: path.posix.join(SOURCE, directory ?? "", "PG_VERSION") };
    return { scheduler, beforeChange: { ...scheduler, environment, mounts: [{ volume, target: SOURCE, readOnly: true }] } };
}

/** What PostgreSQL's own tools read to reach a database. */
export function libpqAccess({ network, host, port, database, user, password }: PostgresConnection): Access {
    return {
        environment: {
            PGHOST: host,
            PGPORT: String(port ?? 5432),
            PGUSER: user,
            PGDATABASE: database,
            PGPASSFILE: `/run/secrets/${PASSWORDS}`,
        },
        secrets: { [PASSWORDS]: pulumi.output(password).apply(passwordFile) },
        networks: [{ id: network }],
    };
}

type PostgresConnection = Pick<BackupPostgres, "network" | "host" | "port" | "database" | "user" | "password">;

/** libpq's own form: any server, port, database and user. */
export function passwordFile(password: string): string {
    return `*:*:*:*:${password.replace(/[\\:]/g, "\\$&")}\n`;
}
