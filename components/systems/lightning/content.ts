import type * as pulumi from "@pulumi/pulumi";
import { granted, type Mount, type Runtime } from "../../workload";
import type { LightningContent } from "./args";
import { contentPath } from "./defaults";
import { lightningPrivileges } from "./privileges";

/** A directory of the host that somebody else fills, as a container sees it. */
export interface Content {
    mounts: Mount[];
    /** What has found something in it. */
    ready: pulumi.Resource[];
}

const SCRIPT = `
if [ -z "$(ls -A /content)" ]; then
    printf '%s\\n' "$DIRECTORY on the host is empty, was not there, or cannot be read: fill it, and let everybody read it" >&2
    exit 1
fi
`;

/** Docker makes a directory that is missing, empty and without a word, and the program finds nothing in it. So a job looks first. */
export function hostContent(
    run: Runtime,
    role: string,
    { image, content, standard }: { image: string; content: LightningContent | undefined; standard: string },
): Content {
    const path = content?.hostPath;
    if (path === undefined) return { mounts: [], ready: [] };
    const mount = { hostPath: path, readOnly: true };
    const look = run.job(role, {
        ...granted(lightningPrivileges.content),
        image,
        entrypoint: ["/bin/sh", "-c"],
        command: [SCRIPT.trim()],
        environment: { DIRECTORY: path },
        mounts: [{ ...mount, target: "/content" }],
    });
    return { mounts: [{ ...mount, target: contentPath(content, standard)! }], ready: [look.resource] };
}
