import * as pulumi from "@pulumi/pulumi";
import { announce } from "../../announce";
import { lockedImage } from "../../images";
import { error, type Problem } from "../../problem";
import { DockerRuntime, granted, type ContainerSpec, type Runtime, type Storage } from "../../workload";
import { keepArchives } from "./archive";
import type { EngineBlock, OpenPectusEngineArgs } from "./args";
import { AGGREGATOR_ALIAS, ENGINE_DATA_PATH } from "./defaults";
import { known } from "../../known";
import { openPectusPrivileges } from "./privileges";
import { checkEngine, versionOf } from "./rules";
import { readUod } from "./uod";
import { AGGREGATOR_PORT, engineVariables, render } from "./variables";

const CA_PATH = "/etc/groundwork/aggregator-ca.pem";

/** Asks the aggregator about this engine's unit. It runs in the engine's container, with its trust and its network. */
const STATUS_SCRIPT = `
import json, sys, urllib.parse, urllib.request
try:
    units = json.load(urllib.request.urlopen(sys.argv[1], timeout=5))
    mine = [u for u in units if urllib.parse.unquote(u["id"]).startswith(sys.argv[2] + "_")]
    busy = any(u["state"]["state"] == "in_progress" for u in mine)
    print("a run is active" if busy else "no run is active" if mine else "the aggregator does not know it")
except Exception as problem:
    print(f"whether a run is active is unknown: {problem}")
`;

/** One Open Pectus engine in a container: it runs one unit operation and calls the aggregator; nothing calls it. */
export class OpenPectusEngine extends pulumi.ComponentResource {
    /** Host name, the first half of the unit's identity. */
    readonly hostname: pulumi.Output<string>;
    /** Name of the container. Resolves when it runs. */
    readonly containerName: pulumi.Output<string>;

    constructor(name: string, args: OpenPectusEngineArgs, opts?: pulumi.ComponentResourceOptions) {
        super("groundwork:index:OpenPectusEngine", name, {}, opts);
        const path = args.settingsPath ?? name;
        const hostname = args.hostname ?? name;
        announce([...checkEngine({ ...known<EngineBlock>(args), hostname }, path), ...checkAddress(args, path)], this, opts);

        const run = new DockerRuntime(this, { name, prefix: args.prefix, adopt: args.adopt, system: "openpectus" });
        const address = addressOf(args);
        const kept = args.data?.containerPath ?? ENGINE_DATA_PATH;
        const mounts = [archive(args, run).mount(kept)];
        const service = run.service("engine", {
            ...granted(openPectusPrivileges.engine, mounts),
            image: imageOf(args),
            ...keepArchives(program(args, address), kept),
            mounts,
            networks: args.network === undefined ? [] : [{ id: args.network }],
            hostname,
            containerName: args.containerName,
            memory: args.memory,
            restart: args.restart,
            // As process 1 an engine ignores SIGTERM.
            stopSignal: "SIGINT",
            guard: {
                subject: `engine "${hostname}"`,
                setting: `${path}.allowRestart`,
                allowRestart: args.allowRestart ?? false,
                imageVersion: versionOf(args),
                statusCommand: ["python3", "-c", STATUS_SCRIPT, unitsUrl(address), hostname],
            },
        });

        this.hostname = pulumi.output(hostname);
        this.containerName = service.ready.apply(() => service.name);
        this.registerOutputs({ hostname: this.hostname, containerName: this.containerName, guarded: service.guarded });
    }
}

interface Address {
    host: string;
    port: number;
    secure: boolean;
}

function addressOf({ aggregator, network }: OpenPectusEngineArgs): Address {
    const { host, port, secure } = aggregator ?? {};
    if (network !== undefined && !aggregator) return { host: AGGREGATOR_ALIAS, port: AGGREGATOR_PORT, secure: false };
    return { host: host ?? AGGREGATOR_ALIAS, port: port ?? 443, secure: secure ?? true };
}

function checkAddress({ aggregator, network }: OpenPectusEngineArgs, path: string): Problem[] {
    if (network !== undefined || aggregator?.host !== undefined) return [];
    return [error(`${path}.aggregator.host`, "the engine does not know where the aggregator is", "set it, or network for the same host")];
}

function unitsUrl({ host, port, secure }: Address): string {
    return `${secure ? "https" : "http"}://${host}:${port}/api/process_units`;
}

function program(
    args: OpenPectusEngineArgs,
    address: Address,
): Pick<ContainerSpec, "command" | "environment" | "secretEnvironment" | "files"> {
    const uod = readUod(args.uod);
    const caCertificate = address.secure ? args.caCertificate : undefined;
    return {
        ...render("pectus-engine", engineVariables, {
            ...address,
            ignoreVersionError: args.ignoreVersionError,
            uodPath: uod?.target,
            caPath: caCertificate === undefined ? undefined : CA_PATH,
            engineSecret: args.engineSecret,
            sentry: args.sentry,
        }),
        files: {
            ...(uod && { [uod.target]: { content: uod.text } }),
            ...(caCertificate !== undefined && { [CA_PATH]: { content: caCertificate } }),
        },
    };
}

function imageOf({ image }: OpenPectusEngineArgs): string {
    return image ?? lockedImage("openpectus").reference;
}

function archive(args: OpenPectusEngineArgs, run: Runtime): Storage {
    const path = args.data?.hostPath;
    return path === undefined
        ? run.volume("archive", { protect: args.dataProtection ?? true })
        : run.hostDirectory("archive", { path, image: imageOf(args) });
}
