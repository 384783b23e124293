import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { posix } from "node:path";
import { backupClaims, checkBackup } from "../../backup";
import { checkClaims, isLoopback, type Claim } from "../../claims";
import { checkEdge, distrust, edgeClaims, trustFix } from "../../edge";
import { certificateNames, tlsMode } from "../../edge/certificate";
import { checkImage as checkPinned, lockedImage } from "../../images";
import { error, warning, type Problem } from "../../problem";
import { permissionToStop } from "../../workload/docker/permission";
import type { EngineBlock, OpenPectusBlock } from "./args";
import { DATA_PATH } from "./defaults";
import { checkUod } from "./uod";
import { AGGREGATOR_PORT } from "./variables";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HOSTNAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const CONTAINER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"];
const RESTARTS = ["unless-stopped", "always"];

/**
 * Every broken rule of the block `openpectus`, edge and backup included.
 *
 * @param path where the block stands in the config file
 */
export function check(block: OpenPectusBlock, path = "openpectus"): Problem[] {
    return [
        ...checkAggregator(block, path),
        ...checkEdge({ ...block.edge, dataProtection: block.dataProtection }, `${path}.edge`),
        ...checkBackup(block.backup ?? {}, `${path}.backup`, {
            sourcePath: block.data?.hostPath,
            dataProtection: block.dataProtection ?? true,
        }),
        ...checkEngines(block, path),
        ...checkTrust(block, path),
    ];
}

/** What the block takes of its hosts, for the comparison with everything else there. */
export function claims(block: OpenPectusBlock, path = "openpectus"): Claim[] {
    const host = block.host ?? "default";
    const own: Claim[] = [
        ...edgeClaims(block.edge ?? {}, `${path}.edge`, host),
        ...containerClaims(block, path, host),
        ...directoryClaim(block.webPush?.hostPath, `${path}.webPush.hostPath`, host),
        ...backupClaims(block.backup ?? {}, `${path}.backup`, host),
    ];
    if (block.publish) {
        const { port = AGGREGATOR_PORT, bindAddress: address = "127.0.0.1" } = block.publish;
        own.push({ kind: "port", host, value: String(port), address, path: `${path}.publish.port` });
    }
    const engines = Object.entries(block.engines ?? {});
    return [...own, ...engines.flatMap(([name, engine]) => containerClaims(engine, `${path}.engines.${name}`, engine.host ?? "default"))];
}

function containerClaims(block: OpenPectusBlock | EngineBlock, path: string, host: string): Claim[] {
    const directory = directoryClaim(block.data?.hostPath, `${path}.data.hostPath`, host);
    if (block.containerName === undefined) return directory;
    return [...directory, { kind: "container name", host, value: block.containerName, path: `${path}.containerName` }];
}

function directoryClaim(value: string | undefined, path: string, host: string): Claim[] {
    return value === undefined ? [] : [{ kind: "directory", host, value, path }];
}

/** The aggregator alone. */
function checkAggregator(block: OpenPectusBlock, path: string): Problem[] {
    return [
        ...checkImage(block, path),
        ...checkContainer(block, path),
        ...checkData(block, path),
        ...checkAzure(block, path),
        ...checkExposure(block, path),
        ...checkSecret(block, path),
        ...checkRotation(block, path),
        ...checkSentry(block, path),
        ...checkWebPush(block, path),
    ];
}

/** One engine by itself: what can be seen without the aggregator. */
export function checkEngine(engine: EngineBlock, path: string, loginRequired = true): Problem[] {
    return [
        ...checkImage(engine, path),
        ...checkContainer(engine, path),
        ...(engine.hostname?.toLowerCase() === "all"
            ? [error(`${path}.hostname`, `${permissionToStop(engine.hostname)} would let every engine stop`, "give another host name")]
            : []),
        ...checkHostPath(engine.data?.hostPath, `${path}.data.hostPath`),
        ...checkHostPath(engine.data?.containerPath, `${path}.data.containerPath`),
        ...checkSentry(engine, path),
        ...checkUod(engine.uod, loginRequired, `${path}.uod`),
        ...oneOf(
            engine.restart,
            RESTARTS,
            `${path}.restart`,
            "an engine ends with code 0 on most errors, so it must be restarted after any end",
        ),
        ...checkPort(engine.aggregator?.port, `${path}.aggregator.port`),
        ...checkUnsecuredPort(engine, path),
    ];
}

