import type * as pulumi from "@pulumi/pulumi";
import {
    OpenPectus,
    OpenPectusEngine,
    type EngineBlock,
    type OpenPectusAggregatorAddress,
    type OpenPectusBlock,
} from "../components/systems/openpectus";
import type { Common } from "./config";
import type { Hosts } from "./hosts";

/** Connects the block `openpectus` with the hosts: the aggregator first, then its engines. */
export function deployOpenPectus(block: OpenPectusBlock, hosts: Hosts, common: Common) {
    const { host, engines = {}, ...settings } = block;
    const aggregator = new OpenPectus("openpectus", { ...settings, ...common, settingsPath: "openpectus" }, hosts.optionsFor(host));

    const deployed = Object.entries(engines).map(([name, { host: engineHost, ...engine }]) => {
        const way = connection(block, engine, sameHost(host, engineHost) ? aggregator.network : undefined);
        return new OpenPectusEngine(
            `openpectus-${name}`,
            {
                ...engine,
                ...way,
                hostname: engine.hostname ?? name,
                dataProtection: engine.dataProtection ?? settings.dataProtection,
                engineSecret: aggregator.engineSecret,
                caCertificate: aggregator.caCertificate,
                ...common,
                settingsPath: `openpectus.engines.${name}`,
            },
            { ...hosts.optionsFor(engineHost), dependsOn: [aggregator] },
        );
    });
    return outputs(aggregator, deployed);
}

function sameHost(a = "default", b = "default"): boolean {
    return a === b;
}

/** On the same host over the Docker network, unless the engine says otherwise; from anywhere else through the edge. */
function connection(
    { edge }: OpenPectusBlock,
    { aggregator }: EngineBlock,
    network: pulumi.Output<string> | undefined,
): { network?: pulumi.Output<string>; aggregator?: OpenPectusAggregatorAddress } {
    if (network && !aggregator) return { network };
    const secure = aggregator?.secure ?? true;
    return {
        network,
        aggregator: { host: aggregator?.host ?? edge?.domain, port: aggregator?.port ?? edge?.httpsPort ?? 443, secure },
    };
}

function outputs(aggregator: OpenPectus, engines: OpenPectusEngine[]) {
    return {
        url: aggregator.url,
        version: aggregator.version,
        caCertificate: aggregator.caCertificate,
        certificateCommand: aggregator.certificateCommand,
        engineSecret: aggregator.engineSecret,
        engineSetupLinux: aggregator.engineSetupLinux,
        engineSetupWindows: aggregator.engineSetupWindows,
        engines: engines.map((engine) => engine.hostname),
        listBackupsCommand: aggregator.listBackupsCommand,
        restoreCommand: aggregator.restoreCommand,
    };
}
