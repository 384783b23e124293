import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import * as path from "node:path";
import { sbomOf } from "./cache";
import { pipeline, step } from "./command";
import { programPath } from "./programs";

/** Asks nobody for updates, and lists packages, not every file. */
const env = { SYFT_CHECK_FOR_APP_UPDATE: "false", SYFT_FILE_METADATA_SELECTION: "none" };

/**
 * Lists what is in an image of the daemon, as SPDX: Debian and Python packages, and the modules of Go programs. Returns the file. An image
 * never changes below its name here, so neither does its list.
 */
export async function writeSbom(image: string): Promise<string> {
    const file = sbomOf(image);
    if (existsSync(file)) {
        return file;
    }
    const syft = programPath("syft");
    const partial = `${file}.${process.pid}`;
    mkdirSync(path.dirname(file), { recursive: true });
    try {
        await step(`listing what is in ${image}`, () => pipeline('"$1" scan "docker:$2" --output "spdx-json=$3"', [syft, image, partial], { env }));
        renameSync(partial, file);
    } finally {
        rmSync(partial, { force: true });
    }
    return file;
}
