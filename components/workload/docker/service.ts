import { Container, type ContainerArgs } from "@pulumi/docker/container";
import * as pulumi from "@pulumi/pulumi";
import type { Guard, GuardedContainer, Mount, Port, Privileges, Service, ServiceSpec } from "../types";
import { commandLine, commonFields, environmentList, uploads } from "./container";
import { dockerDuration } from "./duration";
import { hashFields } from "./fields";
import { hookSubject, mayStop, registerHooks } from "./hooks";
import { LABEL, labelList } from "./labels";
import type { WorkloadPlace } from "./place";
import { privilegesOf } from "./privileges";

export interface ServicePlace extends WorkloadPlace {
    /** Id of the image on the host. */
    imageId: pulumi.Input<string>;
}

/** Defaults, stated once: what the documentation of `ServiceSpec` promises. */
const DEFAULTS = { memory: 512, maxSize: "10m", maxFile: 3, stopGracePeriod: 10, restart: "unless-stopped", startTimeout: 300 };

export function dockerService(place: ServicePlace, spec: ServiceSpec, opts: pulumi.ResourceOptions): Service & { resource: Container } {
    const name = place.physical;
    const privileges = privilegesOf(place.role, spec);
    const { label, known } = hashFields(place.hashKey, { ...serviceFields(spec), ...privileges });
    const hostname = spec.hostname ?? place.role;
    hookSubject(place, { guard: spec.guard, hostname, fields: known, pidsLimit: privileges.pidsLimit });
    const resource = new Container(
        place.logical,
        {
            name,
            image: place.imageId,
            labels: labelList({ ...place.labels, [LABEL.config]: label, ...(spec.guard && { [LABEL.guarded]: "true" }) }),
            ...processArgs(place, spec),
            ...privilegeArgs(privileges),
            ...storageArgs(spec),
            ...networkArgs(place.role, spec),
            ...healthArgs(spec),
        },
        pulumi.mergeOptions(opts, {
            dependsOn: spec.dependsOn,
            // Deleted before these, too: `dependsOn` orders starts only.
            replaceWith: spec.restartWith?.map(({ resource }) => resource),
            deleteBeforeReplace: true,
            hooks: serviceHooks(spec),
            // Another build of the same version is no reason to interrupt a guarded container; a new version shows in the hash.
            ignoreChanges: spec.guard?.imageVersion !== undefined && !mayStop(spec.guard, place.logical, hostname) ? ["image"] : [],
        }),
    );
    return { name, alias: place.role, ready: resource.id, resource, guarded: guarded(name, spec.guard) };
}

function guarded(container: string, guard: Guard | undefined): GuardedContainer | undefined {
    return guard && { container, subject: guard.subject, allowRestart: guard.allowRestart, statusCommand: guard.statusCommand };
}

function serviceHooks(spec: ServiceSpec): pulumi.ResourceHookBinding {
    const { claimName, guardReplacement, limitProcesses } = registerHooks();
    return { beforeCreate: [claimName], afterCreate: [limitProcesses], ...(spec.guard && { beforeDelete: [guardReplacement] }) };
}

/** Everything whose change must replace the container, under the name that the specification gives it. */
function serviceFields(spec: ServiceSpec) {
    const { hostname, containerName, ports, healthcheck, stopSignal, stopGracePeriod, logging } = spec;
    const image = spec.guard?.imageVersion ?? spec.image;
    return { ...commonFields(spec), image, hostname, containerName, ports, healthcheck, stopSignal, stopGracePeriod, logging };
}

function processArgs(place: ServicePlace, spec: ServiceSpec): Partial<ContainerArgs> {
    const { entrypoint, command } = commandLine(place.role, spec);
    return {
        hostname: spec.hostname ?? place.role,
        ...(entrypoint && { entrypoints: entrypoint }),
        ...(command && { command }),
        envs: environmentList(spec.environment),
        ...(spec.user && { user: spec.user }),
        memory: spec.memory ?? DEFAULTS.memory,
        // The same figure means no swap. Left out, Docker chooses one and every later update wants it gone.
        memorySwap: spec.memory ?? DEFAULTS.memory,
        restart: spec.restart ?? DEFAULTS.restart,
        ...(spec.stopSignal && { stopSignal: spec.stopSignal }),
        stopTimeout: spec.stopGracePeriod ?? DEFAULTS.stopGracePeriod,
        // Without it the provider kills the container at once, whatever the stop signal says.
        destroyGraceSeconds: spec.stopGracePeriod ?? DEFAULTS.stopGracePeriod,
        logDriver: "json-file",
        logOpts: { "max-size": spec.logging?.maxSize ?? DEFAULTS.maxSize, "max-file": String(spec.logging?.maxFile ?? DEFAULTS.maxFile) },
    };
}

/** All but the limit of processes, for which the Docker provider has no word: a hook sets it. */
function privilegeArgs({ capDrop, capAdd, readOnly, tmpfs, networkMode }: Required<Privileges>): Partial<ContainerArgs> {
    return {
        securityOpts: ["no-new-privileges:true"],
        // As Docker itself gives them back: otherwise every refresh finds a change, and the update after it replaces the container.
        capabilities: { drops: capDrop, adds: capAdd.map((name) => `CAP_${name}`) },
        ...(readOnly && { readOnly }),
        ...(tmpfs.length > 0 && { tmpfs: Object.fromEntries(tmpfs.map((path) => [path, ""])) }),
        networkMode,
    };
}

function storageArgs(spec: ServiceSpec): Partial<ContainerArgs> {
    return {
        volumes: (spec.mounts ?? []).map(mountArgs),
        uploads: uploads(spec),
        // Anonymous volumes of an image may hold data that nobody declared.
        removeVolumes: false,
    };
}

function mountArgs(mount: Mount) {
    return { volumeName: mount.volume, hostPath: mount.hostPath, containerPath: mount.target, readOnly: mount.readOnly ?? false };
}

function networkArgs(role: string, spec: ServiceSpec): Partial<ContainerArgs> {
    return {
        networksAdvanced: (spec.networks ?? []).map(({ id, aliases }) => ({
            name: id,
            aliases: [...new Set([role, ...(aliases ?? [])])].sort(),
        })),
        ports: (spec.ports ?? []).map(portArgs),
    };
}

function portArgs({ target, published, hostIp }: Port) {
    return { internal: target, external: published, ip: hostIp ?? "127.0.0.1", protocol: "tcp" };
}

function healthArgs({ healthcheck, startTimeout }: ServiceSpec): Partial<ContainerArgs> {
    if (!healthcheck) return {};
    const { test, interval = "5s", timeout = "5s", retries = 6, startPeriod = "30s" } = healthcheck;
    const [every, limit, grace] = [interval, timeout, startPeriod].map(dockerDuration);
    return {
        healthcheck: { tests: test, interval: every, timeout: limit, retries, startPeriod: grace },
        wait: true,
        waitTimeout: startTimeout ?? DEFAULTS.startTimeout,
    };
}
