import { backupClaims } from "../../../backup";
import type { Claim } from "../../../claims";
import { checkEdge, edgeClaims } from "../../../edge";
import { checkPostgres } from "../../../postgres";
import { error, type Problem } from "../../../problem";
import type { LightningSettings } from "../args";
import { DATABASE_NAME, DATABASE_USER } from "../defaults";
import { checkServices } from "./connections";
import { checkData } from "./data";
import { checkExtra } from "./extra";
import { checkKeys } from "./keys";
import { checkReleases } from "./releases";
import { checkUsageTracking, checkWeb } from "./web";
import { checkWorkers } from "./workers";

/**
 * Every broken rule of the block `lightning`, edge and backup included. Values that are not known yet (Outputs) count as present and are
 * not looked into.
 *
 * @param path where the block stands in the config file
 */
export function check(settings: LightningSettings, path = "lightning"): Problem[] {
    return [
        ...checkWeb(settings, path),
        ...checkWorkers(settings, path),
        ...checkExtra(settings, path),
        ...checkReleases(settings, path),
        ...checkData(settings, path),
        ...checkKeys(settings, path),
        ...checkServices(settings, path),
        ...checkUsageTracking(settings, path),
        ...checkEmpty(settings, path),
        ...checkEdge({ ...settings.edge, dataProtection: settings.dataProtection }, `${path}.edge`),
        ...checkBundled(settings, path),
    ];
}

/** Our own database with its backups. Whoever runs an external one looks after it. */
function checkBundled({ database, backup, dataProtection }: LightningSettings, path: string): Problem[] {
    if (database?.external) return [];
    const at = `${path}.database.bundled`;
    const names = { database: DATABASE_NAME, superuser: DATABASE_NAME, user: DATABASE_USER };
    return checkPostgres({ ...database?.bundled, ...names, backup, dataProtection }, at).map((problem) => ({
        ...problem,
        path: problem.path.replace(`${at}.backup`, `${path}.backup`),
    }));
}

/** What the block takes of its host, for the comparison with everything else there. */
export function claims(settings: LightningSettings & { host?: string }, path = "lightning"): Claim[] {
    const host = settings.host ?? "default";
    const directories = {
        [`${path}.storage.local.hostPath`]: settings.storage?.local?.hostPath,
        [`${path}.kafka.alternateStorage.hostPath`]: settings.kafka?.alternateStorage?.hostPath,
    };
    return [
        ...edgeClaims(settings.edge ?? {}, `${path}.edge`, host),
        ...backupClaims(settings.backup ?? {}, `${path}.backup`, host),
        ...Object.entries(directories).flatMap(([at, value]): Claim[] =>
            value === undefined ? [] : [{ kind: "directory", host, value, path: at }],
        ),
    ];
}

/** R31: an empty value would reach the program, which stops on it. What people add is looked at where it is named. */
function checkEmpty(value: unknown, path: string): Problem[] {
    if (typeof value === "string" && value.trim() === "") {
        return [error(path, "Lightning stops on an empty value", "give one, or remove the setting")];
    }
    if (Array.isArray(value) && value.length === 0) {
        return [error(path, "the list is empty, and would be an empty value", "name something, or remove the setting")];
    }
    if (typeof value !== "object" || value === null || isOutput(value)) return [];
    return Object.entries(value)
        .filter(([key]) => !["adopt", "extraEnv", "extraSecretEnv", "edge", "backup"].includes(key))
        .flatMap(([key, inner]) => checkEmpty(inner, Array.isArray(value) ? path : `${path}.${key}`));
}

function isOutput(value: object): boolean {
    return value instanceof Promise || "__pulumiOutput" in value;
}
