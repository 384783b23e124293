import Docker from "dockerode";
import { requireDaemon, say } from "./command";
import type { Lock } from "./lock";
import { Refusal } from "./refusal";

/** Asks a registry for the digest of `image`, e.g. `sha256:...`. */
export type Resolve = (image: string) => Promise<string>;

/** The lock with a fresh digest for each published image; all of them or none. */
export async function pin(lock: Lock, resolve: Resolve = askRegistry): Promise<Lock> {
    const pinned = { ...lock };
    const problems: string[] = [];
    for (const [role, entry] of Object.entries(lock).filter(([, { builtHere }]) => !builtHere)) {
        try {
            const digest = `${entry.image.replace(/:[^:/]*$/, "")}@${await resolve(entry.image)}`;
            say(`${role}: ${digest}${digest === entry.digest ? " (as before)" : ""}`);
            pinned[role] = { ...entry, digest };
        } catch (error) {
            problems.push(`${role}: ${entry.image}: ${(error as Error).message}`);
        }
    }
    if (problems.length > 0) {
        throw new Refusal([...problems, "images.lock.json is unchanged: make pin needs a Docker daemon that reaches these registries"].join("\n"));
    }
    return pinned;
}

/** The daemon asks, so that its proxy and mirror settings count. */
async function askRegistry(image: string): Promise<string> {
    requireDaemon();
    const { Descriptor } = (await new Docker().getImage(image).distribution()) as { Descriptor: { digest: string } };
    return Descriptor.digest;
}
