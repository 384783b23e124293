import lock from "../images.lock.json";

export interface LockedImage {
    /** Reference with a digest, or with a tag made from the content. */
    reference: string;
    /** Version of the software inside. */
    version: string;
}

/** An image that a configuration uses. */
export interface ImageUse {
    /** Name of the host in the config. */
    host: string;
    reference: string;
    /** The setting that names another one. */
    path: string;
}

/** The default image of a role, as `images.lock.json` pins it. */
export function lockedImage(role: string): LockedImage {
    const entry = (lock as Record<string, { image: string; version: string; digest?: string }>)[role];
    if (!entry) throw new Error(`images.lock.json has no image for the role "${role}": run \`make images\``);
    return { reference: entry.digest ?? entry.image, version: entry.version };
}

/** The image of a role, as a setting gives it or as it is by default. */
export function imageUse(role: string, given: string | undefined, path: string, host: string): ImageUse {
    return { host, reference: given ?? lockedImage(role).reference, path };
}

/** Whether the reference can never mean another image: a digest, an image id, or a tag of ours, which is a hash of the content. */
export function isPinned(reference: string): boolean {
    return /(^|@)sha256:[0-9a-f]{64}$/.test(reference) || /^(.+\/)?groundwork\/[^:]+:.+-[0-9a-f]{12}$/.test(reference);
}
