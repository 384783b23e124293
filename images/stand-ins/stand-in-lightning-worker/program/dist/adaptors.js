/**
 * Adaptors for the engine. The real worker has npm fetch them; here those of the image are linked into the directory of adaptors, and
 * others are refused.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

const readPackage = (directory) => JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8"));

/** As `<name>@<version>`. */
function split(specifier) {
    const at = specifier.lastIndexOf("@");
    return at > 0 ? [specifier.slice(0, at), specifier.slice(at + 1)] : [specifier, undefined];
}

function versionInImage(name) {
    try {
        return readPackage(path.join(MODULES, name)).version;
    } catch {
        return undefined;
    }
}

export const autoinstall = {
    versionLookup: async (specifier) => versionInImage(split(specifier)[0]) ?? "unknown",
    handleInstall: async (specifier, repository) => {
        const [name, version] = split(specifier);
        if (version !== versionInImage(name)) {
            throw new Error(`the stand-in has no npm, and of this adaptor ${versionInImage(name) ?? "no version"} in its image`);
        }
        const alias = `${name}_${version}`;
        const link = path.join(repository, "node_modules", alias);
        mkdirSync(path.dirname(link), { recursive: true });
        symlinkSync(path.join(MODULES, name), link);
        const contents = readPackage(repository);
        contents.dependencies = { ...contents.dependencies, [alias]: `npm:${specifier}` };
        writeFileSync(path.join(repository, "package.json"), JSON.stringify(contents));
    },
};
