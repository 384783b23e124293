import type { Config } from "./config";
import { Hosts } from "./hosts";
import { deployLightning } from "./lightning";
import { deployOpenPectus } from "./openpectus";

/** Which systems an environment has is decided by the blocks of its configuration. Gives the stack's outputs. */
export function deployEnvironment({ hosts, prefix, adopt, openpectus, lightning }: Config) {
    const machines = new Hosts(hosts ?? {});
    const common = { prefix, adopt };
    return {
        ...(openpectus && { openpectus: deployOpenPectus(openpectus, machines, common) }),
        ...(lightning && { lightning: deployLightning(lightning, machines, common) }),
    };
}
