import * as pulumi from "@pulumi/pulumi";
import { announce, checkedBy } from "../announce";
import { Backup, backupContainer } from "../backup";
import { backupImage } from "../backup/backup";
import { libpqAccess } from "../backup/source";
import { password } from "../credentials";
import { lockedImage } from "../images";
import { DockerRuntime, granted, PIDS_LIMIT, type Job, type Runtime, type Service, type Volume } from "../workload";
import type { PostgresArgs } from "./args";
import { postgresPrivileges } from "./privileges";
import { checkPostgres, defaultMajor } from "./rules";
import { versionCheck } from "./version-check";

const PORT = 5432;
const MOUNT = "/var/lib/postgresql/data";
/** Below the mount, so that it can be set aside there for an upgrade. */
const DIRECTORY = "pgdata";
const USER_PASSWORD = "user-password";

/** Kept apart from the class: the schema for other languages takes every field of it for an output, and has no word for this one. */
const beforeChange = new WeakMap<Postgres, pulumi.Resource>();

/**
 * One PostgreSQL server with one database, in a container that only its network reaches, with backups. There is no TLS.
 *
 * Its outputs are known in every preview: an Output that waited for the server would replace whatever uses it whenever the server
 * is replaced. Whoever connects depends on the component (`dependsOn`), or on `ready`.
 */
export class Postgres extends pulumi.ComponentResource {
    /** Name of the server on its network. */
    readonly host: pulumi.Output<string>;
    /** TCP port. */
    readonly port: pulumi.Output<number>;
    /** Name of the database. */
    readonly database: pulumi.Output<string>;
    /** For the programs: owner of the database, no superuser. */
    readonly user: pulumi.Output<string>;
    /** Secret: password of that role. */
    readonly password: pulumi.Output<string>;
    /** For administration and backups. */
    readonly superuser: pulumi.Output<string>;
    /** Secret: password of the superuser. */
    readonly superuserPassword: pulumi.Output<string>;
    /** Name of the volume with the data. */
    readonly volume: pulumi.Output<string>;
    /** Resolves when the server answers and lets programs in: id of its container. */
    readonly ready: pulumi.Output<string>;
    /** What a person runs to see the backups. */
    readonly listBackupsCommand: pulumi.Output<string>;
    /** What a person runs to put a backup back. */
    readonly restoreCommand: pulumi.Output<string>;

    constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
        // Without its arguments: the state would show a password that somebody passes as plain text.
        super("groundwork:index:Postgres", name, {}, opts);
        announce(checkPostgres(args, args.settingsPath ?? name), this, opts);

        const run = new DockerRuntime(this, { name, prefix: args.prefix, adopt: args.adopt, system: args.system ?? name });
        const data = run.volume("data", { protect: args.dataProtection ?? true });
        const secret = superuserPasswordOf(name, args, this);
        const userSecret =
            args.password === undefined ? password(`${name}-user-password`, {}, { parent: this }) : pulumi.secret(args.password);
        const checked = versionJob(run, name, args, data);
        const backup = backupOf(name, args, { password: secret, data, checked, parent: this });
        const server = serverOf(run, name, args, { password: secret, data, after: [checked.resource, backup.beforeChange] });
        const owner = ownerJob(run, name, args, { password: secret, userPassword: userSecret, server });

        beforeChange.set(this, backup.beforeChange);
        this.host = pulumi.output(name);
        this.port = pulumi.output(PORT);
        this.database = pulumi.output(args.database);
        this.user = pulumi.output(args.user);
        this.password = userSecret;
        this.superuser = pulumi.output(args.superuser);
        this.superuserPassword = secret;
        this.volume = data.name;
        this.ready = pulumi.all([server.ready, owner.done]).apply(([id]) => id);
        this.listBackupsCommand = backup.listCommand;
        this.restoreCommand = backup.restoreCommand;
        this.registerOutputs({
            host: this.host,
            port: this.port,
            database: this.database,
            user: this.user,
            password: this.password,
            superuser: this.superuser,
            superuserPassword: this.superuserPassword,
            volume: this.volume,
            ready: this.ready,
            listBackupsCommand: this.listBackupsCommand,
            restoreCommand: this.restoreCommand,
        });
    }

    /** Whatever changes the contents of the database, migrations above all, depends on this: the backup then comes first. */
    get beforeChange(): pulumi.Resource {
        return beforeChange.get(this)!;
    }
}

function imageOf({ image }: PostgresArgs): string {
    return image ?? lockedImage("postgres").reference;
}