function checkEngines(block: OpenPectusBlock, path: string): Problem[] {
    const engines = Object.entries(block.engines ?? {});
    const hostnames = new Map<string, string>();
    return engines.flatMap(([name, engine]) => {
        const at = `${path}.engines.${name}`;
        const hostname = (engine.hostname ?? name).toLowerCase();
        // Nobody wrote the key then.
        const ofName = (problem: Problem) =>
            problem.path === `${at}.hostname` && engine.hostname === undefined
                ? { ...problem, path: at, fix: `${problem.fix}: in the name of the block, or as hostname` }
                : problem;
        const twin = hostnames.get(hostname);
        hostnames.set(hostname, twin ?? at);
        return [
            ...checkEngine({ ...engine, hostname: engine.hostname ?? name }, at, loginRequired(block)).map(ofName),
            ...(twin
                ? [error(`${at}.hostname`, `"${hostname}" is also the host name of ${twin}`, "give every engine a host name of its own")]
                : []),
            ...checkPermission(block, engine.hostname ?? name, path, `${at}.hostname`),
            ...checkVersions(block, engine, at),
            ...checkConnection(block, engine, path, at),
        ];
    });
}

/** The permission to stop one engine must not be that of another one: it is given by host name or by logical name. */
function checkPermission({ engines }: OpenPectusBlock, hostname: string, path: string, at: string): Problem[] {
    const isMeant = (name: string) => name.toLowerCase() === hostname.toLowerCase();
    const others = Object.keys(engines ?? {}).filter((name) => `${path}.engines.${name}.hostname` !== at);
    const other = others.find((name) => isMeant(`openpectus-${name}-engine`));
    if (other === undefined) return [];
    return [error(at, `${permissionToStop(hostname)} would let ${path}.engines.${other} stop, too`, "give another host name")];
}

/** The version in the image, where it is known. */
export function versionOf({ image, version }: { image?: string; version?: string }): string | undefined {
    return (
        version ?? (image === undefined || image === lockedImage("openpectus").reference ? lockedImage("openpectus").version : undefined)
    );
}

function loginRequired({ azure }: OpenPectusBlock): boolean {
    return azure !== undefined && azure.enabled !== false;
}

function hasTls({ edge }: OpenPectusBlock): boolean {
    return tlsMode(edge?.tls) !== "none";
}

function checkImage(block: OpenPectusBlock | EngineBlock, path: string): Problem[] {
    const { image, version, allowFloatingImage: allowFloating } = block;
    // Whatever is protected: engines and aggregator must stay of one version.
    const problems = checkPinned(image, "openpectus", `${path}.image`, { allowFloating });
    if (versionOf(block) === undefined) {
        const fix = "set it to what GET /version of the image answers, e.g. 0.1.1585";
        problems.push(error(`${path}.version`, "the version inside this image is not known, and engines must match it", fix));
    }
    if (version !== undefined && !/^\d+(\.\d+)+[\w.+!-]*$/.test(version)) {
        problems.push(error(`${path}.version`, `"${version}" is not a version of openpectus`, "give it in full, e.g. 0.1.1585"));
    }
    return problems;
}

function checkContainer({ hostname, containerName, memory }: OpenPectusBlock | EngineBlock, path: string): Problem[] {
    const problems: Problem[] = [];
    if (hostname !== undefined && !HOSTNAME.test(hostname)) {
        problems.push(error(`${path}.hostname`, `"${hostname}" is not a host name`, "use 1 to 63 letters, digits and inner hyphens"));
    }
    if (containerName !== undefined && !CONTAINER_NAME.test(containerName)) {
        problems.push(error(`${path}.containerName`, `"${containerName}" is not a container name`, "use letters, digits, _, . and -"));
    }
    if (memory !== undefined && !(Number.isInteger(memory) && memory >= 128)) {
        problems.push(error(`${path}.memory`, `${memory} MiB is too little to start in`, "give whole MiB, at least 128"));
    }
    return problems;
}

