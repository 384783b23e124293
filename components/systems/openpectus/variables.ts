import type * as pulumi from "@pulumi/pulumi";
import type { Variable } from "../../variables";
import type { OpenPectusSentry, OpenPectusSettings } from "./args";

export interface AggregatorValues extends OpenPectusSettings {
    databasePath: string;
}

export interface EngineValues {
    host: string;
    port: number;
    secure: boolean;
    ignoreVersionError?: boolean;
    uodPath?: string;
    caPath?: string;
    engineSecret?: pulumi.Input<string>;
    sentry?: OpenPectusSentry;
}

export const AGGREGATOR_PORT = 8300;
export const WEB_PUSH_PATH = "/webpush_keys";

const sentryLevel: Variable<{ sentry?: OpenPectusSentry }> = {
    name: "--sentry_event_level",
    kind: "argument",
    setting: "sentry.eventLevel",
    default: "WARNING",
    description: "Least severe log level that is reported to Sentry.",
    value: ({ sentry }) => sentry?.eventLevel,
};

const sentryDsn: Variable<{ sentry?: OpenPectusSentry }> = {
    name: "SENTRY_DSN",
    kind: "secret environment",
    setting: "sentry.dsn",
    default: "no reports",
    description: "Where error reports go. The program prints it in its log at every start.",
    value: ({ sentry }) => sentry?.dsn,
};

/**
 * Every variable and argument that the two programs get. Names and defaults are those of Open Pectus; sources: deployment guide, and
 * `--help` of the two programs.
 */
export const aggregatorVariables: Variable<AggregatorValues>[] = [
    {
        name: "--host",
        kind: "argument",
        default: "127.0.0.1",
        description: "Address that is listened on inside the container.",
        value: () => "0.0.0.0",
    },
    {
        name: "--port",
        kind: "argument",
        default: "9800",
        description: "Port inside the container.",
        value: () => String(AGGREGATOR_PORT),
    },
    {
        name: "--database",
        kind: "argument",
        setting: "data.containerPath",
        default: "a file in the working directory, lost with the container",
        description: "SQLite file, always below the mounted data path.",
        value: ({ databasePath }) => databasePath,
    },
    {
        name: "--webpush_keys_path",
        kind: "argument",
        setting: "webPush.hostPath",
        default: "inside the package, lost with the container",
        description: "Directory of the keys for browser notifications, a volume of its own.",
        value: () => WEB_PUSH_PATH,
    },
    sentryLevel,
    {
        name: "--secret",
        kind: "secret argument",
        setting: "engineSecret",
        default: "any engine may register",
        description: "What engines must show to register.",
        value: ({ engineSecret }) => engineSecret,
    },
    {
        name: "ENABLE_AZURE_AUTHENTICATION",
        kind: "environment",
        setting: "azure.enabled",
        default: "off",
        description: "User login. Only the word `true` switches it on, so nothing but `true` and `false` is ever written.",
        value: ({ azure }) => String(azure !== undefined && azure.enabled !== false),
    },
    {
        name: "AZURE_DIRECTORY_TENANT_ID",
        kind: "environment",
        setting: "azure.directoryTenantId",
        default: "none",
        description: "Directory (tenant) id. Anybody can read it from `/auth/config`.",
        value: ({ azure }) => azure?.directoryTenantId,
    },
    {
        name: "AZURE_APPLICATION_CLIENT_ID",
        kind: "environment",
        setting: "azure.applicationClientId",
        default: "none",
        description: "Application (client) id. Anybody can read it from `/auth/config`.",
        value: ({ azure }) => azure?.applicationClientId,
    },
    {
        name: "WEBPUSH_SUBSCRIBER_EMAIL",
        kind: "environment",
        setting: "webPush.subscriberEmail",
        default: "notifications off",
        description: "Contact that push services see.",
        value: ({ webPush }) => webPush?.subscriberEmail,
    },
    sentryDsn,
];

export const engineVariables: Variable<EngineValues>[] = [
    {
        name: "--aggregator_hostname",
        kind: "argument",
        setting: "aggregator.host",
        default: "127.0.0.1",
        description: "Where the aggregator is.",
        value: ({ host }) => host,
    },
    {
        name: "--aggregator_port",
        kind: "argument",
        setting: "aggregator.port",
        default: "443 with --secure, else 9800",
        description: "Port of the aggregator, always written because the program's default without TLS fits nothing.",
        value: ({ port }) => String(port),
    },
    {
        name: "--secure",
        kind: "argument",
        setting: "aggregator.secure",
        default: "off",
        description: "TLS.",
        value: ({ secure }) => (secure ? "" : undefined),
    },
    {
        name: "--uod",
        kind: "argument",
        setting: "uod",
        default: "the demo of the package",
        description: "Unit operation definition.",
        value: ({ uodPath }) => uodPath,
    },
    {
        name: "--ignore_version_error",
        kind: "argument",
        setting: "ignoreVersionError",
        default: "False",
        description: "Connect although the versions differ. The program wants the word `True`.",
        value: ({ ignoreVersionError }) => (ignoreVersionError ? "True" : undefined),
    },
    sentryLevel,
    {
        name: "--secret",
        kind: "secret argument",
        setting: "engineSecret",
        default: "empty",
        description: "What the aggregator wants to see.",
        value: ({ engineSecret }) => engineSecret,
    },
    {
        name: "SSL_CERT_FILE",
        kind: "environment",
        setting: "caCertificate",
        default: "the public authorities",
        description: "Authority of the aggregator's certificate, if it is a private one.",
        value: ({ caPath }) => caPath,
    },
    sentryDsn,
];

/** The parts of a container specification that the table decides. */
export interface Rendered {
    command: string[];
    environment: Record<string, pulumi.Input<string>>;
    secretEnvironment?: Record<string, pulumi.Input<string>>;
}

/**
 * Renders a table for a program. A secret argument travels as a secret variable that a shell puts behind the other arguments at the
 * last moment; written with `=`, because the programs take a value with a leading dash for an option otherwise.
 */
export function render<Values>(program: string, table: Variable<Values>[], values: Values): Rendered {
    const rows = table.flatMap((variable) => {
        const value = variable.value(values);
        return value === undefined ? [] : [{ ...variable, text: value }];
    });
    const ofKind = (kind: Variable<Values>["kind"]) => rows.filter((row) => row.kind === kind);
    const plain = ofKind("argument").flatMap(({ name, text }) => (text === "" ? [name] : [name, text as string]));
    const secrets = ofKind("secret argument").map(({ name, text }) => ({ name, variable: argumentVariable(name), text }));
    const secretVariables = [
        ...ofKind("secret environment").map(({ name, text }) => [name, text]),
        ...secrets.map(({ variable, text }) => [variable, text]),
    ];
    const tail = secrets.map(({ name, variable }) => `${name}="$${variable}"`).join(" ");
    return {
        command: tail ? ["/bin/sh", "-c", `exec "$0" "$@" ${tail}`, program, ...plain] : [program, ...plain],
        environment: Object.fromEntries(ofKind("environment").map(({ name, text }) => [name, text])),
        ...(secretVariables.length > 0 && { secretEnvironment: Object.fromEntries(secretVariables) }),
    };
}

/** `--secret` travels as `ARGUMENT_SECRET`. */
function argumentVariable(argument: string): string {
    return `ARGUMENT_${argument.replace(/^-+/, "").toUpperCase()}`;
}
