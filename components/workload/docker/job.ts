import * as pulumi from "@pulumi/pulumi";
import type { Job, JobSpec } from "../types";
import { commandLine, commonFields, environmentList, uploads } from "./container";
import { hashFields } from "./fields";
import { jobProvider } from "./job-provider";
import type { WorkloadPlace } from "./place";
import { privilegesOf } from "./privileges";

export interface JobPlace extends WorkloadPlace {
    /** Depends on the image being on the host. */
    image: pulumi.Input<string>;
}

class DockerJob extends pulumi.dynamic.Resource {
    declare readonly trigger: pulumi.Output<string>;

    constructor(logical: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
        super(jobProvider, logical, { ...inputs }, opts, "groundwork", "Job");
    }
}

export function dockerJob(place: JobPlace, spec: JobSpec, opts: pulumi.ResourceOptions): Job {
    const { entrypoint, command } = commandLine(place.role, spec);
    const fields = spec.triggersOnly ? {} : { ...commonFields(spec), memory: undefined, networks: undefined };
    const { label: trigger } = hashFields(place.hashKey, { ...fields, triggers: spec.triggers });
    const resource = new DockerJob(
        place.logical,
        {
            connection: place.connection,
            name: place.physical,
            image: place.image,
            entrypoint,
            command,
            environment: environmentList(spec.environment),
            uploads: uploads(spec),
            mounts: spec.mounts ?? [],
            networks: spec.networks ?? [],
            labels: place.labels,
            user: spec.user,
            privileges: privilegesOf(place.role, spec),
            memory: spec.memory ?? 512,
            timeout: spec.timeout ?? 600,
            trigger,
        },
        pulumi.mergeOptions(opts, { dependsOn: spec.dependsOn }),
    );
    return { done: resource.trigger, resource };
}
