import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { backupSchema, type BackupSettings } from "../../backup";
import { edgeSchema, type EdgeSettings } from "../../edge";
import { secretText, type Matches } from "../../settings";

/** Arguments of `OpenPectus`: the aggregator, its reverse proxy and its backup. */
export interface OpenPectusArgs extends OpenPectusSettings {
    /**
     * Start of every physical name. Default: `<project>-<stack>`.
     * A change replaces everything here; volumes are then new and empty.
     */
    prefix?: string;
    /**
     * Volumes (by name) and directories of the host (by path) that may be taken over although another state made them, e.g. after a state
     * was lost. Default: none. A change changes nothing that is deployed.
     */
    adopt?: string[];
    /** Where these settings stand, for messages, e.g. `openpectus`. Default: the component's name. A change changes nothing that runs. */
    settingsPath?: string;
}

/** What the person who runs an environment decides about the aggregator. */
export interface OpenPectusSettings {
    /**
     * Image of the aggregator, pinned by digest. Default: role `openpectus` of `images.lock.json`.
     * A change runs the backup, then replaces the aggregator; its database is migrated and cannot go back. Engines reconnect by themselves.
     */
    image?: string;
    /**
     * Version of the package `openpectus` in the image, e.g. `0.1.1585`. Needed when `image` is set; default otherwise: the version of
     * the locked image. Engines must have the same one. A change alone changes nothing that runs.
     */
    version?: string;
    /** Accept an image whose tag can move, such as `ghcr.io/open-pectus/open-pectus:main`. Default: false. */
    allowFloatingImage?: boolean;
    /**
     * Host name of the aggregator. It is written into every finished run and its CSV file, so keep it for ever.
     * Default: `GROUNDWORK-PECTUS`. A change replaces the aggregator. Source: deployment guide, `docker run -h`.
     */
    hostname?: string;
    /** Name of the container. Default: derived from the prefix. A change replaces the aggregator. Source: deployment guide, `--name`. */
    containerName?: string;
    /** Where the database lives. */
    data?: OpenPectusData;
    /** Browser notifications. */
    webPush?: OpenPectusWebPush;
    /** User login with Microsoft Entra ID. Default: none, everybody who reaches the address is administrator. */
    azure?: OpenPectusAzure;
    /** Error reports of the aggregator. Default: none. */
    sentry?: OpenPectusSentry;
    /**
     * What an engine must show to register. Secret. Default: a generated one. A change replaces the aggregator and needs a restart of
     * every engine. Not empty, no leading dash. It is visible in the process list of the container and of the host.
     */
    engineSecret?: pulumi.Input<string>;
    /**
     * Any text; another text generates another engine secret on the next update, and so does setting it for the first time. Default: none.
     * A change replaces the aggregator and restarts every engine of the environment; engines elsewhere must be given the new one.
     */
    engineSecretRotation?: string;
    /**
     * Let any engine register, without a secret. For images older than February 2025, which know no secret. Default: false. Refused
     * while other machines reach the edge or the published port; with `allowAnonymousAccess` a warning.
     */
    openRegistration?: boolean;
    /** Publish the aggregator's own plain port on the host, past the reverse proxy. Default: none. */
    publish?: OpenPectusPublish;
    /** Accept that other machines reach the edge while there is no user login. Default: false. With `openRegistration`, the warning stays. */
    allowAnonymousAccess?: boolean;
    /** Memory limit of the aggregator in MiB. Default: 1024. A change replaces the aggregator. */
    memory?: number;
    /**
     * Keep the database, the push keys, backups and certificates when the stack goes, and refuse to delete them. Default: true.
     */
    dataProtection?: boolean;
    /** Reverse proxy: public name, TLS, ports. */
    edge?: EdgeSettings;
    /** Backups of the database. */
    backup?: BackupSettings;
}

/** Where the database `open_pectus_aggregator.sqlite3` lives. */
export interface OpenPectusData {
    /**
     * Absolute path of a directory of the host; an existing one, such as `data_prd` of the deployment guide, is adopted as it is.
     * Default: a volume. A change starts with the database at the new place, or with none; nothing is moved.
     */
    hostPath?: string;
    /** Absolute path in the container. Default: `/usr/src/app/data`, as in the deployment guide. A change replaces the aggregator. */
    containerPath?: string;
}

/** Browser notifications. Their keys are generated on first start and kept, because new ones orphan every subscription. */
export interface OpenPectusWebPush {
    /** Contact that push services see. Default: none, notifications are off. Needs TLS. A change replaces the aggregator. */
    subscriberEmail?: string;
    /** Absolute path of a directory of the host for the keys. Default: a volume. A change makes new keys, unless there are some. */
    hostPath?: string;
}

