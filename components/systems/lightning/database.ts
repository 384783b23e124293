import * as pulumi from "@pulumi/pulumi";
import { checkedBy } from "../../announce";
import { toConnectionUrl } from "../../credentials";
import { Postgres } from "../../postgres";
import type { Network, Runtime } from "../../workload";
import type { LightningArgs, LightningExternalDatabase } from "./args";
import { connectionNeed, DATABASE_NAME, DATABASE_USER, MAX_CONNECTIONS, POSTGRES_PORT } from "./defaults";

/** Where Lightning's data is. */
export interface Database {
    /** `DATABASE_URL`. Secret. */
    url: pulumi.Output<string>;
    /** Which database it is, without user and password: migrations run again when it becomes another one. */
    place: pulumi.Output<string>;
    /** From which it can be reached. */
    network: Network;
    /** What must be there, and done, before anything opens it. */
    ready: pulumi.Resource[];
    /** Our own server, if it is one. */
    postgres?: Postgres;
}

/** What a database may need of its surroundings. */
interface Surroundings {
    run: Runtime;
    /** Network of web, if the database is somebody else's. */
    network: Network;
    /** A change of it is preceded by a backup. */
    webImage: string;
    parent: pulumi.Resource;
}

export function lightningDatabase(name: string, args: LightningArgs, surroundings: Surroundings): Database {
    const external = args.database?.external;
    return external ? externalDatabase(external, surroundings) : bundledDatabase(name, args, surroundings);
}

/**
 * On a network of its own: workers run code that people write, and have no business with the database. It is the network that was once
 * everybody's, so that during an update the old web, and the backup before a change, still reach the server.
 */
function bundledDatabase(name: string, args: LightningArgs, { run, webImage, parent }: Surroundings): Database {
    const network = run.network("network");
    const postgres = new Postgres(
        `${name}-postgres`,
        {
            prefix: args.prefix,
            adopt: args.adopt,
            system: "lightning",
            network: network.id,
            ...args.database?.bundled,
            database: DATABASE_NAME,
            superuser: DATABASE_NAME,
            user: DATABASE_USER,
            maxConnections: args.database?.bundled?.maxConnections ?? Math.max(MAX_CONNECTIONS, connectionNeed(args)),
            backup: args.backup,
            before: [webImage],
            dataProtection: args.dataProtection ?? true,
        },
        checkedBy(parent),
    );
    const { host, port, database, user, password } = postgres;
    return { ...connection({ host, port, database, user, password }), network, ready: [postgres, postgres.beforeChange], postgres };
}

/** The rules have seen to it that everything is there. */
function externalDatabase({ host, port, name, user, password }: LightningExternalDatabase, { network }: Surroundings): Database {
    return {
        ...connection({ host: host!, port: port ?? POSTGRES_PORT, database: name!, user: user!, password: password! }),
        network,
        ready: [],
    };
}

interface Connection {
    host: pulumi.Input<string>;
    port: pulumi.Input<number>;
    database: pulumi.Input<string>;
    user: pulumi.Input<string>;
    password: pulumi.Input<string>;
}

function connection(parts: Connection): Pick<Database, "url" | "place"> {
    return {
        url: pulumi.secret(pulumi.all([parts]).apply(([plain]) => toConnectionUrl({ scheme: "postgresql", ...plain }))),
        place: pulumi.interpolate`${parts.host}:${parts.port}/${parts.database}`,
    };
}
