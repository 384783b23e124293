import { setTimeout as sleep } from "node:timers/promises";
import { renewalsDue } from "./certificates";
import { look, type Sight } from "./drift";
import { environment } from "./environment";
import { exportForHosts } from "./pulumi";
import { isBeingDeleted, isVolume, physicalName, type Deployment, type Resource } from "./state";
import { run } from "./stop";
import { verb } from "./verb";

/** Nobody waits long for a hint. A host that does not answer is reported by the preview itself, and so is a state that cannot be read. */
const PATIENCE = 5_000;

/** What the plan does not show, because Pulumi compares the program with its state alone: renewals, and what was changed on the hosts. */
async function beforePreview(): Promise<void> {
    const deployment = (await exportForHosts(environment()).catch(() => undefined))?.deployment;
    for (const text of renewalsDue(deployment?.resources ?? [], new Date())) console.error(`warning: ${text}`);
    if (!deployment) return;
    const nothing = sleep(PATIENCE, undefined, { ref: false });
    const sight = await Promise.race([look(deployment).catch(() => undefined), nothing]);
    for (const text of sight ? notAsDeployed(sight, deployment) : []) console.error(`warning: ${text}`);
    // A question that nobody waits for any more would keep this process.
    process.exit();
}

/** Settings that were changed by hand are left to `make up`: they interrupt nothing. */
export function notAsDeployed({ containers, lost }: Sight, deployment: Deployment): string[] {
    const gone = [...containers.filter(({ info }) => !info), ...lost.filter(({ resource }) => !isVolume(resource))];
    const stopped = containers.filter(({ info }) => info && !info.State.Running);
    const volumes = lost.filter(({ resource }) => isVolume(resource) && !isBeingDeleted(resource, deployment));
    const line = (found: { resource: Resource }[], text: string) =>
        found.length > 0 ? [`${found.map(({ resource }) => physicalName(resource)).join(", ")}: ${text}`] : [];
    return [
        ...line(volumes, `gone with the data in it; the plan does not show it, and ${verb("up")} refuses and lists the backups`),
        ...line(gone, `gone; the plan does not show it, and ${verb("up")} makes it again unless the configuration drops it`),
        ...line(stopped, `not running; the plan does not show it, and ${verb("up")} starts it`),
    ];
}

if (require.main === module) run(beforePreview);