/** User login with Microsoft Entra ID. Needs TLS and a domain. Source: user authorization guide of Open Pectus. */
export interface OpenPectusAzure {
    /** Require login. Default: true when this block is present. A change replaces the aggregator. */
    enabled?: boolean;
    /** Directory (tenant) id, a GUID. Not secret. A change replaces the aggregator. */
    directoryTenantId?: string;
    /** Application (client) id, a GUID. Not secret. A change replaces the aggregator. */
    applicationClientId?: string;
}

/** Error reports to Sentry. */
export interface OpenPectusSentry {
    /** `https://<key>@<host>/<project>`. Secret. The program prints it in its log at every start. A change replaces the container. */
    dsn?: pulumi.Input<string>;
    /** Least severe log level that is reported: `DEBUG`, `INFO`, `WARNING` or `ERROR`. Default: `WARNING`. A change replaces the container. */
    eventLevel?: string;
}

/** The aggregator's own port, plain HTTP, without login for engines. */
export interface OpenPectusPublish {
    /** Port of the host. Default: 8300. A change replaces the aggregator. */
    port?: number;
    /** Address of the host that is bound. Default: `127.0.0.1`. A published port passes by host firewalls such as ufw. */
    bindAddress?: string;
    /** Accept any other address than this machine's own. Default: false. */
    allowOtherMachines?: boolean;
}

/** Arguments of `OpenPectusEngine`: one engine in a container. */
export interface OpenPectusEngineArgs extends OpenPectusEngineSettings {
    /** Start of every physical name. Default: `<project>-<stack>`. A change replaces the engine; its archive volume is then new and empty. */
    prefix?: string;
    /**
     * Volumes (by name) and directories of the host (by path) that may be taken over although another state made them, e.g. after a state
     * was lost. Default: none. A change changes nothing that is deployed.
     */
    adopt?: string[];
    /** Where these settings stand, for messages, e.g. `openpectus`. Default: the component's name. A change changes nothing that runs. */
    settingsPath?: string;
    /** Id of the aggregator's network, for an engine on the same host. Default: none. A change replaces the engine. */
    network?: pulumi.Input<string>;
    /** What the aggregator wants to see: its output `engineSecret`. Secret. Default: none. A change replaces the engine. */
    engineSecret?: pulumi.Input<string>;
    /** PEM of the authority that signed the aggregator's certificate, if it is a private one. A change replaces the engine. */
    caCertificate?: pulumi.Input<string>;
}

/** What the person who runs an environment decides about one engine. */
export interface OpenPectusEngineSettings {
    /**
     * Image of the engine, pinned by digest. Default: role `openpectus` of `images.lock.json`. A change restarts the engine. While
     * `allowRestart` is off, another image of the same version is left for later instead.
     */
    image?: string;
    /** Version of the package `openpectus` in the image. Needed when `image` is set. Must equal the aggregator's. */
    version?: string;
    /** Accept an image whose tag can move. Default: false. */
    allowFloatingImage?: boolean;
    /**
     * Host name: 1 to 63 letters, digits and hyphens, unique. With the instrument name of the UOD it is the identity of the unit, so a
     * change makes a new unit without the old one's history. Default: the engine's name in the config.
     */
    hostname?: string;
    /** Name of the container. Default: derived from the prefix. A change restarts the engine. */
    containerName?: string;
    /** Unit operation definition. Default: the demo that the package brings, with simulated hardware. */
    uod?: OpenPectusUod;
    /** How the aggregator is reached. Default: over the Docker network on the same host, else through the edge with TLS. */
    aggregator?: OpenPectusAggregatorAddress;
    /** Connect although the versions differ. Default: false. A change restarts the engine. */
    ignoreVersionError?: boolean;
    /**
     * Allow updates to restart this engine. A restart in the middle of a run ends the control of the process on the spot.
     * Default: false; updates that would restart it are refused.
     */
    allowRestart?: boolean;
    /** `unless-stopped` or `always`. Default: `unless-stopped`. `on-failure` is useless: an engine ends with code 0 on most errors. */
    restart?: string;
    /** Error reports of the engine. Default: none. */
    sentry?: OpenPectusSentry;
    /** Where run archives are kept. */
    data?: OpenPectusEngineData;
    /** Memory limit in MiB. Default: 512. A change restarts the engine. */
    memory?: number;
    /** Keep the archives when the stack goes, and refuse to delete them. Default: as for the aggregator in a config file, else true. */
    dataProtection?: boolean;
}

