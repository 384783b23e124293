import * as pulumi from "@pulumi/pulumi";
import { toConnection, type Connection, type ProviderSettings } from "./engine-address";

export { DEFAULT_HOST, type Connection } from "./engine-address";

/** What a `docker.Provider` holds of interest here; its class is not imported because loading it costs start-up time. */
interface DockerProvider {
    host: pulumi.Output<string | undefined>;
    caMaterial: pulumi.Output<string | undefined>;
    certMaterial: pulumi.Output<string | undefined>;
    keyMaterial: pulumi.Output<string | undefined>;
    certPath: pulumi.Output<string | undefined>;
}

/**
 * The connection of the provider that a component was given; without one, that of the default provider: the stack's own `docker:`
 * configuration, or the Docker Engine of this machine. Jobs and hooks speak to Docker directly, the Docker provider cannot do what
 * they need.
 */
export function connectionOf(provider: pulumi.ProviderResource | undefined): pulumi.Output<Connection> {
    if (!provider) return defaultConnection();
    const settings = (provider as unknown as DockerProvider).host
        ? pulumi.output(pick(provider as unknown as DockerProvider))
        : pulumi.output(provider.urn).apply(registeredProvider);
    return settings.apply(sealed);
}

/** Who has the key is root on that machine: as a secret it stays out of the state of jobs, whoever passed it in plain. */
function sealed(settings: ProviderSettings): pulumi.Output<Connection> {
    const connection = toConnection(settings);
    return connection.key === undefined ? pulumi.output(connection) : pulumi.secret(connection);
}

function pick({ host, caMaterial, certMaterial, keyMaterial, certPath }: DockerProvider) {
    return { host, caMaterial, certMaterial, keyMaterial, certPath };
}

/** A component in a package gets a bare reference to the provider of the program that uses it; the engine knows the rest. */
async function registeredProvider(urn: string): Promise<ProviderSettings> {
    const { state } = await pulumi.runtime.invoke("pulumi:pulumi:getResource", { urn });
    return (state ?? {}) as ProviderSettings;
}

function defaultConnection(): pulumi.Output<Connection> {
    const config = new pulumi.Config("docker");
    const names = ["host", "caMaterial", "certMaterial", "keyMaterial", "certPath"] as const;
    return pulumi.output(Object.fromEntries(names.map((name) => [name, config.getSecret(name)]))).apply(sealed);
}
