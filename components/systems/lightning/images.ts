import { imageUse, type ImageUse } from "../../images";
import type { LightningSettings } from "./args";

/** The images that the block `lightning` runs, edge, database and backup included. */
export function images(settings: LightningSettings & { host?: string }, path = "lightning"): ImageUse[] {
    const { host = "default", web, workers, edge, backup, database } = settings;
    const ours = [
        imageUse("postgres", database?.bundled?.image, `${path}.database.bundled.image`, host),
        imageUse("backup", backup?.image, `${path}.backup.image`, host),
    ];
    return [
        imageUse("lightning", web?.image, `${path}.web.image`, host),
        imageUse("lightning-worker", workers?.image, `${path}.workers.image`, host),
        imageUse("edge", edge?.image, `${path}.edge.image`, host),
        // Whoever runs an external database backs it up, too.
        ...(database?.external ? [] : ours),
    ];
}
