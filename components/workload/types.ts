import * as pulumi from "@pulumi/pulumi";

/**
 * The vocabulary of workloads. Names and meanings follow the Compose specification, so that what people know
 * from there holds here. A system is written once against these types; a runtime carries them out.
 */
export interface Runtime {
    /** A private network of this component. */
    network(role: string): Network;
    /** A named volume. With `protect` it survives `destroy` and refuses deletion. */
    volume(role: string, spec?: VolumeSpec): Volume;
    /** A directory of the host. An existing one is adopted as it is; a new one gets owner and mode. Never deleted. */
    hostDirectory(role: string, spec: HostDirectorySpec): HostDirectory;
    /** A container that runs for ever. */
    service(role: string, spec: ServiceSpec): Service;
    /** A container that runs to completion before what depends on it. */
    job(role: string, spec: JobSpec): Job;
}

export interface Network {
    readonly id: pulumi.Output<string>;
}

export interface VolumeSpec {
    /** Refuse deletion, and keep the volume when the stack goes. Default: false. */
    protect?: boolean;
    /** For a program that is not root and writes here. Default: what the image has at the mount, else root. */
    owner?: DirectoryOwner;
}

/** Owner and mode that an empty directory gets before its first use. */
export interface DirectoryOwner {
    /** Image with `sh`, `chown` and `chmod`; normally the one of the service that uses the directory. */
    image: string;
    /** Numeric owner. Default: 0. */
    uid?: number;
    /** Numeric group. Default: 0. */
    gid?: number;
    /** Octal mode. Default: "0700". */
    mode?: string;
}

/** Something that can be mounted: a named volume or a directory of the host. */
export interface Storage {
    /** The mount of this storage at a path of a container. */
    mount(target: string, options?: { readOnly?: boolean }): Mount;
}

export interface Volume extends Storage {
    readonly name: pulumi.Output<string>;
}

export interface HostDirectorySpec extends DirectoryOwner {
    /** Absolute path on the host. */
    path: string;
}

export interface HostDirectory extends Storage {
    readonly path: pulumi.Output<string>;
}

/** Exactly one of `volume` and `hostPath`. */
export interface Mount {
    /** Name of a volume. */
    volume?: pulumi.Input<string>;
    /** Absolute path on the host. */
    hostPath?: pulumi.Input<string>;
    /** Absolute path in the container. */
    target: string;
    /** Default: false. */
    readOnly?: boolean;
}

export interface NetworkAttachment {
    /** Id of the network. */
    id: pulumi.Input<string>;
    /** Further names under which the container is found on that network, beside its role and its own name. */
    aliases?: string[];
}

export interface Port {
    /** Port in the container. */
    target: number;
    /** Port on the host. */
    published: number;
    /** Address of the host that is bound. Default: 127.0.0.1. */
    hostIp?: string;
}

export interface Healthcheck {
    /** As in Compose: `["CMD", …]` or `["CMD-SHELL", "…"]`. */
    test: string[];
    /** Time between two checks, also before the first. Default: "5s". */
    interval?: string;
    /** Default: "5s". */
    timeout?: string;
    /** Failures in a row that make the container unhealthy. Default: 6. */
    retries?: number;
    /** Failures that do not count after the start. Default: "30s". */
    startPeriod?: string;
}

export interface File {
    content: pulumi.Input<string>;
    /** Octal mode. Default: "0444". */
    mode?: string;
}

/** What a container may do to the machine around it: as little as its program needs. A change replaces the container. */
export interface Privileges {
    /** Capabilities that are taken away. Default: `["ALL"]`. */
    capDrop?: string[];
    /** Capabilities that are given back, e.g. `CHOWN`. Default: none. */
    capAdd?: string[];
    /** Processes and threads at the same time. Set as soon as a service runs; if Docker refuses, the update warns. Default: 1024. */
    pidsLimit?: number;
    /**
     * Nothing outside `mounts` and `tmpfs` can be written. Not possible together with `files`, `secrets` and `secretEnvironment`, which
     * Docker copies into the root file system. Default: false.
     */
    readOnly?: boolean;
    /** Absolute paths that can be written to, in memory, and are empty at each start. Default: none. */
    tmpfs?: string[];
    /** `none`: no network at all. Default: `networks`; if there are none, `bridge`, which reaches the outside. */
    networkMode?: string;
}

