import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Docker } from "./docker";
import { aptGet } from "./packages";
import { run } from "./process";

/** Commands of BusyBox that the fixtures use. */
const COMMANDS = "sh cat chmod chown date echo env false httpd id kill ls mkdir printf sleep stat test touch true wget".split(" ");

/**
 * A 2 MB image for programs of the tests: BusyBox from Debian on an empty file system. `tag` tells copies apart, which
 * differ in the file /version.
 */
export async function smallImage(tag: string, docker = new Docker()): Promise<string> {
    const image = `groundwork-test/small:${tag}`;
    if ((await docker.tryCli("image", "inspect", image)).code === 0) return image;
    const directory = mkdtempSync(join(tmpdir(), "groundwork-image-"));
    try {
        const tree = await fileSystem(directory, tag);
        await run("tar", ["-C", tree, "-cf", join(directory, "image.tar"), "."]);
        await docker.cli("import", "--change", 'CMD ["sh"]', join(directory, "image.tar"), image);
        return image;
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

async function fileSystem(directory: string, tag: string): Promise<string> {
    const tree = join(directory, "tree");
    for (const path of ["bin", "tmp", "etc", "run", "data"]) mkdirSync(join(tree, path), { recursive: true });
    copyFileSync(await busybox(directory), join(tree, "bin", "busybox"));
    for (const command of COMMANDS) symlinkSync("busybox", join(tree, "bin", command));
    await run("sh", ["-c", `echo "${tag}" > '${tree}/version'; echo root:x:0:0:root:/:/bin/sh > '${tree}/etc/passwd'`]);
    return tree;
}

async function busybox(directory: string): Promise<string> {
    const packages = join(directory, "deb");
    mkdirSync(packages);
    await aptGet(["download", "-qq", "busybox-static"], { cwd: packages });
    const [archive] = readdirSync(packages);
    if (!archive) throw new Error("apt-get could not download busybox-static, of which the small test image is made");
    await run("dpkg-deb", ["--extract", join(packages, archive), join(directory, "busybox")]);
    return join(directory, "busybox", "bin", "busybox");
}
