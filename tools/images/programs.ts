import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { repository } from "./catalogue";
import { Refusal } from "./refusal";

const toolchain = path.join(repository, "tools/toolchain");

/** The folder that pins a Go program which goes into an image. */
export function programPins(name: string): string {
    return path.join(toolchain, "extras", name);
}

/** Path of the program. The toolchain builds it once and caches it. */
export function programPath(name: string): string {
    const { status, stdout } = spawnSync(path.join(toolchain, "build"), [name], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    if (status !== 0) {
        throw new Refusal(`tools/toolchain/build ${name} failed, see above`);
    }
    return stdout.trim();
}
