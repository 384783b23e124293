import { checkClaims, type Claim } from "../components/claims";
import type { ImageUse } from "../components/images";
import { error, type Problem } from "../components/problem";
import * as lightning from "../components/systems/lightning";
import * as openpectus from "../components/systems/openpectus";
import type { VolumeUse } from "../components/volumes";
import type { Config } from "./config";
import { checkHosts, hostNames, type Placement } from "./hosts";
import { nearest } from "./lenient";

/** The rules of all systems and hosts at once, over plain values, before anything is created. */
export function checkConfig(config: Config): Problem[] {
    const { hosts = {} } = config;
    const placed = onKnownHosts(config);
    const problems = [
        ...checkPrefix(config.prefix),
        ...checkRemove(config),
        ...checkHosts(hosts, placements(config)),
        ...(placed.openpectus ? openpectus.check(placed.openpectus) : []),
        ...(placed.lightning ? lightning.check(placed.lightning) : []),
    ];
    return [...problems, ...checkClaims(claims(config)).filter(({ path }) => !problems.some((earlier) => earlier.path === path))];
}

export const SYSTEMS = ["openpectus", "lightning"] as const;
export type SystemName = (typeof SYSTEMS)[number];

/** What all systems take of their hosts. */
export function claims(config: Config): Claim[] {
    return [
        ...(config.openpectus ? openpectus.claims(config.openpectus) : []),
        ...(config.lightning ? lightning.claims(config.lightning) : []),
    ];
}

/** Every image that the configuration uses. */
export function images(config: Config): ImageUse[] {
    return [
        ...(config.openpectus ? openpectus.images(config.openpectus) : []),
        ...(config.lightning ? lightning.images(config.lightning) : []),
    ];
}

/** Every volume that the configuration keeps. */
export function volumes(config: Config): VolumeUse[] {
    return [
        ...(config.openpectus ? openpectus.volumes(config.openpectus) : []),
        ...(config.lightning ? lightning.volumes(config.lightning) : []),
    ];
}

/** A host that does not exist is reported as that. Who reaches it, and what is in the way there, nobody knows yet. */
function onKnownHosts(config: Config): Config {
    const known = <T extends { host?: string }>(block: T | undefined): T | undefined =>
        block?.host === undefined || hostNames(config.hosts).has(block.host) ? block : { ...block, host: undefined };
    const { engines } = config.openpectus ?? {};
    const openpectus = known(config.openpectus);
    return {
        ...config,
        lightning: known(config.lightning),
        openpectus: openpectus && {
            ...openpectus,
            engines: engines && Object.fromEntries(Object.entries(engines).map(([name, engine]) => [name, known(engine)!])),
        },
    };
}

/** Every place in the configuration that names a host. */
function placements(config: Config): Placement[] {
    const engines = Object.entries(config.openpectus?.engines ?? {}).map(([name, { host }]) => ({
        path: `openpectus.engines.${name}.host`,
        host,
    }));
    const systems = SYSTEMS.map((name) => ({ path: `${name}.host`, host: config[name]?.host }));
    return [...systems, ...engines].filter((place): place is Placement => place.host !== undefined);
}

function checkPrefix(prefix: string | undefined): Problem[] {
    if (prefix === undefined || /^[a-z0-9][a-z0-9-]{0,29}$/.test(prefix)) return [];
    return [error("prefix", "physical names cannot begin with it", "use up to 30 lower-case letters, digits and hyphens")];
}

function checkRemove(config: Config): Problem[] {
    return (config.remove ?? []).flatMap((name) => {
        if (isSystem(name)) return config[name] === undefined ? [] : [error("remove", `"${name}" is configured, too`, BOTH)];
        const system = nearest(name, [...SYSTEMS]);
        return system === undefined ? [] : [error("remove", `"${name}" is no system`, `did you mean "${system}"?`)];
    });
}

const BOTH = "delete its block, or its name from the list";

export function isSystem(name: string): name is SystemName {
    return (SYSTEMS as readonly string[]).includes(name);
}
