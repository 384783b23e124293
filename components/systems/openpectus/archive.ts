import type { ContainerSpec } from "../../workload";

const KEEP_ARCHIVES = "/run/groundwork/keep-archives";

/** Leads the package's own directory to the mounted one, and becomes the engine. */
const script = `
import importlib.util, os, shutil, sys

kept, command = sys.argv[1], sys.argv[2:]
package = importlib.util.find_spec("openpectus")
if package is None:
    sys.exit("run archives cannot be kept: python3 of this image does not find the package openpectus")
written = os.path.join(package.submodule_search_locations[0], "engine", "data")
if os.path.realpath(written) != os.path.realpath(kept):
    if os.path.isdir(written) and not os.path.islink(written):
        for name in os.listdir(written):
            shutil.move(os.path.join(written, name), kept)
        os.rmdir(written)
    elif os.path.lexists(written):
        os.unlink(written)
    os.symlink(kept, written)
os.execvp(command[0], command)
`;

/**
 * An engine writes its run archives into its own package, which every image has elsewhere, and knows no setting for that. So each start
 * first makes a link from there to the mount; where that fails, the engine does not start, and no run goes unarchived unnoticed.
 */
export function keepArchives<Spec extends Pick<ContainerSpec, "command" | "files">>(spec: Spec, target: string): Spec {
    return {
        ...spec,
        command: ["python3", KEEP_ARCHIVES, target, ...spec.command!],
        files: { ...spec.files, [KEEP_ARCHIVES]: { content: script.trimStart() } },
    };
}