/** What services and jobs have in common. None of them can gain privileges (`no-new-privileges`). */
export interface ContainerSpec extends Privileges {
    /** Image reference. It must be on the host, or the host must be able to pull it. A change replaces the container. */
    image: string;
    /** Replaces the entrypoint of the image. */
    entrypoint?: string[];
    command?: string[];
    /** Plain variables: anybody who may `docker inspect` reads them. */
    environment?: Record<string, pulumi.Input<string>>;
    /** File name under `/run/secrets` -> content. Owner root. */
    secrets?: Record<string, pulumi.Input<string>>;
    /** Octal mode of secrets and secret variables: "0444" for a program that is not root. Only this container sees them. Default: "0400". */
    secretsMode?: string;
    /**
     * Variable -> secret, for software that reads nothing but its environment. The value travels as a file and a small
     * shell script exports it inside the container, so `docker inspect` does not show it. Needs `command` (or `entrypoint`)
     * spelled out, and `/bin/sh` in the image.
     */
    secretEnvironment?: Record<string, pulumi.Input<string>>;
    /** Absolute path in the container -> file. */
    files?: Record<string, File>;
    mounts?: Mount[];
    networks?: NetworkAttachment[];
    /** User and group as `docker run --user` takes them. Default: the image's. */
    user?: string;
    /** Limit in MiB. Default: 512. */
    memory?: number;
    /** What must be there, and ready, first. */
    dependsOn?: pulumi.Resource[];
}

export interface ServiceSpec extends ContainerSpec {
    /** Stable host name. Default: the role. */
    hostname?: string;
    /** Default: `<prefix>-<component>-<role>`. A change replaces the container. */
    containerName?: string;
    ports?: Port[];
    /** With it, the service counts as created when it is healthy; without, when it is started. */
    healthcheck?: Healthcheck;
    /** Seconds after which a service that is not healthy counts as failed. Default: 300. */
    startTimeout?: number;
    /** Default: the image's, else SIGTERM. */
    stopSignal?: string;
    /** Seconds between stop signal and kill. Default: 10. */
    stopGracePeriod?: number;
    /** Log rotation. Default: 3 files of 10 MB. */
    logging?: { maxSize: string; maxFile: number };
    /** `no`, `always` or `unless-stopped`. Default: "unless-stopped". */
    restart?: string;
    /** Stops before any of these is replaced, and starts after it: `restart: true` below `depends_on` in Compose. */
    restartWith?: Service[];
    /** Refuses any replacement or deletion of the running container unless it is allowed. */
    guard?: Guard;
}

/**
 * A service that must not be interrupted without a word from its owner. Updates are refused in their preview, and so is
 * `pulumi destroy --run-program`, before anything is deleted. Never add `--skip-preview` to a destroy: the engine then asks the guard when
 * it comes to the service, and has deleted others by then. Without `--run-program`, the CLI refuses to destroy a guarded service.
 */
export interface Guard {
    /** What it is called in messages, e.g. `engine "reactor-1"`. */
    subject: string;
    /** Where the permission is set, e.g. `openpectus.engines.reactor-1.allowRestart`. */
    setting: string;
    /** The permission. */
    allowRestart: boolean;
    /** Version of the software in the image. While it stays the same and no restart is allowed, another image waits. Default: none waits. */
    imageVersion?: string;
    /** Run inside the old container; what it prints on one line is added to the refusal (e.g. "a run is active"). */
    statusCommand?: string[];
}

export interface Service {
    /** Name of the container. */
    readonly name: string;
    /** Name under which the service is found on its networks. */
    readonly alias: string;
    /** Resolves when the service is usable. */
    readonly ready: pulumi.Output<string>;
    readonly resource: pulumi.Resource;
    /** With a guard: what the component registers as its output `guarded`, so that `make down` finds it in the state. */
    readonly guarded?: GuardedContainer;
}

/** A container that must not be interrupted, in plain values. */
export interface GuardedContainer extends Pick<Guard, "subject" | "allowRestart" | "statusCommand"> {
    container: string;
}

/** A job that is new to the state (first deployment, after `make down`) runs with `JOB_FIRST_RUN=yes` in its environment. */
export interface JobSpec extends ContainerSpec {
    /** A change of any of them, or of image, command, environment or files, runs the job again (in place). */
    triggers?: Record<string, pulumi.Input<string>>;
    /** Only the triggers run the job again: for one whose result outlives a change of everything else. Default: false. */
    triggersOnly?: boolean;
    /** Seconds after which the job is killed and counts as failed. Default: 600. */
    timeout?: number;
}

export interface Job {
    /** Resolves when the job has succeeded. */
    readonly done: pulumi.Output<string>;
    readonly resource: pulumi.Resource;
}
