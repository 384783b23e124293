import { posix } from "node:path";
import type { RemoteImage } from "@pulumi/docker/remoteImage";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword";
import type { HostDirectory, HostDirectorySpec, Job, JobSpec, Network, Runtime, Service, ServiceSpec, Volume, VolumeSpec } from "../types";
import { connectionOf, type Connection } from "./connection";
import { dockerImage } from "./image";
import { dockerJob } from "./job";
import { LABEL, MARK_KEY, ownerMark } from "./labels";
import { dockerNetwork } from "./network";
import { physicalName } from "./place";
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
    /** Volumes and host directories that may be taken over although another state made them. Default: none. */
    adopt?: string[];
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
        return dockerNetwork(this.object(role), this.opts);
    }

    volume(role: string, spec: VolumeSpec = {}): Volume {
        const place = { ...this.object(role), adopt: this.options.adopt?.includes(this.physical(role)) ?? false };
        return dockerVolume(place, spec, (job) => this.job(`${role}-directory`, job), this.opts);
    }

    hostDirectory(role: string, spec: HostDirectorySpec): HostDirectory {
        const owner = `project ${pulumi.getProject()}, stack ${pulumi.getStack()}, ${this.logical(role)}`;
        const path = posix.resolve(spec.path);
        const adopt = this.options.adopt?.some((one) => one.startsWith("/") && posix.resolve(one) === path) ?? false;
        const claim = { mark: this.mark(path), markAsWritten: this.mark(spec.path), owner, adopt };
        return dockerHostDirectory(spec, claim, (job) => this.job(`${role}-directory`, job));
    }

    service(role: string, spec: ServiceSpec): Service {
        const place = { ...this.place(role, spec.containerName), imageId: this.image(spec.image).imageId };
        return dockerService(place, spec, this.opts);
    }

    job(role: string, spec: JobSpec): Job {
        const image = pulumi.all([spec.image, this.image(spec.image).urn]).apply(([reference]) => reference);
        return dockerJob({ ...this.place(role), image }, spec, this.opts);
    }

    private place(role: string, physical?: string) {
        return { role, hashKey: this.configurationKey(), ...this.object(role, physical) };
    }

    /** What everything on a host has: names, labels, and the engine it is on. */
    private object(role: string, physical = this.physical(role)) {
        const { system, component, name } = this.options;
        const mark = this.mark(physical);
        const labels = {
            [LABEL.project]: pulumi.getProject(),
            [LABEL.stack]: pulumi.getStack(),
            [LABEL.system]: system,
            [LABEL.component]: component ?? name,
            [LABEL.role]: role,
            [LABEL.mark]: mark,
        };
        return { logical: this.logical(role), physical, labels, mark, connection: this.connection };
    }

    private mark(name: string): pulumi.Output<string> {
        // `destroy --run-program` runs the program over a state from which the key may be gone already.
        return pulumi.unsecret(this.configurationKey().apply((key) => (key === undefined ? "" : ownerMark(key, name))));
    }

    private image(reference: string): RemoteImage {
        const image = this.images.get(reference) ?? dockerImage(this.options.name, reference, this.connection, this.opts);
        this.images.set(reference, image);
        return image;
    }

    /** One for each component, made with the first thing that needs it. */
    private configurationKey(): pulumi.Output<string> {
        this.hashKey ??= new RandomPassword(this.logical(MARK_KEY), { length: 32, special: false }, this.opts);
        return this.hashKey.result;
    }

    private logical(role: string): string {
        return `${this.options.name}-${role}`;
    }

    private physical(role: string): string {
        return physicalName(this.logical(role), this.options.prefix);
    }
}
