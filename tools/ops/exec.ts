import { setting } from "./environment";
import { execute, executeInteractively } from "./execute";
import { run, Stop } from "./stop";
import { verb } from "./verb";
import { allWorkloads, choiceFromEnvironment, chooseOne } from "./workloads";

/** A shell in a container, or the command line `CMD` in one. */
async function exec(): Promise<number> {
    const workload = chooseOne(await allWorkloads(), choiceFromEnvironment());
    if (workload.info.State !== "running")
        throw new Stop(`${workload.name} is ${workload.info.State}, not running: look at ${verb("logs", { ROLE: workload.name })}`);
    const line = setting("CMD");
    const interactive = process.stdin.isTTY && process.stdout.isTTY;
    if (!line && !interactive) throw new Stop("a shell needs a terminal: give a command instead, as in CMD='ls -l'", 2);
    const command = line ? ["/bin/sh", "-c", line] : ["/bin/sh"];
    return interactive ? executeInteractively(workload, command) : execute(workload, command);
}

if (require.main === module) run(exec);
