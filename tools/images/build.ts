import { randomUUID } from "node:crypto";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import * as path from "node:path";
import { cache, loadArchive, saveArchive } from "./cache";
import { findRole, type Role } from "./catalogue";
import { docker, exists, pipeline, say, step } from "./command";
import { proxyArguments, writeHostSettings } from "./host";
import { programPath } from "./programs";
import { Refusal } from "./refusal";
import { imageTag } from "./tag";

/** Makes sure that the daemon has the image of this role: as it is, from the cache, or built. Returns its name. */
export async function ensureImage(roles: Map<string, Role>, role: Role): Promise<string> {
    const image = imageTag(roles, role);
    if (exists(image)) {
        return image;
    }
    if (await loadArchive(image)) {
        say(`${image}: loaded from the cache`);
        return image;
    }
    const base = role.from && (await ensureImage(roles, findRole(roles, role.from)));
    await step(`building ${image}`, () => inWorkDirectory((directory) => firstOf(image, (name) => make(role, name, base, directory))));
    await step(`keeping ${image} in the cache`, () => saveArchive(image));
    return image;
}

/**
 * Makes an image below a name of its own and then gives it the real one, unless another process was faster: a name that
 * containers run by already must not move to another image, however alike.
 */
async function firstOf(image: string, work: (name: string) => Promise<void>): Promise<void> {
    const name = `${image}.${process.pid}`;
    await work(name);
    if (!exists(image)) {
        docker("tag", name, image);
    }
    docker("rmi", name);
}

function make(role: Role, image: string, base: string | undefined, directory: string): Promise<void> {
    return base ? build(role, image, base, directory) : bootstrap(role, image, directory);
}

/** The keys first: apt knows the ones of this machine's own release, and the archive of trixie is signed with newer ones as well. */
const installBootstrap = `
    command -v debootstrap && ls /usr/share/keyrings/debian-archive-keyring.* && exit
    apt-get -qq update
    apt-get -qq -y install debian-archive-keyring
    apt-get -qq -y install debootstrap`;

/** Makes the image that the others are built in: a Debian root file system. */
async function bootstrap(role: Role, image: string, directory: string): Promise<void> {
    if (process.getuid?.() !== 0) {
        throw new Refusal("the base image is made with debootstrap, which must run as root: run `make images` once as root (sudo)");
    }
    if (docker("info", "--format", "{{.OSType}}/{{.Architecture}}") !== "linux/x86_64") {
        throw new Refusal("the images are built for x86-64 Linux, and this Docker daemon runs something else");
    }
    await pipeline(installBootstrap, []);
    await pipeline('"$1/build" "$2/host" "$2" | docker import --change "LABEL org.opencontainers.image.title=base" - "$3"', [role.directory, directory, image]);
}

/** Builds a role's Dockerfile. What the build stages leave behind (it holds this machine's settings) is removed. */
async function build(role: Role, image: string, base: string, directory: string): Promise<void> {
    cpSync(role.directory, directory, { recursive: true });
    mkdirSync(path.join(directory, "programs"));
    for (const name of role.programs) {
        copyFileSync(programPath(name), path.join(directory, "programs", name));
        chmodSync(path.join(directory, "programs", name), 0o755);
    }
    const id = randomUUID();
    const args = ["--network", "host", "--force-rm", ...proxyArguments(), "--tag", image];
    for (const argument of [`BASE=${base}`, `VERSION=${role.version}`, `BUILD_ID=${id}`]) {
        args.push("--build-arg", argument);
    }
    // Without the buildx plugin the client would fall back to the classic builder with a warning; the Dockerfiles suit both.
    const env = docker("buildx", "version") === undefined ? { DOCKER_BUILDKIT: "0" } : {};
    try {
        await pipeline('docker build "$@"', [...args, directory], { env });
    } finally {
        docker("image", "prune", "--force", "--filter", `label=groundwork.build=${id}`);
        docker("image", "prune", "--force", "--filter", "label=groundwork.build", "--filter", "until=3h"); // of builds that were killed
    }
}

async function inWorkDirectory(work: (directory: string) => Promise<void>): Promise<void> {
    mkdirSync(cache, { recursive: true });
    removeAbandoned();
    const directory = mkdtempSync(path.join(cache, "build-images."));
    try {
        writeHostSettings(path.join(directory, "host"));
        await work(directory);
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

/** Removes what killed builds left behind. No build takes three hours. */
function removeAbandoned(): void {
    for (const entry of readdirSync(cache).filter((name) => name.startsWith("build-images."))) {
        const directory = path.join(cache, entry);
        const age = Date.now() - (statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
        if (age > 3 * 3600 * 1000) {
            rmSync(directory, { recursive: true, force: true });
        }
    }
}
