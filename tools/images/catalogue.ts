import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { Refusal } from "./refusal";

/** What an image is for: deployed by the program, needed by tests only, or a step in building the others. */
export type Use = "deploy" | "test" | "build";

/** One folder below `images/` that holds an `image.json`. */
export interface Role {
    name: string;
    directory: string;
    /** Version of the software inside; becomes the first half of the tag and the build argument VERSION. */
    version: string;
    /** Role of the image that this one is built in. */
    from?: string;
    use: Use;
    /** Programs from `tools/toolchain/extras` that go to /usr/local/bin. */
    programs: string[];
}

export const repository = path.resolve(__dirname, "../..");

/** Every image that this checkout can build, by role. */
export function catalogue(root = path.join(repository, "images")): Map<string, Role> {
    const directories = readdirSync(root, { recursive: true, encoding: "utf8" })
        .filter((file) => path.basename(file) === "image.json")
        .map((file) => path.join(root, path.dirname(file)))
        .sort();
    return new Map(directories.map((directory) => [path.basename(directory), readRole(directory)]));
}

/** The role called `name`, with another software version if one is given. */
export function findRole(roles: Map<string, Role>, name: string, version?: string): Role {
    const role = roles.get(name);
    if (!role) {
        throw new Refusal(`no image is called ${name}: known are ${[...roles.keys()].join(", ")}`);
    }
    return version ? { ...role, version } : role;
}

function readRole(directory: string): Role {
    const file = path.join(directory, "image.json");
    const { version, from, use, programs } = JSON.parse(readFileSync(file, "utf8")) as Partial<Role>;
    if (!version || !use) {
        throw new Refusal(`${file}: version and use must be set`);
    }
    if (!existsSync(path.join(directory, from ? "Dockerfile" : "build"))) {
        throw new Refusal(`${directory}: has no ${from ? "Dockerfile" : "build script"}`);
    }
    return { name: path.basename(directory), directory, version, from, use, programs: programs ?? [] };
}
