import { error, warning, type Problem } from "../../../problem";
import type { LightningSettings } from "../args";
import { RETRIES_SINCE, WORKLOOPS_SINCE } from "../defaults";
import { isFrom, webRelease, workerRelease } from "../release";
import { isRead, releaseFor, webVariables, workerVariables, type LightningVariable } from "../variables";
import { TAG_AND_DIGEST } from "./shared";

/** First release of the worker that can go on claiming after the stop signal. */
const CLAIMS_ON = "1.22.0";
/** Releases of Lightning after the guide's, and the first one that was seen to read no OAuth client from its environment. */
const AFTER_GUIDE = "2.11.0";
const WITHOUT_OAUTH = "2.15.12";
/** Workers switched retries off again one release later, and had not switched them on in the last one that was looked at. */
const WITHOUT_RETRIES = "1.19.5";

/** What the releases of the two images do with the settings. Of an image that does not tell its release little can be said. */
export function checkReleases(settings: LightningSettings, path: string): Problem[] {
    return [
        ...checkUnread(settings, path),
        ...checkWorkloops(settings, `${path}.workers.workloops`),
        ...checkDrain(settings, `${path}.workers.image`),
        ...checkRetries(settings, `${path}.workers.timeouts`),
        ...checkOauth(settings, path),
    ];
}

/** Settings whose variable the release does not read. */
function checkUnread(settings: LightningSettings, path: string): Problem[] {
    return [...webVariables, ...workerVariables]
        .filter(({ setting }) => setting !== undefined && setting !== "workers.workloops")
        .filter((row) => isSet(settings, row.setting!) && !isRead(row, settings))
        .map((row) => warning(`${path}.${row.setting}`, ...unread(row, settings)));
}

function unread(row: LightningVariable, settings: LightningSettings): [problem: string, fix: string] {
    const program = row.program === "web" ? "Lightning" : "worker";
    const has = `${program} ${releaseFor(row, settings)} does not read ${row.name}`;
    return row.since !== undefined && !isFrom(releaseFor(row, settings)!, row.since)
        ? [
              `${has}, releases from ${row.since} on do`,
              `set ${row.program === "web" ? "web" : "workers"}.image to one of them, or remove it`,
          ]
        : [`${has}, only releases before ${row.until} did`, "remove it"];
}

function isSet(settings: LightningSettings, setting: string): boolean {
    const value = setting.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], settings);
    return value !== undefined;
}

/** R24: a worker that does not know them takes five runs at a time, in memory for fewer. */
function checkWorkloops(settings: LightningSettings, path: string): Problem[] {
    const release = workerRelease(settings);
    if (settings.workers?.workloops === undefined) return [];
    const ignored = "takes 5 runs at a time instead";
    if (release === undefined) {
        const problem = `a worker before ${WORKLOOPS_SINCE} ignores it and ${ignored}, and the image does not tell its release`;
        return [warning(path, problem, `check that it is ${WORKLOOPS_SINCE} or newer, and ${TAG_AND_DIGEST}`)];
    }
    if (isFrom(release, WORKLOOPS_SINCE)) return [];
    const fix = `set workers.image to ${WORKLOOPS_SINCE} or newer, or use workers.capacity`;
    return [error(path, `worker ${release} ignores it and ${ignored}`, fix)];
}

/** Such a worker is killed at the end of its grace period, in the middle of what it claimed last. */
function checkDrain(settings: LightningSettings, path: string): Problem[] {
    const release = workerRelease(settings);
    if (release === undefined || !isFrom(release, CLAIMS_ON)) return [];
    const problem =
        `worker ${release} can go on claiming after the stop signal, and then loses runs at the end of the grace period ` +
        `(seen with 1.25.0; the code is the same from ${CLAIMS_ON} to there)`;
    return [warning(path, problem, `use a worker before ${CLAIMS_ON}, or update while nothing runs, and run lost runs again`)];
}

function checkRetries(settings: LightningSettings, path: string): Problem[] {
    const release = workerRelease(settings);
    const { retryCount, retryDelayMs } = settings.workers?.timeouts ?? {};
    if (release === undefined || !isFrom(release, WITHOUT_RETRIES) || (retryCount ?? retryDelayMs) === undefined) return [];
    const problem = `worker ${release} sends a message once, whatever is set: retries work in ${RETRIES_SINCE} alone`;
    return [warning(path, problem, "remove retryCount and retryDelayMs, or set messageSeconds")];
}

/** R15: OAuth clients moved into the database. */
function checkOauth(settings: LightningSettings, path: string): Problem[] {
    const release = webRelease(settings);
    if (release === undefined || !isFrom(release, AFTER_GUIDE)) return [];
    const verb = isFrom(release, WITHOUT_OAUTH) ? "does" : "may";
    const fix = "make the client in the interface, and remove the block";
    return (["google", "salesforce"] as const)
        .filter((client) => settings[client] !== undefined)
        .map((client) =>
            warning(`${path}.${client}`, `Lightning ${release} ${verb} not read it: OAuth clients are kept in the database`, fix),
        );
}
