import { isIP } from "node:net";
import { isLoopback } from "../../../claims";
import { checkImage } from "../../../images";
import { error, warning, type Problem } from "../../../problem";
import type { LightningSettings } from "../args";
import { publicOrigin, urlOf } from "../defaults";
import { email, oneOf, port, sentryDsn, url, whole } from "./shared";

const LOG_LEVELS = ["emergency", "alert", "critical", "error", "warning", "warn", "notice", "info", "debug"];
/** What Phoenix takes: `https://host`, `//host`, `//*.host`, each with or without a port. */
const ORIGIN = /^(?:(https?):)?\/\/(\*\.)?([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d+))?$/i;
/** Background jobs get that long to end. */
const SHORTEST_STOP_GRACE = 120;
/** Browsers and workers send something every 30 seconds. */
const SHORTEST_IDLE_TIMEOUT = 60;
const SHORTEST_PASSWORD = 12;
const LEAST_MEMORY = 512;

/** The web application and how the world sees it. */
export function checkWeb(settings: LightningSettings, path: string): Problem[] {
    return [
        ...checkUrl(settings, `${path}.url`),
        ...checkOrigins(settings, `${path}.web.origins`),
        ...checkProcess(settings, `${path}.web`),
        ...checkReplicas(settings, `${path}.web.replicas`),
        ...checkIdleTimeout(settings, path),
        ...checkImages(settings, path),
        ...checkAccounts(settings, path),
        ...checkDemo(settings, `${path}.demo`),
    ];
}

/** R19. */
function checkUrl(settings: LightningSettings, path: string): Problem[] {
    const { scheme, host, port: number } = settings.url ?? {};
    const problems = [...oneOf(scheme, `${path}.scheme`, ["http", "https"]), ...port(number, `${path}.port`)];
    if (host !== undefined && isIP(host) === 0 && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host)) {
        problems.push(error(`${path}.host`, `"${host}" is not a host name`, "give the name alone, without scheme, port and path"));
    }
    const actual = urlOf(settings);
    if (number !== undefined && ((actual.scheme === "https" && number !== 443) || (actual.scheme === "http" && number === 443))) {
        const fix = "check that clients really use this port: it is written into every link";
        problems.push(warning(`${path}.port`, `${actual.scheme} on port ${number} is unusual`, fix));
    }
    return problems;
}

/** R18. */
function checkOrigins(settings: LightningSettings, path: string): Problem[] {
    const origins = settings.web?.origins;
    if (origins === undefined || origins.length === 0) return [];
    const problems = origins
        .filter((entry) => !ORIGIN.test(entry))
        .map((entry) => error(path, `"${entry}" is not an origin`, "write https://host, //host or //*.host"));
    // Compared with an address that is wrong itself, nothing sensible could be said.
    const isWrong = checkUrl(settings, path).some(({ level }) => level === "error");
    if (isWrong || origins.some((entry) => covers(entry, urlOf(settings)))) return problems;
    const fix = "add it, or leave the list out: it is the default";
    return [...problems, error(path, `the list does not cover ${publicOrigin(settings)}, so the interface could not connect`, fix)];
}

/** Without a scheme an entry stands for any scheme and any port; with one, for its usual port. */
function covers(entry: string, actual: ReturnType<typeof urlOf>): boolean {
    const [, scheme, wildcard, host, port] = ORIGIN.exec(entry) ?? [];
    if (host === undefined || (scheme !== undefined && scheme !== actual.scheme)) return false;
    const wanted = port ?? { https: "443", http: "80" }[scheme ?? ""];
    if (wanted !== undefined && wanted !== String(actual.port)) return false;
    const name = actual.host.toLowerCase();
    return wildcard ? name.endsWith(`.${host.toLowerCase()}`) : name === host.replace(/^\[|\]$/g, "").toLowerCase();
}

/** R3 and R32. */
function checkProcess({ web = {} }: LightningSettings, path: string): Problem[] {
    const problems = [
        ...port(web.port, `${path}.port`),
        ...whole(web.memory, `${path}.memory`, LEAST_MEMORY, "MiB"),
        ...whole(web.stopGracePeriodSeconds, `${path}.stopGracePeriodSeconds`, 1, "seconds"),
        ...oneOf(web.logLevel, `${path}.logLevel`, LOG_LEVELS),
        ...sentryDsn(web.sentryDsn, `${path}.sentryDsn`),
    ];
    if (web.stopGracePeriodSeconds !== undefined && web.stopGracePeriodSeconds < SHORTEST_STOP_GRACE) {
        const fix = `give at least ${SHORTEST_STOP_GRACE}, or leave it out`;
        problems.push(
            warning(`${path}.stopGracePeriodSeconds`, `${web.stopGracePeriodSeconds} s cut background jobs off, which get 120 s`, fix),
        );
    }
    return problems;
}

