import * as path from "node:path";
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

/** Another Docker daemon. */
export interface RemoteDaemon {
    /** `tcp://`, `ssh://` or `unix://`. */
    host: string;
    /** For `tcp://`: directory with `ca.pem`, `cert.pem` and `key.pem` of a client. */
    certificates?: string;
}

/** Copies images to another Docker daemon over its API, those it does not have yet. */
export async function load(images: string[], daemon: RemoteDaemon): Promise<void> {
    const { host } = daemon;
    const remote = ["--host", host, ...certificateFlags(daemon)];
    if (docker(...remote, "version") === undefined) {
        throw new Refusal(`no Docker daemon answers at ${host}: check the address, and for tcp:// the certificates (CERTIFICATES=<directory>)`);
    }
    for (const image of images) {
        const there = docker(...remote, "image", "inspect", "--format", "{{.Id}}", image);
        if (there === undefined || there !== docker("image", "inspect", "--format", "{{.Id}}", image)) {
            await step(`copying ${image} to ${host}`, () => pipeline('docker save "$1" | docker "${@:2}" load', [image, ...remote]));
        }
    }
}

/** Flags and not DOCKER_CERT_PATH, which the client would hold against the daemon of this machine, too. */
function certificateFlags({ certificates }: RemoteDaemon): string[] {
    if (!certificates) return [];
    const file = (name: string) => path.join(certificates, name);
    return ["--tlsverify", "--tlscacert", file("ca.pem"), "--tlscert", file("cert.pem"), "--tlskey", file("key.pem")];
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
