import { docker, pipeline, step } from "./command";
import type { Lock } from "./lock";
import { Refusal } from "./refusal";

/** Pushes the images built here to a registry; returns the lock with the digests that the registry answered. */
export async function push(lock: Lock, registry: string): Promise<Lock> {
    const pushed = { ...lock };
    for (const [role, entry] of Object.entries(lock).filter(([, { builtHere }]) => builtHere)) {
        const remote = `${registry.replace(/\/$/, "")}/${entry.image}`;
        await step(`pushing ${remote}`, () => pipeline('docker tag "$1" "$2"; docker push "$2"', [entry.image, remote]));
        pushed[role] = { ...entry, digest: repositoryDigest(remote) };
    }
    return pushed;
}

/** Copies images to another Docker daemon over its API (`tcp://`, `ssh://` or `unix://`), those it does not have yet. */
export async function load(images: string[], host: string): Promise<void> {
    if (docker("--host", host, "version") === undefined) {
        throw new Refusal(`no Docker daemon answers at ${host}: check the address, and DOCKER_CERT_PATH and DOCKER_TLS_VERIFY for tcp://`);
    }
    for (const image of images) {
        const there = docker("--host", host, "image", "inspect", "--format", "{{.Id}}", image);
        if (there === undefined || there !== docker("image", "inspect", "--format", "{{.Id}}", image)) {
            await step(`copying ${image} to ${host}`, () => pipeline('docker save "$1" | docker --host "$2" load', [image, host]));
        }
    }
}

function repositoryDigest(remote: string): string {
    const name = remote.replace(/:[^:/]*$/, "");
    const digests = docker("image", "inspect", "--format", "{{join .RepoDigests \"\\n\"}}", remote)?.split("\n") ?? [];
    const digest = digests.find((text) => text.startsWith(`${name}@`));
    if (!digest) {
        throw new Refusal(`${remote}: pushed, but the daemon does not know its digest`);
    }
    return digest;
}
