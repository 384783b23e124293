import type { RemoteImage } from "@pulumi/docker/remoteImage";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword";
import type { HostDirectory, HostDirectorySpec, Job, JobSpec, Network, Runtime, Service, ServiceSpec, Volume, VolumeSpec } from "../types";
import { connectionOf, type Connection } from "./connection";
import { dockerImage } from "./image";
import { dockerJob } from "./job";
import { ownerLabels } from "./labels";
import { dockerNetwork } from "./network";
import { dockerService } from "./service";
import { dockerHostDirectory, dockerVolume } from "./storage";

export interface DockerRuntimeOptions {
    /** Logical name of the component; children are called `<name>-<role>`. */
    name: string;
    /** Start of every physical name. Default: `<project>-<stack>`. */
    prefix?: string;
    /** System for the labels, e.g. `openpectus`. */
    system: string;
    /** Default: `name`. */
    component?: string;
}

/** Runs the workloads of one component on a plain Docker Engine: the one of the component's Docker provider. */
export class DockerRuntime implements Runtime {
    private readonly connection: pulumi.Output<Connection>;
    private readonly opts: pulumi.ResourceOptions;
    private readonly images = new Map<string, RemoteImage>();
    private hashKey: RandomPassword | undefined;

    constructor(
        parent: pulumi.ComponentResource,
        private readonly options: DockerRuntimeOptions,
    ) {
        this.connection = connectionOf(parent.getProvider("docker:index/container:Container"));
        this.opts = { parent };
    }

    network(role: string): Network {
        return dockerNetwork(this.logical(role), this.physical(role), this.labels(role), this.connection, this.opts);
    }

    volume(role: string, spec: VolumeSpec = {}): Volume {
        return dockerVolume(
            this.logical(role),
            this.physical(role),
            this.labels(role),
            spec,
            (job) => this.job(`${role}-directory`, job),
            this.opts,
        );
    }

    hostDirectory(role: string, spec: HostDirectorySpec): HostDirectory {
        return dockerHostDirectory(spec, (job) => this.job(`${role}-directory`, job));
    }

    service(role: string, spec: ServiceSpec): Service {
        const place = { ...this.place(role), imageId: this.image(spec.image).imageId };
        return dockerService(place, spec, this.opts);
    }

    job(role: string, spec: JobSpec): Job {
        const image = pulumi.all([spec.image, this.image(spec.image).urn]).apply(([reference]) => reference);
        return dockerJob({ ...this.place(role), image }, spec, this.opts);
    }

    private place(role: string) {
        return {
            role,
            logical: this.logical(role),
            physical: this.physical(role),
            labels: this.labels(role),
            hashKey: this.configurationKey(),
            connection: this.connection,
        };
    }

    private image(reference: string): RemoteImage {
        const image = this.images.get(reference) ?? dockerImage(this.options.name, reference, this.connection, this.opts);
        this.images.set(reference, image);
        return image;
    }

    /** Made with the first workload: a component without one needs no key. */
    private configurationKey(): pulumi.Output<string> {
        this.hashKey ??= new RandomPassword(this.logical("config-key"), { length: 32, special: false }, this.opts);
        return this.hashKey.result;
    }

    private logical(role: string): string {
        return `${this.options.name}-${role}`;
    }

    private physical(role: string): string {
        return `${this.options.prefix ?? `${pulumi.getProject()}-${pulumi.getStack()}`}-${this.logical(role)}`;
    }

    private labels(role: string): Record<string, string> {
        const { system, component, name } = this.options;
        return ownerLabels({ system, component: component ?? name, role });
    }
}
