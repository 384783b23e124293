import { backupVolumes } from "../../backup";
import { edgeVolumes } from "../../edge";
import type { VolumeUse } from "../../volumes";
import type { LightningSettings } from "./args";
import { keepsKafkaMessages, workerRoles } from "./defaults";

/** The volumes that the block `lightning` keeps, those of edge, database and backup included. */
export function volumes(settings: LightningSettings & { host?: string }, name = "lightning"): VolumeUse[] {
    const { host = "default", storage, kafka, edge, database, backup } = settings;
    const names = [
        ...(storage?.gcs || storage?.local?.hostPath !== undefined ? [] : [`${name}-exports`]),
        ...(keepsKafkaMessages(settings) && kafka?.alternateStorage?.hostPath === undefined ? [`${name}-kafka-messages`] : []),
        ...workerRoles(settings).map((role) => `${name}-${role}-adaptors`),
        ...edgeVolumes(edge, `${name}-edge`),
        ...(database?.external ? [] : [`${name}-postgres-data`, ...backupVolumes(backup, `${name}-postgres-backup`)]),
    ];
    return names.map((volume) => ({ host, name: volume }));
}
