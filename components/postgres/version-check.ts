import * as pulumi from "@pulumi/pulumi";
import { backupCommands } from "../backup";
import { personCommand } from "../make-command";
import type { ContainerSpec } from "../workload";

export interface VersionCheck {
    /** The wanted major version. */
    majorVersion: number;
    image: string;
    /** For the commands in the message. */
    system: string;
    /** Name of the container that makes the backups. */
    backupContainer: string;
    /** Name of the volume. */
    volume: pulumi.Input<string>;
    /** Where the job sees the volume. */
    mount: string;
    /** The data directory in it. */
    directory: string;
}

/** What the job runs: the image must be of the wanted major version, and the data too, if there is any. */
export function versionCheck({ majorVersion, image, volume, mount, directory, ...names }: VersionCheck): Partial<ContainerSpec> {
    const backups = backupCommands(names.system, names.backupContainer);
    return {
        entrypoint: ["/bin/sh", "-euc"],
        command: [SCRIPT],
        environment: {
            WANTED: String(majorVersion),
            IMAGE: image,
            VOLUME: volume,
            MOUNT: mount,
            DIRECTORY: directory,
            BACKUP_COMMAND: backups.now,
            UP_COMMAND: personCommand("up", {}, "pulumi up"),
            RESTORE_COMMAND: backups.restore("<newest>"),
        },
    };
}

const SCRIPT = `
image=$(postgres --version | sed -E 's/^[^0-9]*([0-9]+).*/\\1/')
if [ "$image" != "$WANTED" ]; then
    echo "the image $IMAGE is PostgreSQL $image, and majorVersion is $WANTED: nothing was changed; make them agree"
    exit 1
fi
file=$MOUNT/$DIRECTORY/PG_VERSION
[ -e "$file" ] || exit 0
present=$(cat "$file")
[ "$present" != "$WANTED" ] || exit 0
cat << END
the data in volume $VOLUME is of PostgreSQL $present, and majorVersion is $WANTED: nothing was changed.
To stay with $present: set majorVersion to $present, and image to the one used until now.
To upgrade to $WANTED:
  1. $BACKUP_COMMAND    (the old server still runs)
  2. on the host, stop the server and set its data aside:
     docker stop \\$(docker ps --quiet --filter volume=$VOLUME)
     docker run --rm --entrypoint mv --volume $VOLUME:/data $IMAGE /data/$DIRECTORY /data/$DIRECTORY-$present
  3. GROUNDWORK_SKIP_BACKUP=yes $UP_COMMAND    (begins with an empty database)
  4. $RESTORE_COMMAND
END
exit 1
`;
