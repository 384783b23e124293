import * as pulumi from "@pulumi/pulumi";
import { announce, checkedBy } from "../../announce";
import { checkClaims } from "../../claims";
import { password } from "../../credentials";
import { Edge } from "../../edge";
import { lockedImage } from "../../images";
import { personCommand, shellWord } from "../../make-command";
import {
    DockerRuntime,
    granted,
    PIDS_LIMIT,
    type ContainerSpec,
    type Job,
    type Mount,
    type Network,
    type Runtime,
    type Service,
} from "../../workload";
import type { LightningArgs, LightningDirectory, LightningWeb } from "./args";
import { hostContent } from "./content";
import { lightningDatabase, type Database } from "./database";
import * as defaults from "./defaults";
import { connectedTo } from "./health";
import { lightningKeys } from "./keys";
import { lightningPrivileges } from "./privileges";
import { check, claims } from "./rules";
import { SUPERUSER_COMMAND, SUPERUSER_PASSWORD_FILE } from "./superuser";
import { render, webVariables, workerVariables, type LightningValues, type Rendered } from "./variables";

/** OpenFn Lightning behind a reverse proxy: database, migrations, first user, web and workers. */
export class Lightning extends pulumi.ComponentResource {
    /** Public address. Resolves when web answers through the proxy and every worker is connected. */
    readonly url: pulumi.Output<string>;
    /** Address to log in with, if the first user was made here. */
    readonly superuserEmail: pulumi.Output<string>;
    /** Secret: password of the first user, as it was when the user was made. */
    readonly superuserPassword: pulumi.Output<string>;
    /** GitHub App: "Homepage URL". */
    readonly githubHomepageUrl: pulumi.Output<string>;
    /** GitHub App: "Callback URL for authorizing users". Tick neither Device Flow nor OAuth there. */
    readonly githubCallbackUrl: pulumi.Output<string>;
    /** GitHub App: "Setup URL for Post installation". Tick "Redirect on update" there. */
    readonly githubSetupUrl: pulumi.Output<string>;
    /** Callback address of the OAuth clients at Google and Salesforce. */
    readonly oauthCallbackUrl: pulumi.Output<string>;
    /** PEM, what clients must trust. Absent when the certificate comes from an authority that they know. */
    readonly caCertificate?: pulumi.Output<string>;
    /** With a certificate over DNS by hand: what a person runs to get it, and to renew it. */
    readonly certificateCommand?: pulumi.Output<string>;
    /** With our own database: what a person runs to see the backups. */
    readonly listBackupsCommand?: pulumi.Output<string>;
    /** With our own database: what a person runs to put a backup back. */
    readonly restoreCommand?: pulumi.Output<string>;
    /** With Kafka's alternate storage: what a person runs to recover the messages in it, after disabling their triggers. */
    readonly kafkaRecoveryCommand?: pulumi.Output<string>;

    constructor(name: string, args: LightningArgs, opts?: pulumi.ComponentResourceOptions) {
        // Without its arguments: the state would show a password that somebody passes as plain text.
        super("groundwork:index:Lightning", name, {}, opts);
        const path = args.settingsPath ?? name;
        announce([...check(args, path), ...checkClaims(claims(args, path))], this, opts);

        const run = new DockerRuntime(this, { name, prefix: args.prefix, adopt: args.adopt, system: "lightning" });
        const network = run.network("web-network");
        const database = lightningDatabase(name, args, { run, network, webImage: webImage(args), parent: this });
        const values: LightningValues = { settings: args, databaseUrl: database.url, keys: lightningKeys(name, args, this) };
        const superuserPassword = firstPassword(name, args, this);

        const migrate = migrations(run, args, values, database);
        const superuser = firstUser(run, args, values, database, superuserPassword, migrate);
        const web = webService(run, args, values, [network, database.network], [migrate.resource, superuser.resource]);
        const workers = workerServices(name, run, args, values, [network, web]);
        const edge = new Edge(
            `${name}-edge`,
            {
                ...args.edge,
                prefix: args.prefix,
                adopt: args.adopt,
                system: "lightning",
                network: network.id,
                upstream: { host: defaults.WEB_ALIAS, port: args.web?.port ?? defaults.WEB_PORT },
                dataProtection: args.dataProtection ?? true,
            },
            // A proxy that is replaced finds its web: the new one is on the proxy's old network, too, the old one not on its new one.
            checkedBy(this, { dependsOn: [web.resource] }),
        );

        const address = defaults.publicOrigin(args);
        this.url = pulumi.all([edge.url, web.ready, ...workers.map((worker) => worker.ready)]).apply(() => address);
        this.superuserEmail = superuser.done.apply(() => defaults.superuserEmail(args));
        this.superuserPassword = superuserPassword;
        this.githubHomepageUrl = pulumi.output(address);
        this.githubCallbackUrl = pulumi.output(`${address}/oauth/github/callback`);
        this.githubSetupUrl = pulumi.output(`${address}/setup_vcs`);
        this.oauthCallbackUrl = pulumi.output(`${address}/authenticate/callback`);
        this.caCertificate = edge.caCertificate;
        this.certificateCommand = edge.certificateCommand;
        this.listBackupsCommand = database.postgres?.listBackupsCommand;
        this.restoreCommand = database.postgres?.restoreCommand;
        this.kafkaRecoveryCommand = defaults.keepsKafkaMessages(args) ? web.ready.apply(() => kafkaRecovery(web)) : undefined;
        this.registerOutputs({
            url: this.url,
            superuserEmail: this.superuserEmail,
            superuserPassword: this.superuserPassword,
            githubHomepageUrl: this.githubHomepageUrl,
            githubCallbackUrl: this.githubCallbackUrl,
            githubSetupUrl: this.githubSetupUrl,
            oauthCallbackUrl: this.oauthCallbackUrl,
            caCertificate: this.caCertificate,
            certificateCommand: this.certificateCommand,
            listBackupsCommand: this.listBackupsCommand,
            restoreCommand: this.restoreCommand,
            kafkaRecoveryCommand: this.kafkaRecoveryCommand,
        });
    }
}