function checkData(block: OpenPectusBlock, path: string): Problem[] {
    const { hostPath, containerPath } = block.data ?? {};
    const problems = [
        ...checkHostPath(hostPath, `${path}.data.hostPath`),
        ...checkHostPath(containerPath, `${path}.data.containerPath`),
        ...checkHostPath(block.webPush?.hostPath, `${path}.webPush.hostPath`),
    ];
    if (containerPath !== undefined && posix.resolve("/", containerPath) === "/webpush_keys") {
        const fix = `use another path, e.g. ${DATA_PATH}`;
        problems.push(error(`${path}.data.containerPath`, "the web push keys are mounted there", fix));
    }
    return problems;
}

/** A directory of its own, on the host or in a container. */
function checkHostPath(value: string | undefined, path: string): Problem[] {
    if (value === undefined || (posix.isAbsolute(value) && posix.resolve(value) !== "/")) return [];
    return [error(path, `"${value}" is not an absolute path of a directory`, "give one that begins with /, e.g. /srv/openpectus/data")];
}

function checkAzure(block: OpenPectusBlock, path: string): Problem[] {
    if (!block.azure) return [];
    const ids = { directoryTenantId: "Directory (tenant) ID", applicationClientId: "Application (client) ID" } as const;
    if (!loginRequired(block)) {
        const fix = "remove enabled: false, or the whole block";
        return [warning(`${path}.azure`, "it looks protected, but user login is off and everybody is administrator", fix)];
    }
    const problems = Object.entries(ids)
        .filter(([key]) => !GUID.test(block.azure![key as keyof typeof ids] ?? ""))
        .map(([key, label]) =>
            error(`${path}.azure.${key}`, "user login needs it, as a GUID", `copy "${label}" from the app registration`),
        );
    const placeholders = Object.entries(ids).filter(([key]) => /^[0-]+$/.test(block.azure![key as keyof typeof ids] ?? ""));
    problems.push(
        ...placeholders.map(([key, label]) =>
            warning(
                `${path}.azure.${key}`,
                "it is a placeholder, with which nobody can log in",
                `copy "${label}" from the app registration`,
            ),
        ),
    );
    if (!hasTls(block)) {
        problems.push(
            error(`${path}.edge.tls`, "user login depends on encryption", "set one of the blocks of tls, or remove the azure block"),
        );
    }
    const domain = block.edge?.domain;
    if (domain === undefined || isIP(domain) !== 0) {
        const fix = "set the public name that the app registration redirects to";
        problems.push(error(`${path}.edge.domain`, "user login redirects to a domain name", fix));
    }
    return problems;
}

function checkExposure(block: OpenPectusBlock, path: string): Problem[] {
    const address = block.edge?.bindAddress ?? "127.0.0.1";
    const problems: Problem[] = [];
    if (!isLoopback(address) && !block.allowAnonymousAccess && !loginRequired(block)) {
        const fix = "set the azure block, bind 127.0.0.1, or set openpectus.allowAnonymousAccess: true";
        problems.push(error(`${path}.edge.bindAddress`, `anybody who reaches ${address} would control the processes`, fix));
    }
    return [...problems, ...checkRegistration(block, path), ...checkPublish(block, path)];
}

/** Who accepts anonymous people has not thought of engines yet: it is allowed then, but said with every update. */
function checkRegistration(block: OpenPectusBlock, path: string): Problem[] {
    if (!block.openRegistration) return [];
    const bound = [block.edge?.bindAddress, block.publish?.bindAddress];
    const open = [...new Set(bound.filter((address) => address !== undefined && !isLoopback(address)))];
    if (open.length === 0) return [];
    const report = block.allowAnonymousAccess ? warning : error;
    const fix = "remove openRegistration so that engines need a secret, or bind 127.0.0.1";
    return [report(`${path}.openRegistration`, `anybody who reaches ${open.join(" or ")} could register an engine`, fix)];
}

