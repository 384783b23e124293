import type { Config } from "./config";
import { Hosts, type Known } from "./hosts";
import { deployLightning } from "./lightning";
import { deployOpenPectus } from "./openpectus";

/** Which systems an environment has is decided by the blocks of its configuration. Gives the stack's outputs. */
export function deployEnvironment({ hosts, prefix, adopt, openpectus, lightning }: Config, known: Known = {}) {
    const machines = new Hosts(hosts ?? {}, known);
    const common = { prefix, adopt };
    return {
        ...(openpectus && { openpectus: deployOpenPectus(openpectus, machines, common) }),
        ...(lightning && { lightning: deployLightning(lightning, machines, common) }),
    };
}
