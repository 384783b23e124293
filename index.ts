import * as pulumi from "@pulumi/pulumi";
import { describe, report } from "./components/problem";
import { registerHooks } from "./components/workload";
import { parseConfig, readConfig, type Config } from "./stacks/config";
import { Hosts } from "./stacks/hosts";
import { deployOpenPectus } from "./stacks/openpectus";
import { checkConfig } from "./stacks/rules";

/** Which systems an environment has is decided by the blocks of its configuration. */
function deploy({ hosts, prefix, openpectus }: Config) {
    const machines = new Hosts(hosts ?? {});
    return { ...(openpectus && { openpectus: deployOpenPectus(openpectus, machines, prefix) }) };
}

function main() {
    // Also without a single workload: the state may name hooks.
    registerHooks();
    const { plain, sealed, problems: form } = parseConfig(readConfig());
    const problems = [...form, ...checkConfig(plain)];
    const message = report(problems);
    if (message) throw new pulumi.RunError(message);
    for (const problem of form.filter(({ level }) => level === "warning")) void pulumi.log.warn(describe(problem));
    return deploy(sealed);
}

export = main();
