import { error, type Problem } from "../problem";

/** What `docker info` calls a machine (as `uname -m` does) -> what images and registries call it. */
const NAMES: Record<string, string> = { x86_64: "amd64", aarch64: "arm64", armv7l: "arm", armv6l: "arm", i686: "386" };

function named(architecture: string): string {
    return NAMES[architecture] ?? architecture;
}

/**
 * A program for another processor ends at once with "exec format error", or is emulated, too slowly to control anything.
 *
 * @param imageArchitecture in either spelling, e.g. `amd64` or `x86_64`
 * @param hostArchitecture the same for the host
 * @param path what has the image: a setting, or the image itself
 */
export function checkArchitecture(imageArchitecture: string, hostArchitecture: string, path: string): Problem[] {
    const [image, host] = [named(imageArchitecture), named(hostArchitecture)];
    if (image === host) return [];
    const fix = `use an image for ${host}, or a host with ${image} processors`;
    return [error(path, `it is built for ${image} processors, and the host has ${host}`, fix)];
}