function checkPublish({ publish }: OpenPectusBlock, path: string): Problem[] {
    if (!publish) return [];
    const { port, bindAddress = "127.0.0.1", allowOtherMachines } = publish;
    const problems = checkPort(port, `${path}.publish.port`);
    if (isIP(bindAddress) === 0) {
        problems.push(error(`${path}.publish.bindAddress`, `"${bindAddress}" is not an IP address`, "give an address of the host"));
    } else if (!isLoopback(bindAddress) && !allowOtherMachines) {
        const fix = "bind 127.0.0.1, or set publish.allowOtherMachines: true";
        problems.push(error(`${path}.publish.bindAddress`, "the plain port would be open to other machines, past ufw and TLS", fix));
    }
    return problems;
}

function checkPort(port: number | undefined, path: string): Problem[] {
    if (port === undefined || (Number.isInteger(port) && port >= 1 && port <= 65535)) return [];
    return [error(path, `${port} is not a port`, "give a whole number from 1 to 65535")];
}

/** No message quotes the secret. */
function checkSecret({ engineSecret, openRegistration }: OpenPectusBlock, path: string): Problem[] {
    const at = `${path}.engineSecret`;
    if (engineSecret === undefined) return [];
    if (openRegistration) return [error(at, "it has no effect together with openRegistration", "remove one of them")];
    if (engineSecret.trim() === "")
        return [error(at, "it is empty, so any engine could register", "give a text, or remove it to have one made")];
    if (engineSecret.startsWith("-"))
        return [error(at, "pectus-engine takes a leading dash for an option", "choose one that begins otherwise")];
    return [];
}

/** A secret that was brought is changed by bringing another one. */
function checkRotation({ engineSecret, engineSecretRotation, openRegistration }: OpenPectusBlock, path: string): Problem[] {
    if (engineSecretRotation === undefined || (engineSecret === undefined && !openRegistration)) return [];
    const [cause, fix] = openRegistration
        ? ["openRegistration is on, so there is no secret", "remove one of them"]
        : ["engineSecret is given, so nothing can be generated anew", "give another engineSecret, or remove one"];
    return [error(`${path}.engineSecretRotation`, cause, fix)];
}

/** No message quotes the DSN. */
function checkSentry({ sentry }: OpenPectusBlock | EngineBlock, path: string): Problem[] {
    const at = `${path}.sentry`;
    const malformed = sentry?.dsn !== undefined && !/^https?:\/\/[^@/\s]+@[^/\s]+\/\S+$/.test(sentry.dsn);
    return [
        ...(malformed
            ? [error(`${at}.dsn`, "the program does not start with it", "give https://<key>@<host>/<project>, or remove it")]
            : []),
        ...oneOf(sentry?.eventLevel, LEVELS, `${at}.eventLevel`, "the program knows other levels"),
    ];
}

function checkWebPush(block: OpenPectusBlock, path: string): Problem[] {
    const email = block.webPush?.subscriberEmail;
    if (email === undefined) return [];
    const at = `${path}.webPush.subscriberEmail`;
    const problems: Problem[] = [];
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) problems.push(error(at, `"${email}" is not an e-mail address`, "correct it, or remove it"));
    if (!hasTls(block)) {
        problems.push(
            error(at, "browsers offer notifications only behind TLS", "set one of the blocks of edge.tls, or remove the address"),
        );
    }
    return problems;
}

function oneOf(value: string | undefined, words: string[], path: string, why: string): Problem[] {
    if (value === undefined || words.includes(value)) return [];
    return [error(path, `"${value}" is not possible: ${why}`, `use ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`)];
}

function checkVersions(block: OpenPectusBlock, engine: EngineBlock, at: string): Problem[] {
    const [wanted, has] = [versionOf(block), versionOf(engine)];
    if (engine.ignoreVersionError || wanted === undefined || has === undefined || wanted === has) return [];
    const fix = `use an image with openpectus ${wanted}, or set ignoreVersionError: true`;
    return [error(`${at}.version`, `the aggregator has ${wanted} and refuses an engine with ${has}`, fix)];
}

