import { backupVolumes } from "../../backup";
import { edgeVolumes } from "../../edge";
import type { VolumeUse } from "../../volumes";
import type { OpenPectusBlock } from "./args";

/** The volumes that the block `openpectus` keeps, those of edge, backup and engines included. */
export function volumes(block: OpenPectusBlock, name = "openpectus"): VolumeUse[] {
    const host = block.host ?? "default";
    const own = [
        ...(block.data?.hostPath === undefined ? [`${name}-data`] : []),
        ...(block.webPush?.hostPath === undefined ? [`${name}-web-push-keys`] : []),
        ...edgeVolumes(block.edge, `${name}-edge`),
        ...backupVolumes(block.backup, `${name}-backup`),
    ];
    const engines = Object.entries(block.engines ?? {}).filter(([, { data }]) => data?.hostPath === undefined);
    return [
        ...own.map((volume) => ({ host, name: volume })),
        ...engines.map(([engine, settings]) => ({ host: settings.host ?? "default", name: `${name}-${engine}-archive` })),
    ];
}
