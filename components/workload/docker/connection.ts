import * as pulumi from "@pulumi/pulumi";

/** How to reach the Docker Engine of a host, as plain values that may cross into a dynamic resource. */
export interface Connection {
    /** `unix://`, `tcp://` or `ssh://` address. */
    host: string;
    ca?: string;
    cert?: string;
    key?: string;
}

export const DEFAULT_HOST = "unix:///var/run/docker.sock";

/** What a `docker.Provider` holds of interest here; its class is not imported because loading it costs start-up time. */
interface DockerProvider {
    host: pulumi.Output<string | undefined>;
    caMaterial: pulumi.Output<string | undefined>;
    certMaterial: pulumi.Output<string | undefined>;
    keyMaterial: pulumi.Output<string | undefined>;
}

/**
 * The connection of the provider that a component was given; without one, the Docker Engine of this machine.
 * Jobs and hooks speak to Docker directly, the Docker provider cannot do what they need.
 */
export function connectionOf(provider: pulumi.ProviderResource | undefined): pulumi.Output<Connection> {
    const given = provider as unknown as DockerProvider | undefined;
    if (!given?.host) return pulumi.output({ host: process.env.DOCKER_HOST || DEFAULT_HOST });
    return pulumi
        .all([given.host, given.caMaterial, given.certMaterial, given.keyMaterial])
        .apply(([host, ca, cert, key]) => ({ host: host || process.env.DOCKER_HOST || DEFAULT_HOST, ca, cert, key }));
}
