import { Volume as DockerVolume } from "@pulumi/docker/volume";
import * as pulumi from "@pulumi/pulumi";
import type { DirectoryOwner, HostDirectory, HostDirectorySpec, Job, JobSpec, Mount, Volume, VolumeSpec } from "../types";
import { directoryPrivileges, granted } from "../privileges";
import { hookSubject, registerHooks } from "./hooks";
import { LABEL, labelList } from "./labels";
import type { Place } from "./place";

export interface VolumePlace extends Place {
    /** Take a volume of this name over, whoever made it. */
    adopt: boolean;
}

export function dockerVolume(place: VolumePlace, spec: VolumeSpec, job: (spec: JobSpec) => Job, opts: pulumi.ResourceOptions): Volume {
    const { logical, physical, labels, adopt } = place;
    hookSubject(place, { adopt });
    const resource = new DockerVolume(
        logical,
        { name: physical, labels: labelList({ ...labels, [LABEL.data]: "true" }) },
        pulumi.mergeOptions(opts, {
            protect: spec.protect ?? false,
            retainOnDelete: spec.protect ?? false,
            hooks: { beforeCreate: [registerHooks().claimName] },
            // Docker cannot change the labels of a volume, and other labels are no reason to lose what is in it.
            ignoreChanges: ["labels"],
        }),
    );
    const name = spec.owner ? behind(job(ownership(spec.owner, { volume: resource.name })), resource.name) : resource.name;
    return { name, mount: (target, options): Mount => ({ volume: name, target, readOnly: options?.readOnly ?? false }) };
}

/** Whose a directory of the host is. */
export interface DirectoryClaim {
    /** As on labels: only one state can make it. Of the path without what makes no difference, as a slash at its end. */
    mark: pulumi.Input<string>;
    /** Of the path as it is written: what earlier releases left in the directory. */
    markAsWritten: pulumi.Input<string>;
    /** The same for people. */
    owner: string;
    /** Take the directory over, whoever has it. */
    adopt: boolean;
}

export function dockerHostDirectory(spec: HostDirectorySpec, claim: DirectoryClaim, job: (spec: JobSpec) => Job): HostDirectory {
    const path = behind(job(directoryJob(spec, claim)), spec.path);
    return { path, mount: (target, options): Mount => ({ hostPath: path, target, readOnly: options?.readOnly ?? false }) };
}

/** Docker makes a directory as root; the job gives it its owner and mode while it is still empty. */
function ownership({ image, uid = 0, gid = 0, mode = "0700" }: DirectoryOwner, place: Pick<Mount, "volume" | "hostPath">): JobSpec {
    return {
        image,
        entrypoint: ["/bin/sh", "-c"],
        command: [`if [ -z "$(ls -A /directory)" ]; then chown ${uid}:${gid} /directory && chmod ${mode} /directory; fi`],
        mounts: [{ ...place, target: "/directory" }],
        user: "0:0",
        ...granted(directoryPrivileges.directory),
    };
}

/** In every host directory that is in use. Two environments on one host know nothing of each other; they meet here. */
const MARKER = ".groundwork-owner";

const claimScript = `
marker=/directory/${MARKER}
refuse() {
    printf '%s\\n' "$@" >&2
    exit 1
}
if [ -e "$marker" ] && [ "$ADOPT" != yes ]; then
    its_owner=$(tail -n +2 "$marker")
    adopt="add \\"$DIRECTORY\\" to the setting adopt"
    case $(head -n 1 "$marker") in
    "$MARK" | "$MARK_AS_WRITTEN") ;;
    *)
        [ "$its_owner" != "$OWNER" ] || refuse \\
            "$DIRECTORY says that it belongs to this environment ($OWNER), but was marked at another path, or by another state" \\
            "if it was moved here, or the state was lost, $adopt; otherwise choose another directory"
        refuse "$DIRECTORY is in use by another environment: $its_owner" \\
            "choose another directory; or, if that environment is gone, $adopt"
        ;;
    esac
fi
`;

/** The same, after the directory was found free or ours, and with a marker that says so to the next one. */
function directoryJob(spec: HostDirectorySpec, { mark, markAsWritten, owner, adopt }: DirectoryClaim): JobSpec {
    const job = ownership(spec, { hostPath: spec.path });
    const write = `printf '%s\\n%s\\n' "$MARK" "$OWNER" > "$marker.new" && mv "$marker.new" "$marker"`;
    return {
        ...job,
        command: [["set -e", claimScript.trim(), ...job.command!, write].join("\n")],
        environment: { MARK: mark, MARK_AS_WRITTEN: markAsWritten, OWNER: owner, DIRECTORY: spec.path, ADOPT: adopt ? "yes" : "no" },
    };
}

/** Ordered behind the job, yet known in every preview. */
function behind(job: Job, value: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi.all([value, job.resource.urn]).apply(([known]) => known);
}