/** The database keeps it from its first start on: no rotation. */
function superuserPasswordOf(name: string, args: PostgresArgs, parent: pulumi.Resource): pulumi.Output<string> {
    if (args.superuserPassword !== undefined) return pulumi.secret(args.superuserPassword);
    const protect = args.dataProtection ?? true;
    return password(`${name}-password`, {}, { parent, protect, retainOnDelete: protect });
}

/** Comes before everything else that could touch the data. */
function versionJob(run: Runtime, name: string, args: PostgresArgs, data: Volume): Job {
    const mount = "/data";
    return run.job("version-check", {
        ...granted(postgresPrivileges["version-check"]),
        image: imageOf(args),
        ...versionCheck({
            majorVersion: args.majorVersion ?? defaultMajor(),
            image: imageOf(args),
            system: args.system ?? name,
            backupContainer: backupContainer(`${name}-backup`, args),
            volume: data.name,
            mount,
            directory: DIRECTORY,
        }),
        mounts: [data.mount(mount, { readOnly: true })],
    });
}

interface Parts {
    password: pulumi.Output<string>;
    data: Volume;
}

function backupOf(
    name: string,
    args: PostgresArgs,
    { password, data, checked, parent }: Parts & { checked: Job; parent: Postgres },
): Backup {
    const { network, database, user: owner, superuser: user } = args;
    return new Backup(
        `${name}-backup`,
        {
            ...args.backup,
            prefix: args.prefix,
            adopt: args.adopt,
            system: args.system ?? name,
            source: {
                postgres: { network, host: name, port: PORT, database, user, password, owner, volume: data.name, directory: DIRECTORY },
            },
            before: [imageOf(args), ...(args.before ?? [])],
            dataProtection: args.dataProtection ?? true,
        },
        checkedBy(parent, { dependsOn: [checked.resource] }),
    );
}

function serverOf(
    run: Runtime,
    name: string,
    args: PostgresArgs,
    { password, data, after }: Parts & { after: pulumi.Resource[] },
): Service {
    const { database, superuser, memory = 1024, maxConnections = 100 } = args;
    return run.service("postgres", {
        ...granted(postgresPrivileges.postgres),
        // One process a connection, and the server's own.
        pidsLimit: Math.max(PIDS_LIMIT, maxConnections + 256),
        image: imageOf(args),
        command: ["postgres", ...serverSettings({ maxConnections, memory })],
        environment: {
            PGDATA: `${MOUNT}/${DIRECTORY}`,
            POSTGRES_USER: superuser,
            POSTGRES_DB: database,
            POSTGRES_PASSWORD_FILE: "/run/secrets/postgres-password",
        },
        secrets: { "postgres-password": password },
        // The well-known image reads it as its user postgres.
        secretsMode: "0444",
        mounts: [data.mount(MOUNT)],
        networks: [{ id: args.network, aliases: [name] }],
        // Over TCP: while the first start fills the database, it answers on its socket only.
        healthcheck: {
            test: ["CMD", "pg_isready", "--quiet", "--host=127.0.0.1", `--username=${superuser}`, `--dbname=${database}`],
            interval: "2s",
            startPeriod: "2m0s",
        },
        // Fast shutdown: ends connections, loses nothing.
        stopSignal: "SIGINT",
        stopGracePeriod: 60,
        memory,
        dependsOn: after,
    });
}

/**
 * The server's first start makes a superuser and nobody else. After each start of another container, which may have found an empty
 * directory, and in a database of a time when programs were the superuser, this makes the role that they connect as the owner.
 */
function ownerJob(
    run: Runtime,
    name: string,
    args: PostgresArgs,
    { password, userPassword, server }: { password: pulumi.Output<string>; userPassword: pulumi.Output<string>; server: Service },
): Job {
    const { network, database, superuser, user } = args;
    const access = libpqAccess({ network, host: name, port: PORT, database, user: superuser, password });
    return run.job("owner", {
        ...granted(postgresPrivileges.owner),
        ...access,
        image: backupImage(args.backup ?? {}),
        command: ["postgres-owner"],
        environment: { ...access.environment, OWNER: user, OWNER_PASSWORD_FILE: `/run/secrets/${USER_PASSWORD}` },
        secrets: { ...access.secrets, [USER_PASSWORD]: userPassword },
        triggers: { server: server.ready, user, password: userPassword },
        triggersOnly: true,
        dependsOn: [server.resource],
    });
}

function serverSettings({ maxConnections, memory }: { maxConnections: number; memory: number }): string[] {
    const settings = {
        max_connections: maxConnections,
        shared_buffers: `${Math.floor(memory / 4)}MB`,
        // Docker gives /dev/shm 64 MB, which parallel queries exceed. System V memory counts against the memory limit alone.
        dynamic_shared_memory_type: "sysv",
    };
    return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
