import type { Config } from "./config";
import { Hosts } from "./hosts";
import { deployLightning } from "./lightning";
import { deployOpenPectus } from "./openpectus";
import { volumes } from "./rules";

/** Which systems an environment has is decided by the blocks of its configuration. Gives the stack's outputs. */
export function deployEnvironment(config: Config, engineIds?: ReadonlyMap<string, string>) {
    const { hosts, prefix, adopt, openpectus, lightning } = config;
    const machines = new Hosts(hosts ?? {}, engineIds, volumes(config));
    const common = { prefix, adopt };
    return {
        ...(openpectus && { openpectus: deployOpenPectus(openpectus, machines, common) }),
        ...(lightning && { lightning: deployLightning(lightning, machines, common) }),
    };
}
