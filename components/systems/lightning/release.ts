import { lockedImage } from "../../images";
import type { LightningSettings } from "./args";

/**
 * Releases, as far as images tell them: upstream has renamed variables and added others. Sources of every number in this folder: the
 * change logs of Lightning and of its worker, and the worker's code at its tags.
 */

/** Release of web, e.g. `2.14.14`. Undefined for a digest alone, and for an image of another name. */
export function webRelease({ web }: LightningSettings): string | undefined {
    return releaseOf(web?.image, "lightning", /(^|[/-])lightning$/);
}

/** Release of the workers, e.g. `1.19.6`. Undefined for a digest alone, and for an image of another name. */
export function workerRelease({ workers }: LightningSettings): string | undefined {
    return releaseOf(workers?.image, "lightning-worker", /(^|[/-])worker$/);
}

/** Whether a release is that one or a newer one. */
export function isFrom(release: string, first: string): boolean {
    return release.localeCompare(first, "en", { numeric: true }) >= 0;
}

function releaseOf(image: string | undefined, role: string, name: RegExp): string | undefined {
    const locked = lockedImage(role);
    if (image === undefined || image === locked.reference) return numbers(locked.version);
    const [, repository = "", tag = ""] = /^([^@]+):([^:/@]+)(?:@|$)/.exec(image) ?? [];
    return name.test(repository) ? numbers(tag) : undefined;
}

function numbers(version: string): string | undefined {
    return /^v?(\d+\.\d+\.\d+)/.exec(version)?.[1];
}
