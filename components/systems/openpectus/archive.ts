import type { ContainerSpec } from "../../workload";

const KEEP_ARCHIVES = "/run/groundwork/keep-archives";

/** Leads the package's own directory to the mounted one, and becomes the engine. */
const script = `
import filecmp, importlib.util, os, shutil, sys

def same(a, b):
    if os.path.islink(a) or os.path.islink(b):
        return os.path.islink(a) and os.path.islink(b) and os.readlink(a) == os.readlink(b)
    return os.path.isfile(b) and filecmp.cmp(a, b, shallow=False)

def keep(source, wanted):
    """A container that is killed meanwhile leaves nothing by halves behind: only a whole copy gets its name."""
    target, number = wanted, 0
    while os.path.lexists(target):
        if same(source, target):
            return
        number += 1
        target = f"{wanted}.{number}"
    moving = os.path.join(kept, ".moving")
    if os.path.lexists(moving):
        os.unlink(moving)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy2(source, moving, follow_symlinks=False)
    os.replace(moving, target)

def keep_all():
    for directory, names, files in os.walk(written):
        links = [name for name in names if os.path.islink(os.path.join(directory, name))]
        for name in files + links:
            source = os.path.join(directory, name)
            keep(source, os.path.join(kept, os.path.relpath(source, written)))

kept, command = sys.argv[1], sys.argv[2:]
package = importlib.util.find_spec("openpectus")
if package is None:
    sys.exit("run archives cannot be kept: python3 of this image does not find the package openpectus")
written = os.path.join(package.submodule_search_locations[0], "engine", "data")
if os.path.realpath(written) != os.path.realpath(kept):
    if os.path.isdir(written) and not os.path.islink(written):
        keep_all()
        shutil.rmtree(written)
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
