import { parseArgs } from "node:util";
import { ensureImage } from "./build";
import { catalogue, findRole, type Role } from "./catalogue";
import { exists, requireDaemon, say } from "./command";
import { currentLock, readLock, writeLock, type Lock } from "./lock";
import { neededImages } from "./needed";
import { pin } from "./pin";
import { load, push } from "./publish";
import { Refusal } from "./refusal";
import { writeSbom } from "./sbom";
import { imageTag } from "./tag";

const usage = `usage: node --import tsx tools/images <verb>
    build [role...] [--version X]   builds what the daemon lacks (no role: all that the program deploys) and updates images.lock.json
    needed --stack <name>           prints the roles that an environment needs on this machine and no registry has
    tag <role> [--version X]        prints the name of an image
    push <registry>                 pushes the images built here and records their digests in images.lock.json
    load --host <address> [--certificates <directory>]
                                    copies the images built here to another Docker daemon
    sbom [role...]                  lists what is in the images built here (SPDX), builds them if need be, and prints the files
    pin                             resolves the tags of published images to digests`;

/** Carries out one command line. */
export async function main(args: string[]): Promise<void> {
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { version: { type: "string" }, host: { type: "string" }, stack: { type: "string" }, certificates: { type: "string" } } });
    const [verb, ...names] = positionals;
    const roles = catalogue();
    switch (verb) {
        case "build":
            return build(roles, wanted(roles, names), values.version);
        case "needed":
            return void console.log(notPublished(roles, neededImages(values.stack ?? "dev")).join("\n"));
        case "tag":
            return void console.log(imageTag(roles, findRole(roles, names[0], values.version)));
        case "push":
            return pushAll(roles, names[0]);
        case "load":
            return loadAll(roles, values.host, values.certificates);
        case "sbom":
            return listContents(roles, wanted(roles, names));
        case "pin":
            return save(await pin(currentLock(roles, readLock())));
        default:
            throw new Refusal(usage);
    }
}

function wanted(roles: Map<string, Role>, names: string[]): string[] {
    return names.length > 0 ? names : [...roles.values()].filter(({ use }) => use === "deploy").map(({ name }) => name);
}

/** Without those that the program takes from the registry to which they were pushed. */
function notPublished(roles: Map<string, Role>, names: string[]): string[] {
    const lock = currentLock(roles, readLock());
    return names.filter((name) => !lock[name]?.digest);
}

async function build(roles: Map<string, Role>, names: string[], version?: string): Promise<void> {
    if (version && names.length !== 1) {
        throw new Refusal("--version belongs to one role: build <role> --version X");
    }
    requireDaemon();
    for (const name of names) {
        console.log(await ensureImage(roles, findRole(roles, name, version)));
    }
    save(currentLock(roles, readLock()));
}

async function listContents(roles: Map<string, Role>, names: string[]): Promise<void> {
    requireDaemon();
    for (const name of names) {
        console.log(await writeSbom(await ensureImage(roles, findRole(roles, name))));
    }
}

async function pushAll(roles: Map<string, Role>, registry?: string): Promise<void> {
    if (!registry) {
        throw new Refusal("push needs a registry: make images PUSH=registry.example.org/team");
    }
    requireDaemon();
    const lock = currentLock(roles, readLock());
    requireImages(builtHere(lock));
    save(await push(lock, registry));
}

async function loadAll(roles: Map<string, Role>, host?: string, certificates?: string): Promise<void> {
    if (!host) {
        throw new Refusal("load needs the other daemon's address: load --host ssh://user@machine");
    }
    requireDaemon();
    const images = builtHere(currentLock(roles, readLock()));
    requireImages(images);
    await load(images, { host, certificates });
}

function builtHere(lock: Lock): string[] {
    return Object.values(lock).filter((entry) => entry.builtHere).map(({ image }) => image);
}

function requireImages(images: string[]): void {
    const missing = images.filter((image) => !exists(image));
    if (missing.length > 0) {
        throw new Refusal(`not built yet: ${missing.join(", ")}: run make images first`);
    }
}

function save(lock: Lock): void {
    if (writeLock(lock)) {
        say("images.lock.json: updated");
    }
}