/** The guide's console command. */
const KAFKA_RECOVERY =
    "/app/bin/lightning rpc " +
    '"Lightning.KafkaTriggers.MessageRecovery.recover_messages(Lightning.Config.kafka_alternate_storage_file_path())"';

/** The same, in the running web. */
function kafkaRecovery({ name }: Service): string {
    const elsewhere = `docker exec ${name} sh -c ${shellWord(KAFKA_RECOVERY)}`;
    return personCommand("exec", { SYSTEM: "lightning", ROLE: "web", CMD: KAFKA_RECOVERY }, elsewhere);
}

function webImage({ web }: LightningArgs): string {
    return web?.image ?? lockedImage("lightning").reference;
}

function firstPassword(name: string, { accounts, dataProtection: protect = true }: LightningArgs, parent: pulumi.Resource) {
    const given = accounts?.superuser?.password;
    return given === undefined
        ? password(`${name}-superuser-password`, {}, { parent, protect, retainOnDelete: protect })
        : pulumi.secret(given);
}

/** Web's image is not run as root: its secrets must be readable for its user. Nobody else is in the container. */
function webContainer(args: LightningArgs, rendered: Rendered, networks: Network[]): ContainerSpec {
    return { image: webImage(args), ...rendered, secretsMode: "0444", networks: [...new Set(networks)].map(({ id }) => ({ id })) };
}

/** The program reads its whole configuration before it does anything, so jobs get the mandatory part of it. */
function jobContainer(args: LightningArgs, values: LightningValues, { network }: Database): ContainerSpec {
    const rendered = render(
        webVariables.filter(({ migrations }) => migrations),
        values,
    );
    return { ...webContainer(args, withExtra(rendered, args.web), [network]), memory: 1024 };
}

/** Once for each image and each database, while the old web goes on serving. By its role, `make restore` finds it and runs it again. */
function migrations(run: Runtime, args: LightningArgs, values: LightningValues, database: Database): Job {
    return run.job("migrate", {
        ...granted(lightningPrivileges.migrate),
        ...jobContainer(args, values, database),
        command: ["/app/bin/migrate"],
        triggers: { image: webImage(args), database: database.place },
        triggersOnly: true,
        timeout: 1800,
        dependsOn: database.ready,
    });
}

/** Before web is there: until then its setup page would let anybody become the first user. */
function firstUser(
    run: Runtime,
    args: LightningArgs,
    values: LightningValues,
    database: Database,
    secret: pulumi.Output<string>,
    migrate: Job,
): Job {
    const container = jobContainer(args, values, database);
    const { firstName, lastName } = args.accounts?.superuser ?? {};
    return run.job("superuser", {
        ...granted(lightningPrivileges.superuser),
        ...container,
        command: SUPERUSER_COMMAND,
        environment: {
            ...container.environment,
            SUPERUSER_EMAIL: defaults.superuserEmail(args),
            SUPERUSER_FIRST_NAME: firstName ?? "Groundwork",
            SUPERUSER_LAST_NAME: lastName ?? "Administrator",
        },
        secrets: { [SUPERUSER_PASSWORD_FILE]: secret },
        triggers: { database: database.place },
        triggersOnly: true,
        dependsOn: [migrate.resource],
    });
}

