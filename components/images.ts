import lock from "../images.lock.json";
import { error, warning, type Problem } from "./problem";

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

/** How much it matters that an image stays the same. */
export interface ImagePolicy {
    /** Whether data is kept safe here. Default: true. */
    dataProtection?: boolean;
    /** Whether the person has said that a tag will do. Default: false. */
    allowFloating?: boolean;
}

/**
 * Where data is protected, every image is named by what it is, so that nobody can put another one behind a tag, and every host runs the
 * same. Elsewhere a tag will do if it names a version.
 *
 * @param image as it is set; without it the default of the role counts
 * @param path of the setting, e.g. `lightning.web.image`
 */
export function checkImage(image: string | undefined, role: string, path: string, policy: ImagePolicy = {}): Problem[] {
    const { dataProtection = true, allowFloating = false } = policy;
    const reference = image ?? lockedImage(role).reference;
    if (allowFloating || isPinned(reference) || (!dataProtection && namesVersion(reference))) return [];
    const problem = `"${reference}" can come to mean another image`;
    const fix = image === undefined ? PIN : byDigest(reference) + ("allowFloating" in policy ? ", or set allowFloatingImage: true" : "");
    return [(dataProtection ? error : warning)(path, problem, fix)];
}

const PIN = "run `make pin`, which writes its digest to images.lock.json, and commit that; or give an image by digest (…@sha256:…)";

function byDigest(reference: string): string {
    return `give it by digest (…@sha256:…), which \`docker image inspect --format '{{index .RepoDigests 0}}' ${reference}\` prints after a pull`;
}

/** `:v2.14.14`, but not `:latest` or `:main`. */
function namesVersion(reference: string): boolean {
    return /:[^:/]*\d[^:/]*$/.test(reference);
}
