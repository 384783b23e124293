import { Volume as DockerVolume } from "@pulumi/docker/volume";
import * as pulumi from "@pulumi/pulumi";
import type { HostDirectory, HostDirectorySpec, Job, JobSpec, Mount, Volume, VolumeSpec } from "../types";
import { LABEL, labelList } from "./labels";

export function dockerVolume(
    logical: string,
    physical: string,
    labels: Record<string, string>,
    spec: VolumeSpec,
    opts: pulumi.ResourceOptions,
): Volume & { resource: DockerVolume } {
    const resource = new DockerVolume(
        logical,
        { name: physical, labels: labelList({ ...labels, [LABEL.data]: "true" }) },
        pulumi.mergeOptions(opts, { protect: spec.protect ?? false, retainOnDelete: spec.protect ?? false }),
    );
    return {
        resource,
        name: resource.name,
        mount: (target, options): Mount => ({ volume: resource.name, target, readOnly: options?.readOnly ?? false }),
    };
}

/** Docker makes a missing directory as root; the job gives it its owner and mode while it is still empty. */
export function dockerHostDirectory(spec: HostDirectorySpec, job: (spec: JobSpec) => Job): HostDirectory {
    const owner = `${spec.uid ?? 0}:${spec.gid ?? 0}`;
    const mode = spec.mode ?? "0700";
    const prepared = job({
        image: spec.image,
        entrypoint: ["/bin/sh", "-c"],
        command: [`if [ -z "$(ls -A /directory)" ]; then chown ${owner} /directory && chmod ${mode} /directory; fi`],
        mounts: [{ hostPath: spec.path, target: "/directory" }],
        user: "0:0",
    });
    // Ordered behind the job, yet known in every preview.
    const path = pulumi.all([spec.path, prepared.resource.urn]).apply(([known]) => known);
    return { path, mount: (target, options): Mount => ({ hostPath: path, target, readOnly: options?.readOnly ?? false }) };
}
