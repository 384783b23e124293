import { lockedImage } from "../../images";
import type { LightningSettings } from "./args";

/**
 * Releases, as far as images tell them: upstream has renamed variables and added others. Sources of every number in this folder: the
 * change logs of Lightning and of its worker, and the worker's code at its tags.
 */

/** Release of web, e.g. `2.14.14`. Undefined for a digest alone, and for an image of another name. */
export function webRelease({ web }: LightningSettings): string | undefined {
    return releaseOf(web?.image, "lightning", /(^|\/)(stand-in-)?lightning$/);
}

/** Release of the workers, e.g. `1.19.6`. Undefined for a digest alone, and for an image of another name. */
export function workerRelease({ workers }: LightningSettings): string | undefined {
    return releaseOf(workers?.image, "lightning-worker", /(^|\/)(ws-worker|stand-in-lightning-worker)$/);
}

/** Whether a release is that one or a newer one; a release for trial, such as `2.11.0-pre1`, comes before its own. */
export function isFrom(release: string, first: string): boolean {
    const [numbers = "", trial] = release.split("-");
    const order = numbers.localeCompare(first, "en", { numeric: true });
    return order > 0 || (order === 0 && trial === undefined);
}

function releaseOf(image: string | undefined, role: string, name: RegExp): string | undefined {
    const locked = lockedImage(role);
    if (image === undefined || image === locked.reference) return named(locked.version);
    const [, repository = "", tag = ""] = /^([^@]+):([^:/@]+)(?:@|$)/.exec(image) ?? [];
    return name.test(repository) ? named(tag) : undefined;
}

/** Of what may stand behind the numbers only a mark for trial says something of the release. */
function named(version: string): string | undefined {
    return /^v?(\d+\.\d+\.\d+(-(pre|rc|alpha|beta)[.\d]*)?)/.exec(version)?.[1];
}
