import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Docker } from "./docker";

/**
 * An image of a worker that shows web another secret than the one it was given. No configuration can do that, because web and workers
 * share one setting.
 */
export class ForeignWorker {
    private constructor(
        private readonly docker: Docker,
        readonly image: string,
    ) {}

    static async create({ project, docker }: { project: string; docker: Docker }, worker: string): Promise<ForeignWorker> {
        const directory = mkdtempSync(join(tmpdir(), "groundwork-worker-"));
        const start = join(directory, "node");
        writeFileSync(start, '#!/bin/sh\nWORKER_SECRET=$WORKER_SECRET-of-another exec /usr/bin/node "$@"\n', { mode: 0o755 });
        const image = `${project}:foreign-worker`;
        const copy = await docker.cli("create", worker);
        try {
            await docker.cli("cp", start, `${copy}:/usr/local/bin/node`);
            await docker.cli("commit", copy, image);
        } finally {
            await docker.cli("rm", copy);
            rmSync(directory, { recursive: true });
        }
        return new ForeignWorker(docker, image);
    }

    async remove(): Promise<void> {
        await this.docker.tryCli("image", "rm", "--force", this.image);
    }
}