/** Unit operation definition: Python that runs with the engine's rights. Exactly one of the two. A change restarts the engine. */
export interface OpenPectusUod {
    /** File on the machine where pulumi runs, relative to the project. */
    path?: string;
    /** The text itself. */
    content?: string;
}

/** How an engine reaches the aggregator. A change restarts the engine. */
export interface OpenPectusAggregatorAddress {
    /** Host name; with TLS one of the names on the certificate. Default: the edge's domain. */
    host?: string;
    /** TCP port. Default with TLS: the edge's `httpsPort`. Needed without TLS. */
    port?: number;
    /** TLS. Default: true. */
    secure?: boolean;
}

/** Where an engine keeps its run archives. */
export interface OpenPectusEngineData {
    /** Absolute path of a directory of the host. Default: a volume. A change restarts the engine; nothing is moved. */
    hostPath?: string;
    /**
     * Absolute path in the container. Default: `/var/lib/openpectus-engine`. Right for every image: each start links the directory inside
     * the package, where engines write, to this one. An engine that cannot have the link does not start. A change restarts the engine.
     */
    containerPath?: string;
}

const sentry = z.strictObject({ dsn: secretText().optional(), eventLevel: z.string().optional() } satisfies Matches<OpenPectusSentry>);

const image = { image: z.string().optional(), version: z.string().optional(), allowFloatingImage: z.boolean().optional() };

const aggregator = {
    ...image,
    hostname: z.string().optional(),
    containerName: z.string().optional(),
    data: z
        .strictObject({ hostPath: z.string().optional(), containerPath: z.string().optional() } satisfies Matches<OpenPectusData>)
        .optional(),
    webPush: z
        .strictObject({ subscriberEmail: z.string().optional(), hostPath: z.string().optional() } satisfies Matches<OpenPectusWebPush>)
        .optional(),
    azure: z
        .strictObject({
            enabled: z.boolean().optional(),
            directoryTenantId: z.string().optional(),
            applicationClientId: z.string().optional(),
        } satisfies Matches<OpenPectusAzure>)
        .optional(),
    sentry: sentry.optional(),
    engineSecret: secretText().optional(),
    engineSecretRotation: z.string().optional(),
    openRegistration: z.boolean().optional(),
    publish: z
        .strictObject({
            port: z.number().optional(),
            bindAddress: z.string().optional(),
            allowOtherMachines: z.boolean().optional(),
        } satisfies Matches<OpenPectusPublish>)
        .optional(),
    allowAnonymousAccess: z.boolean().optional(),
    memory: z.number().optional(),
    dataProtection: z.boolean().optional(),
    edge: edgeSchema.optional(),
    backup: backupSchema.optional(),
} satisfies Matches<OpenPectusSettings>;

const engine = {
    ...image,
    hostname: z.string().optional(),
    containerName: z.string().optional(),
    uod: z.strictObject({ path: z.string().optional(), content: z.string().optional() } satisfies Matches<OpenPectusUod>).optional(),
    aggregator: z
        .strictObject({
            host: z.string().optional(),
            port: z.number().optional(),
            secure: z.boolean().optional(),
        } satisfies Matches<OpenPectusAggregatorAddress>)
        .optional(),
    ignoreVersionError: z.boolean().optional(),
    allowRestart: z.boolean().optional(),
    restart: z.string().optional(),
    sentry: sentry.optional(),
    data: z
        .strictObject({ hostPath: z.string().optional(), containerPath: z.string().optional() } satisfies Matches<OpenPectusEngineData>)
        .optional(),
    memory: z.number().optional(),
    dataProtection: z.boolean().optional(),
} satisfies Matches<OpenPectusEngineSettings>;

/** The block `openpectus` of a config file. Values are not looked into here: the rules do that, with better messages. */
export const openPectusSchema = z.strictObject({
    host: z
        .string()
        .describe("The host that runs the aggregator: its name in `hosts`. Default: `default`. Data does not move with it.")
        .optional(),
    ...aggregator,
    engines: z
        .record(
            z.string(),
            z.strictObject({
                host: z
                    .string()
                    .describe("The host that runs this engine: its name in `hosts`. Default: `default`. Data does not move with it.")
                    .optional(),
                ...engine,
            }),
        )
        .describe("Engines, each by the name that you give it. Default: none.")
        .optional(),
});

/** The block `openpectus` with plain values. */
export type OpenPectusBlock = z.infer<typeof openPectusSchema>;
/** One entry of its `engines`. */
export type EngineBlock = NonNullable<OpenPectusBlock["engines"]>[string];
