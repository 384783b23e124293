import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockedImage } from "../../../components/images";
import type { Docker } from "./docker";

/**
 * Open Pectus from PyPI as upstream's own image has it: in the site-packages of a Python below /usr/local, squashed into one layer
 * without PATH, and with nothing that leads out of the package. Upstream's is made from Alpine; this one is Debian's, as ours.
 */
const DOCKERFILE = `
FROM ${lockedImage("openpectus").reference} AS base
RUN python3 -m venv --without-pip /usr/local \\
 && rm /opt/openpectus/lib/python3.13/site-packages/openpectus/engine/data \\
 && mv /opt/openpectus/lib/python3.13/site-packages/* /usr/local/lib/python3.13/site-packages/ \\
 && mv /opt/openpectus/bin/pectus-* /usr/local/bin/ \\
 && sed -i '1s,.*,#!/usr/local/bin/python3,' /usr/local/bin/pectus-* \\
 && rm -r /opt/openpectus /var/lib/openpectus-engine /usr/src/app/data
FROM scratch
COPY --from=base / /
ENV AGGREGATOR_PORT=8300
EXPOSE $AGGREGATOR_PORT
CMD pectus-aggregator --host 0.0.0.0 --port $AGGREGATOR_PORT --database /data/open_pectus_aggregator.sqlite3 --webpush_keys_path /webpush_keys
`;

/** Builds it and returns its id, by which a configuration may name it. Remove it with `docker rmi`. */
export async function imageLaidOutAsUpstream(docker: Docker): Promise<string> {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-image-"));
    try {
        writeFileSync(join(directory, "Dockerfile"), DOCKERFILE);
        const tag = `groundwork-test/openpectus-upstream-layout:${randomBytes(3).toString("hex")}`;
        await docker.cli("build", "--quiet", "--force-rm", "--tag", tag, directory);
        return tag;
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}
