import { Volume as DockerVolume } from "@pulumi/docker/volume";
import * as pulumi from "@pulumi/pulumi";
import type { DirectoryOwner, HostDirectory, HostDirectorySpec, Job, JobSpec, Mount, Volume, VolumeSpec } from "../types";
import { directoryPrivileges, granted } from "../privileges";
import { LABEL, labelList } from "./labels";

export function dockerVolume(
    logical: string,
    physical: string,
    labels: Record<string, string>,
    spec: VolumeSpec,
    job: (spec: JobSpec) => Job,
    opts: pulumi.ResourceOptions,
): Volume {
    const resource = new DockerVolume(
        logical,
        { name: physical, labels: labelList({ ...labels, [LABEL.data]: "true" }) },
        pulumi.mergeOptions(opts, { protect: spec.protect ?? false, retainOnDelete: spec.protect ?? false }),
    );
    const name = spec.owner ? behind(job(ownership(spec.owner, { volume: resource.name })), resource.name) : resource.name;
    return { name, mount: (target, options): Mount => ({ volume: name, target, readOnly: options?.readOnly ?? false }) };
}

export function dockerHostDirectory(spec: HostDirectorySpec, job: (spec: JobSpec) => Job): HostDirectory {
    const path = behind(job(ownership(spec, { hostPath: spec.path })), spec.path);
    return { path, mount: (target, options): Mount => ({ hostPath: path, target, readOnly: options?.readOnly ?? false }) };
}

/** Docker makes a directory as root; the job gives it its owner and mode while it is still empty. */
function ownership({ image, uid = 0, gid = 0, mode = "0700" }: DirectoryOwner, place: Pick<Mount, "volume" | "hostPath">): JobSpec {
    return {
        image,
        entrypoint: ["/bin/sh", "-c"],
        command: [`if [ -z "$(ls -A /directory)" ]; then chown ${uid}:${gid} /directory && chmod ${mode} /directory; fi`],
        mounts: [{ ...place, target: "/directory" }],
        user: "0:0",
        ...granted(directoryPrivileges.directory),
    };
}

/** Ordered behind the job, yet known in every preview. */
function behind(job: Job, value: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi.all([value, job.resource.urn]).apply(([known]) => known);
}