function checkUnsecuredPort({ aggregator }: EngineBlock, path: string): Problem[] {
    if (!aggregator || aggregator.secure !== false || aggregator.port !== undefined) return [];
    const fix = `set ${AGGREGATOR_PORT} for the aggregator itself, or 80 for a proxy without TLS`;
    return [error(`${path}.aggregator.port`, "without TLS the engine's own default is 9800, where nothing listens", fix)];
}

/** Over the network of the same host nothing can be wrong; every other way is looked at here. */
function checkConnection(block: OpenPectusBlock, engine: EngineBlock, path: string, at: string): Problem[] {
    const near = sameHost(block, engine);
    if (near && !engine.aggregator) return [];
    return engine.aggregator?.secure === false
        ? checkPlainConnection(block, engine.aggregator.port, near, at)
        : checkTlsConnection(block, engine, near, path, at);
}

function sameHost(block: OpenPectusBlock, engine: EngineBlock): boolean {
    return (engine.host ?? "default") === (block.host ?? "default");
}

/** An engine that does not trust the certificate tries for ever, and its unit never shows. */
function checkTrust(block: OpenPectusBlock, path: string): Problem[] {
    const { certificate, ca } = block.edge?.tls?.provided ?? {};
    const reason = certificate === undefined || ca !== undefined ? undefined : distrust(certificate);
    const overTls = ([, engine]: [string, EngineBlock]) =>
        engine.aggregator ? engine.aggregator.secure !== false : !sameHost(block, engine);
    const engines = Object.entries(block.engines ?? {}).filter(overTls);
    if (reason === undefined || engines.length === 0) return [];
    const names = engines.map(([name]) => `"${name}"`).join(" and ");
    const place = `${path}.edge.tls.provided`;
    return [error(`${place}.certificate`, `${reason}, so ${names} would never connect`, trustFix(`${place}.ca`))];
}

function checkPlainConnection(block: OpenPectusBlock, port: number | undefined, sameHost: boolean, at: string): Problem[] {
    if (port !== undefined && hasTls(block) && port === (block.edge?.httpPort ?? 80)) {
        return [error(`${at}.aggregator.secure`, "that port redirects to TLS, and engines do not follow", "remove secure: false")];
    }
    const published = block.publish?.allowOtherMachines && port === (block.publish.port ?? AGGREGATOR_PORT);
    if (sameHost || published) return [];
    const fix = "remove secure: false, or publish the plain port with openpectus.publish.allowOtherMachines";
    return [error(`${at}.aggregator.secure`, "the engine secret and all commands would cross the network in clear", fix)];
}

function checkTlsConnection(block: OpenPectusBlock, engine: EngineBlock, sameHost: boolean, path: string, at: string): Problem[] {
    if (!hasTls(block)) {
        const [key, what] = engine.aggregator ? ["aggregator.secure", "it wants TLS"] : ["host", "it is on another host, which needs TLS"];
        return [error(`${at}.${key}`, `${what}, but the aggregator has none`, `set one of the blocks of ${path}.edge.tls`)];
    }
    const host = engine.aggregator?.host;
    const problems: Problem[] = [];
    if (host !== undefined && !coveredNames(block)(host)) {
        problems.push(
            error(`${at}.aggregator.host`, `"${host}" is not a name on the aggregator's certificate`, "use the name in edge.domain"),
        );
    }
    if (!sameHost && host === undefined && isLoopback(block.edge?.bindAddress ?? "127.0.0.1")) {
        const fix = `set ${path}.edge.bindAddress to an address that the engine's host reaches, or the engine's aggregator.host`;
        problems.push(error(`${at}.host`, "other hosts do not reach an edge that listens on this machine only", fix));
    }
    return problems;
}

function coveredNames({ edge }: OpenPectusBlock): (name: string) => boolean {
    const provided = edge?.tls?.provided?.certificate;
    try {
        const certificate = provided === undefined ? undefined : new X509Certificate(provided);
        if (certificate) return (name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
    } catch {
        // The edge's own rules say what is wrong with it.
        return () => true;
    }
    return (name) => certificateNames(edge ?? {}).includes(name);
}

/** Clashes inside the block itself, for programs that use the component alone. */
export function checkOwnClaims(block: OpenPectusBlock, path: string): Problem[] {
    return checkClaims(claims(block, path));
}
