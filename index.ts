import * as pulumi from "@pulumi/pulumi";
import { describe, report } from "./components/problem";
import { registerHooks } from "./components/workload";
import { parseConfig, readConfig } from "./stacks/config";
import { deployEnvironment } from "./stacks/environment";
import { preflight } from "./stacks/preflight";
import { refusal } from "./stacks/refusal";
import { checkConfig, SYSTEMS } from "./stacks/rules";

const NOTHING = "the configuration names no system, so nothing is deployed: examples/ has one of each";

async function main() {
    // Also without a single workload: the state may name hooks.
    registerHooks();
    const { plain, sealed, problems: form } = parseConfig(readConfig());
    const rules = checkConfig(plain);
    const { problems: found, ...known } = await preflight(plain, [...form, ...rules]);
    const message = report([...form, ...rules, ...found]);
    if (message) throw refusal(message);
    // The rules' own warnings are printed by the components they concern.
    if (pulumi.runtime.isDryRun() && !SYSTEMS.some((name) => plain[name] !== undefined)) void pulumi.log.warn(NOTHING);
    for (const problem of [...form, ...found].filter(({ level }) => level === "warning")) void pulumi.log.warn(describe(problem));
    return deployEnvironment(sealed, known);
}

export = main;
