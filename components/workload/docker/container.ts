import * as pulumi from "@pulumi/pulumi";
import type { ContainerSpec } from "../types";
import type { Fields } from "./fields";
import { SECRET_ENVIRONMENT_SCRIPT, secretEnvironmentUploads, type Upload } from "./secret-environment";

/** The parts of a specification that services and jobs translate in the same way. */

/** Everything that is a file in the container: files, secrets, secret variables. */
export function uploads(spec: ContainerSpec): Upload[] {
    const files = Object.entries(spec.files ?? {}).map(([file, { content, mode }]) => ({ file, content, permissions: mode ?? "0444" }));
    const secrets = Object.entries(spec.secrets ?? {}).map(([name, content]) => ({
        file: `/run/secrets/${name}`,
        content: pulumi.secret(content),
        permissions: spec.secretsMode ?? "0400",
    }));
    const variables = spec.secretEnvironment ? secretEnvironmentUploads(spec.secretEnvironment, spec.secretsMode) : [];
    return [...files, ...secrets, ...variables].sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Entrypoint and command, with the wrapper in front where secret variables are wanted. */
export function commandLine(role: string, spec: ContainerSpec): { entrypoint?: string[]; command?: string[] } {
    if (!spec.secretEnvironment) return { entrypoint: spec.entrypoint, command: spec.command };
    const command = [...(spec.entrypoint ?? []), ...(spec.command ?? [])];
    if (command.length === 0) {
        throw new Error(
            `${role}: secretEnvironment needs the command spelled out, because its wrapper replaces the entrypoint of the image`,
        );
    }
    return { entrypoint: ["/bin/sh", SECRET_ENVIRONMENT_SCRIPT], command };
}

export function environmentList(environment: Record<string, pulumi.Input<string>> | undefined): pulumi.Output<string>[] {
    return Object.keys(environment ?? {})
        .sort()
        .map((name) => pulumi.interpolate`${name}=${environment![name]!}`);
}

/** What the configuration hash covers, in the words of the specification. */
export function commonFields(spec: ContainerSpec): Fields {
    return {
        image: spec.image,
        entrypoint: spec.entrypoint,
        command: spec.command,
        environment: spec.environment,
        secrets: spec.secrets,
        secretsMode: spec.secretsMode,
        secretEnvironment: spec.secretEnvironment,
        files: spec.files,
        mounts: spec.mounts,
        networks: spec.networks,
        user: spec.user,
        memory: spec.memory,
    };
}
