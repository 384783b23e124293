import { imageUse, type ImageUse } from "../../images";
import type { OpenPectusBlock } from "./args";

/** The images that the block `openpectus` runs, edge, backup and engines included. */
export function images(block: OpenPectusBlock, path = "openpectus"): ImageUse[] {
    const host = block.host ?? "default";
    const engines = Object.entries(block.engines ?? {});
    return [
        imageUse("openpectus", block.image, `${path}.image`, host),
        imageUse("edge", block.edge?.image, `${path}.edge.image`, host),
        imageUse("backup", block.backup?.image, `${path}.backup.image`, host),
        ...engines.map(([name, engine]) => imageUse("openpectus", engine.image, `${path}.engines.${name}.image`, engine.host ?? "default")),
    ];
}