function webService(
    run: Runtime,
    args: LightningArgs,
    values: LightningValues,
    networks: Network[],
    dependsOn: pulumi.Resource[],
): Service {
    const { web = {} } = args;
    const image = webImage(args);
    const adaptors = hostContent(run, "adaptors-content", { image, content: web.adaptors, standard: defaults.ADAPTORS_PATH });
    const schemas = hostContent(run, "schemas-content", { image, content: web.schemas, standard: defaults.SCHEMAS_PATH });
    const health = `http://127.0.0.1:${web.port ?? defaults.WEB_PORT}/health_check`;
    return run.service(defaults.WEB_ALIAS, {
        ...granted(lightningPrivileges.web),
        ...webContainer(args, withExtra(render(webVariables, values), args.web), networks),
        command: ["/app/bin/server"],
        mounts: [...exportsMount(run, args), ...kafkaMount(run, args), ...adaptors.mounts, ...schemas.mounts],
        healthcheck: { test: ["CMD", "curl", "-fsS", "-o", "/dev/null", health], interval: "2s", startPeriod: "1m0s" },
        memory: web.memory ?? defaults.WEB_MEMORY,
        stopSignal: "SIGTERM",
        stopGracePeriod: web.stopGracePeriodSeconds ?? defaults.WEB_STOP_GRACE,
        dependsOn: [...dependsOn, ...adaptors.ready, ...schemas.ready],
    });
}

function exportsMount(run: Runtime, args: LightningArgs): Mount[] {
    if (args.storage?.gcs) return [];
    const { containerPath = defaults.STORAGE_PATH, hostPath } = args.storage?.local ?? {};
    return [writableDirectory(run, args, "exports", { containerPath, hostPath })];
}

function kafkaMount(run: Runtime, args: LightningArgs): Mount[] {
    if (!defaults.keepsKafkaMessages(args)) return [];
    const { containerPath = defaults.KAFKA_PATH, hostPath } = args.kafka?.alternateStorage ?? {};
    return [writableDirectory(run, args, "kafka-messages", { containerPath, hostPath })];
}

/** Web does not start when it cannot write there. Messages in it are not encrypted: nobody else gets in. */
function writableDirectory(run: Runtime, args: LightningArgs, role: string, { containerPath, hostPath }: LightningDirectory): Mount {
    const owner = { image: webImage(args), uid: defaults.WEB_UID, gid: defaults.WEB_UID, mode: "0700" };
    const storage =
        hostPath === undefined
            ? run.volume(role, { protect: args.dataProtection ?? true, owner })
            : run.hostDirectory(role, { path: hostPath, ...owner });
    return storage.mount(containerPath!);
}

/** One container each, with a cache of its own: two workers must not install adaptors into the same directory at once. */
function workerServices(
    name: string,
    run: Runtime,
    args: LightningArgs,
    values: LightningValues,
    [network, web]: [Network, Service],
): Service[] {
    const { workers = {} } = args;
    const image = workers.image ?? lockedImage("lightning-worker").reference;
    const standard = defaults.LOCAL_ADAPTORS_PATH;
    const local = hostContent(run, "local-adaptors-content", { image, content: workers.localAdaptors, standard });
    return defaults.workerRoles(args).map((role) =>
        run.service(role, {
            ...granted(lightningPrivileges.worker),
            // Node has a dozen threads in each process, and each run is one.
            pidsLimit: Math.max(PIDS_LIMIT, 512 + 64 * defaults.runsAtOnce(args)),
            image,
            ...withExtra(render(workerVariables, { ...values, workerName: `${name}-${role}` }), args.workers),
            command: ["node", "./dist/start.js"],
            mounts: [run.volume(`${role}-adaptors`).mount(defaults.WORKER_REPO_PATH), ...local.mounts],
            networks: [{ id: network.id }],
            healthcheck: { test: connectedTo(defaults.workerServiceUrl(args)), interval: "2s", startPeriod: "1m0s" },
            startTimeout: workers.startTimeoutSeconds,
            memory: defaults.workerMemory(args),
            // It claims no more runs and ends after the last one.
            stopSignal: "SIGTERM",
            stopGracePeriod: defaults.workerStopGrace(args),
            dependsOn: [web.resource, ...local.ready],
            // It ends while it is connected to the old web, whose secret it knows: later it could not hand in its results.
            restartWith: [web],
        }),
    );
}

/** What people add; the rules have seen to it that nothing is said twice. */
function withExtra(rendered: Rendered, { extraEnv, extraSecretEnv }: Extra = {}): Rendered {
    return {
        environment: { ...rendered.environment, ...extraEnv },
        secretEnvironment: { ...rendered.secretEnvironment, ...extraSecretEnv },
    };
}

type Extra = Pick<LightningWeb, "extraEnv" | "extraSecretEnv">;