/** R27, and R5 for instances. */
function checkReplicas({ web }: LightningSettings, path: string): Problem[] {
    const replicas = web?.replicas;
    if (replicas === undefined || replicas === 1) return [];
    if (!(Number.isInteger(replicas) && replicas > 1)) return whole(replicas, path, 1);
    const problem = `${replicas} instances on a plain Docker Engine would not share stored exports, and nothing would replace them one after the other`;
    return [error(path, problem, "leave it at 1")];
}

/** R39, and what the proxy in front must allow. */
function checkIdleTimeout({ web, edge }: LightningSettings, path: string): Problem[] {
    const seconds = web?.idleTimeoutSeconds;
    const at = `${path}.web.idleTimeoutSeconds`;
    if (seconds === undefined) return [];
    const wrong = whole(seconds, at, 1, "seconds");
    if (wrong.length > 0) return wrong;
    if (seconds < SHORTEST_IDLE_TIMEOUT) {
        const fix = `give at least ${SHORTEST_IDLE_TIMEOUT}`;
        return [warning(at, `${seconds} s may drop healthy connections, which show life every 30 s`, fix)];
    }
    if (seconds <= (edge?.readTimeoutSeconds ?? Infinity)) return [];
    const fix = "give it at least as many seconds";
    return [warning(`${path}.edge.readTimeoutSeconds`, `the proxy cuts connections before web does, at ${seconds} s`, fix)];
}

/** R37. Migrations cannot go back. */
function checkImages({ web, workers, dataProtection }: LightningSettings, path: string): Problem[] {
    const problems = [
        ...checkImage(web?.image, "lightning", `${path}.web.image`, { dataProtection }),
        ...checkImage(workers?.image, "lightning-worker", `${path}.workers.image`, { dataProtection }),
    ];
    if ((web?.image === undefined) !== (workers?.image === undefined)) {
        const key = web?.image === undefined ? "web.image" : "workers.image";
        const fix = "set both images to versions that are known to work together";
        problems.push(warning(`${path}.${key}`, "web and workers belong together, but only one of the two images is set", fix));
    }
    return problems;
}

/** Who gets in: the guide's default for registration is on. */
function checkAccounts({ accounts, edge }: LightningSettings, path: string): Problem[] {
    const address = edge?.bindAddress ?? "127.0.0.1";
    const superuser = accounts?.superuser;
    const problems = email(superuser?.email, `${path}.accounts.superuser.email`);
    if (typeof superuser?.password === "string" && superuser.password.length < SHORTEST_PASSWORD) {
        const fix = "give a longer one, or leave it out";
        problems.push(error(`${path}.accounts.superuser.password`, `it has fewer than ${SHORTEST_PASSWORD} characters`, fix));
    }
    if (!isLoopback(address) && accounts?.allowSignup !== false) {
        const fix = "set it to false, unless strangers are welcome";
        problems.push(warning(`${path}.accounts.allowSignup`, `anybody who reaches ${address} may register`, fix));
    }
    return problems;
}

/** R29. */
function checkDemo({ demo }: LightningSettings, path: string): Problem[] {
    if (!demo?.resettable || demo.allowDataLoss) return [];
    const fix = "remove the block, or set demo.allowDataLoss: true for a real demo";
    return [error(`${path}.resettable`, "a reset deletes most of the database", fix)];
}

/** R32 and R33. */
export function checkUsageTracking({ usageTracking }: LightningSettings, path: string): Problem[] {
    const at = `${path}.usageTracking`;
    const { enabled, ...others } = usageTracking ?? {};
    const problems = [
        ...url(others.host, `${at}.host`, ["https", "http"]),
        ...oneOf(others.uuids, `${at}.uuids`, ["cleartext", "hashed_only"]),
        ...whole(others.dailyBatchSize, `${at}.dailyBatchSize`, 1),
        ...whole(others.resubmissionBatchSize, `${at}.resubmissionBatchSize`, 1),
        ...whole(others.runChunkSize, `${at}.runChunkSize`, 1),
    ];
    const unused = Object.entries(others).filter(([, value]) => value !== undefined);
    if (enabled === false && unused.length > 0) {
        problems.push(warning(at, "nothing is reported, so its other settings have no effect", "remove them"));
    }
    return problems;
}
