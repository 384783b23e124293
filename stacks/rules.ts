import { checkClaims, type Claim } from "../components/claims";
import { error, type Problem } from "../components/problem";
import * as openpectus from "../components/systems/openpectus";
import type { Config } from "./config";
import { checkHosts, type Placement } from "./hosts";

/** The rules of all systems and hosts at once, over plain values, before anything is created. */
export function checkConfig(config: Config): Problem[] {
    const { hosts = {}, openpectus: block } = config;
    const problems = [...checkPrefix(config.prefix), ...checkHosts(hosts, placements(config)), ...(block ? openpectus.check(block) : [])];
    return [...problems, ...checkClaims(claims(config)).filter(({ path }) => !problems.some((earlier) => earlier.path === path))];
}

/** What all systems take of their hosts. */
function claims({ openpectus: block }: Config): Claim[] {
    return block ? openpectus.claims(block) : [];
}

/** Every place in the configuration that names a host. */
function placements({ openpectus: block }: Config): Placement[] {
    if (!block) return [];
    const engines = Object.entries(block.engines ?? {}).map(([name, { host }]) => ({ path: `openpectus.engines.${name}.host`, host }));
    return [{ path: "openpectus.host", host: block.host }, ...engines].filter((place): place is Placement => place.host !== undefined);
}

function checkPrefix(prefix: string | undefined): Problem[] {
    if (prefix === undefined || /^[a-z0-9][a-z0-9-]{0,29}$/.test(prefix)) return [];
    return [error("prefix", "physical names cannot begin with it", "use up to 30 lower-case letters, digits and hyphens")];
}
