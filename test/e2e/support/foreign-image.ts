import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Docker } from "./docker";
import { run } from "./process";

/** Puts an image without any file on the host that says it is for another processor. Nothing else makes one on this machine. */
export async function foreignImage(image: string, architecture: string, docker = new Docker()): Promise<void> {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-image-"));
    const layer = Buffer.alloc(10240);
    const digest = createHash("sha256").update(layer).digest("hex");
    const files = {
        "layer.tar": layer,
        "config.json": JSON.stringify({
            architecture,
            os: "linux",
            config: {},
            rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
        }),
        "manifest.json": JSON.stringify([{ Config: "config.json", RepoTags: [image], Layers: ["layer.tar"] }]),
    };
    try {
        for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
        const archive = join(directory, "image.tar");
        await run("tar", ["-C", directory, "-cf", archive, ...Object.keys(files)]);
        await docker.cli("load", "--input", archive);
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}
