import * as pulumi from "@pulumi/pulumi";
import { announce, checkedBy } from "../../announce";
import { Backup, backupCommands, backupContainer } from "../../backup";
import { password } from "../../credentials";
import { Edge } from "../../edge";
import { tlsMode } from "../../edge/certificate";
import { lockedImage } from "../../images";
import {
    DockerRuntime,
    granted,
    type HostDirectory,
    type Network,
    type Port,
    type Runtime,
    type Service,
    type Volume,
} from "../../workload";
import type { OpenPectusArgs, OpenPectusBlock } from "./args";
import { AGGREGATOR_ALIAS, AGGREGATOR_MEMORY, DATABASE_FILE, DATA_PATH, HOSTNAME } from "./defaults";
import { known } from "../../known";
import { openPectusPrivileges } from "./privileges";
import { check, checkOwnClaims, versionOf } from "./rules";
import type { EngineSetup } from "./setup";
import { linuxSetup } from "./setup-linux";
import { windowsSetup } from "./setup-windows";
import { AGGREGATOR_PORT, aggregatorVariables, render, WEB_PUSH_PATH } from "./variables";

/** There is no health route, and unknown paths answer 200 with the web page; this one is real. Python is in every image, curl is not. */
const HEALTH = [
    "CMD",
    "python3",
    "-c",
    `import urllib.request; urllib.request.urlopen("http://127.0.0.1:${AGGREGATOR_PORT}/version", timeout=4)`,
];

/** The Open Pectus aggregator behind a reverse proxy, with backups. Engines are `OpenPectusEngine`s, or run on machines managed by hand. */
export class OpenPectus extends pulumi.ComponentResource {
    /** Public address. Resolves when the aggregator answers through the proxy. */
    readonly url: pulumi.Output<string>;
    /** Version of Open Pectus, which engines must match. */
    readonly version: pulumi.Output<string>;
    /** PEM, what clients and engines must trust. Absent when the certificate comes from an authority that they know. */
    readonly caCertificate?: pulumi.Output<string>;
    /** Secret: what engines must show. Absent with `openRegistration`. */
    readonly engineSecret?: pulumi.Output<string>;
    /** Id of the aggregator's network, for engines on the same host. */
    readonly network: pulumi.Output<string>;
    /** Secret: a script that makes an engine a service of a Linux machine that is managed by hand. */
    readonly engineSetupLinux: pulumi.Output<string>;
    /** Secret: how to set up an engine on Windows, to paste into PowerShell. Never run on Windows so far. */
    readonly engineSetupWindows: pulumi.Output<string>;
    /** What a person runs to see the backups. */
    readonly listBackupsCommand: pulumi.Output<string>;
    /** What a person runs to put a backup back. */
    readonly restoreCommand: pulumi.Output<string>;
    /** With a certificate over DNS by hand: what a person runs to get it, and to renew it. */
    readonly certificateCommand?: pulumi.Output<string>;

    constructor(name: string, args: OpenPectusArgs, opts?: pulumi.ComponentResourceOptions) {
        super("groundwork:index:OpenPectus", name, {}, opts);
        const settings = known<OpenPectusBlock>(args);
        const path = args.settingsPath ?? name;
        announce([...check(settings, path), ...checkOwnClaims(settings, path)], this, opts);

        const run = new DockerRuntime(this, { name, prefix: args.prefix, adopt: args.adopt, system: "openpectus" });
        const protect = args.dataProtection ?? true;
        const network = run.network("network");
        const data = dataPlace(run, args);
        const engineSecret = secretFor(name, args, this);

        const backup = new Backup(
            `${name}-backup`,
            {
                ...args.backup,
                prefix: args.prefix,
                adopt: args.adopt,
                system: "openpectus",
                source: { volume: data.volume?.name, hostPath: data.directory?.path },
                file: DATABASE_FILE,
                before: [imageOf(args)],
                dataProtection: protect,
            },
            checkedBy(this),
        );
        const aggregator = aggregatorService(run, args, { data, network, engineSecret, backup });
        const edge = new Edge(
            `${name}-edge`,
            {
                ...args.edge,
                prefix: args.prefix,
                adopt: args.adopt,
                system: "openpectus",
                network: network.id,
                upstream: { host: AGGREGATOR_ALIAS, port: AGGREGATOR_PORT },
                dataProtection: protect,
            },
            checkedBy(this),
        );

        const setup = engineSetup(args, edge, engineSecret);
        this.url = pulumi.all([edge.url, aggregator.ready]).apply(([url]) => url);
        this.version = pulumi.output(versionOf(args)!);
        this.caCertificate = edge.caCertificate;
        this.engineSecret = engineSecret;
        this.network = network.id;
        this.engineSetupLinux = setup.apply(linuxSetup);
        this.engineSetupWindows = setup.apply(windowsSetup);
        this.listBackupsCommand = backup.listCommand;
        const { restore } = backupCommands("openpectus", backupContainer(`${name}-backup`, args));
        this.restoreCommand = pulumi.all([backup.restoreCommand, aggregator.ready]).apply(() => restore("<file>", aggregator.name));
        this.certificateCommand = edge.certificateCommand;
        this.registerOutputs({
            url: this.url,
            version: this.version,
            caCertificate: this.caCertificate,
            engineSecret: this.engineSecret,
            network: this.network,
            engineSetupLinux: this.engineSetupLinux,
            engineSetupWindows: this.engineSetupWindows,
            listBackupsCommand: this.listBackupsCommand,
            restoreCommand: this.restoreCommand,
            certificateCommand: this.certificateCommand,
        });
    }
}

