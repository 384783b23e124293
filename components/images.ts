import lock from "../images.lock.json";

export interface LockedImage {
    /** Reference with a digest, or with a tag made from the content. */
    reference: string;
    /** Version of the software inside. */
    version: string;
    /** Processor that it runs on, e.g. `amd64`. */
    architecture: string;
}

/** The default image of a role, as `images.lock.json` pins it. */
export function lockedImage(role: string): LockedImage {
    const entry = (lock as Record<string, { image: string; version: string; architecture: string; digest?: string }>)[role];
    if (!entry) throw new Error(`images.lock.json has no image for the role "${role}": run \`make images\``);
    return { reference: entry.digest ?? entry.image, version: entry.version, architecture: entry.architecture };
}

/** Whether the reference can never mean another image: a digest, an image id, or a tag of ours, which is a hash of the content. */
export function isPinned(reference: string): boolean {
    return /(^|@)sha256:[0-9a-f]{64}$/.test(reference) || /^(.+\/)?groundwork\/[^:]+:.+-[0-9a-f]{12}$/.test(reference);
}
