import { renewalsDue } from "./certificates";
import { look, type Sight } from "./drift";
import { environment } from "./environment";
import { exportForHosts } from "./pulumi";
import { isVolume, physicalName } from "./state";
import { run } from "./stop";
import { verb } from "./verb";

/** What the plan does not show, because Pulumi compares the program with its state alone: renewals, and what was changed on the hosts. */
async function beforePreview(): Promise<void> {
    // A state that cannot be read is reported by the preview itself, and so is a host that does not answer.
    const deployment = (await exportForHosts(environment()).catch(() => undefined))?.deployment;
    for (const text of renewalsDue(deployment?.resources ?? [], new Date())) console.error(`warning: ${text}`);
    const sight = deployment && (await look(deployment).catch(() => undefined));
    for (const text of sight ? notAsDeployed(sight) : []) console.error(`warning: ${text}`);
}

/** What `make up` does about it. Settings that were changed by hand are left to it: they interrupt nothing. */
export function notAsDeployed({ containers, lost }: Sight): string[] {
    const gone = [...containers.filter(({ info }) => !info), ...lost.filter(({ resource }) => !isVolume(resource))];
    const stopped = containers.filter(({ info }) => info && !info.State.Running);
    const volumes = lost.filter(({ resource }) => isVolume(resource));
    const line = (found: { resource: Sight["lost"][number]["resource"] }[], text: string) =>
        found.length > 0 ? [`${found.map(({ resource }) => physicalName(resource)).join(", ")}: ${text}`] : [];
    return [
        ...line(volumes, `gone with the data in it; the plan does not show it, and ${verb("up")} refuses and lists the backups`),
        ...line(gone, `gone; the plan does not show it, and ${verb("up")} makes it again`),
        ...line(stopped, `not running; the plan does not show it, and ${verb("up")} starts it`),
    ];
}

if (require.main === module) run(beforePreview);