function imageOf({ image }: OpenPectusArgs): string {
    return image ?? lockedImage("openpectus").reference;
}

/** Either kind of place for the database. */
interface DataPlace {
    volume?: Volume;
    directory?: HostDirectory;
}

function dataPlace(run: Runtime, args: OpenPectusArgs): DataPlace {
    const path = args.data?.hostPath;
    if (path === undefined) return { volume: run.volume("data", { protect: args.dataProtection ?? true }) };
    return { directory: run.hostDirectory("data", { path, image: imageOf(args) }) };
}

interface Surroundings {
    data: DataPlace;
    network: Network;
    engineSecret?: pulumi.Output<string>;
    backup: Backup;
}

function aggregatorService(run: Runtime, args: OpenPectusArgs, { data, network, engineSecret, backup }: Surroundings): Service {
    const dataPath = args.data?.containerPath ?? DATA_PATH;
    const database = `${dataPath.replace(/\/+$/, "")}/${DATABASE_FILE}`;
    const mounts = [(data.volume ?? data.directory!).mount(dataPath), webPushKeys(run, args).mount(WEB_PUSH_PATH)];
    return run.service("aggregator", {
        ...granted(openPectusPrivileges.aggregator, mounts),
        image: imageOf(args),
        ...render("pectus-aggregator", aggregatorVariables, { ...args, engineSecret, databasePath: database }),
        mounts,
        networks: [{ id: network.id, aliases: [AGGREGATOR_ALIAS] }],
        hostname: args.hostname ?? HOSTNAME,
        containerName: args.containerName,
        ports: publishedPorts(args),
        healthcheck: { test: HEALTH, interval: "2s", startPeriod: "45s" },
        stopSignal: "SIGTERM",
        memory: args.memory ?? AGGREGATOR_MEMORY,
        dependsOn: [backup.beforeChange],
    });
}

function webPushKeys(run: Runtime, args: OpenPectusArgs): Volume | HostDirectory {
    const path = args.webPush?.hostPath;
    if (path === undefined) return run.volume("web-push-keys", { protect: args.dataProtection ?? true });
    // The program writes its private key readable for everybody; the directory is not.
    return run.hostDirectory("web-push-keys", { path, image: imageOf(args), mode: "0700" });
}

function publishedPorts({ publish }: OpenPectusArgs): Port[] {
    if (!publish) return [];
    return [{ target: AGGREGATOR_PORT, published: publish.port ?? AGGREGATOR_PORT, hostIp: publish.bindAddress }];
}

/** Not protected: it opens no data, and Pulumi would refuse to rotate it. `make down` keeps it all the same, as it keeps every credential. */
function secretFor(name: string, args: OpenPectusArgs, parent: pulumi.Resource): pulumi.Output<string> | undefined {
    if (args.openRegistration) return undefined;
    if (args.engineSecret !== undefined) return pulumi.secret(args.engineSecret);
    return password(`${name}-engine-secret`, { rotation: args.engineSecretRotation }, { parent });
}

function engineSetup(args: OpenPectusArgs, edge: Edge, engineSecret: pulumi.Output<string> | undefined): pulumi.Output<EngineSetup> {
    const secure = tlsMode(args.edge?.tls) !== "none";
    const { httpPort = 80, httpsPort = 443 } = args.edge ?? {};
    return pulumi.secret(
        pulumi
            .all([edge.hostname, edge.caCertificate, engineSecret, args.sentry?.dsn])
            .apply(([host, caCertificate, secret, sentryDsn]): EngineSetup => ({
                version: versionOf(args)!,
                host,
                port: secure ? httpsPort : httpPort,
                secure,
                engineSecret: secret,
                sentryDsn,
                caCertificate,
            })),
    );
}
