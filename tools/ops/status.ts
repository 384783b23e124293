import { reportCertificates } from "./certificates";
import { environment } from "./environment";
import { addressOf, hostsOf, onEach, unreachable, type Host } from "./hosts";
import { exportState } from "./pulumi";
import { isContainer, physicalName, type Resource } from "./state";
import { run } from "./stop";
import { table } from "./table";
import { verb } from "./verb";
import { workloadsOn, type Workload } from "./workloads";

const HEADINGS = ["SYSTEM", "ROLE", "CONTAINER", "STATE", "SINCE", "IMAGE", "HOST"];

/** Every container of the environment, and the certificates it serves; exit code 1 when one is not as it should be. */
async function status(): Promise<number> {
    const env = environment();
    const deployment = (await exportState(env, { showSecrets: true }))?.deployment;
    const { answers, silent } = await onEach(await hostsOf(deployment), async (host) => ({
        workloads: await workloadsOn(host, env, deployment?.resources ?? []),
        images: await imageNames(host),
    }));
    const rows = answers.flatMap(({ workloads, images }) => workloads.map((workload) => row(workload, images)));
    const present = answers.flatMap(({ workloads }) => workloads);
    const resources = deployment?.resources ?? [];
    const mute = new Set(silent.map(({ host }) => host.address));
    const [hidden, looked] = [true, false].map((is) => resources.filter((resource) => mute.has(addressOf(resource, resources)) === is));
    const absent = [
        ...missing(looked!, present).map((name) => ["-", "-", name, "missing", "-", "-", "-"]),
        ...missing(hidden!, []).map((name) => ["-", "-", name, "unknown", "-", "-", "-"]),
    ];
    for (const one of silent) console.error(`error: ${unreachable(one)}`);
    if (rows.length + absent.length === 0) console.log(`Nothing is deployed in ${env.stack}; ${verb("up")} deploys it.`);
    else console.log(table(HEADINGS, [...rows, ...absent].sort(byPlace)));
    const certified = await reportCertificates(present, deployment?.resources ?? []);
    return !certified || silent.length + absent.length > 0 || present.some((workload) => !isWell(workload)) ? 1 : 0;
}

function byPlace(a: string[], b: string[]): number {
    return a.slice(0, 3).join("\n").localeCompare(b.slice(0, 3).join("\n"));
}

function row(workload: Workload, images: Map<string, string>): string[] {
    const { system, role, name, info, host } = workload;
    const { state, since } = condition(info.State, info.Status);
    return [system, role, name, state, since, images.get(info.ImageID) ?? info.Image.replace(/^sha256:/, "").slice(0, 40), host.name];
}

/** Docker says `Up 3 minutes (healthy)` or `Exited (1) 2 hours ago`: the condition and the time, taken apart. */
export function condition(state: string, status: string): { state: string; since: string } {
    const health = /\((healthy|unhealthy|health: starting)\)/.exec(status)?.[1]?.replace("health: ", "");
    const code = /^\w+ \((\d+)\)/.exec(status)?.[1];
    const since = status
        .replace(/^(Up|Created|Exited|Restarting|Dead)\s*/, "")
        .replace(/\([^)]*\)/g, "")
        .replace(/ ago$/, "")
        .trim();
    const detail = state === "running" ? health : code && `code ${code}`;
    return { state: detail ? `${state} (${detail})` : state, since: since || "-" };
}

/** Running, and healthy where a health check says so. One that is still starting is given its time. */
export function isWell({ info }: Pick<Workload, "info">): boolean {
    return info.State === "running" && !info.Status.includes("(unhealthy)");
}

/** Containers that the state knows and no host has. */
export function missing(resources: Resource[], present: Pick<Workload, "name">[]): string[] {
    const names = new Set(present.map(({ name }) => name));
    return resources
        .filter(isContainer)
        .map(physicalName)
        .filter((name) => !names.has(name));
}

async function imageNames({ docker }: Host): Promise<Map<string, string>> {
    const images = await docker.listImages();
    return new Map(
        images.flatMap(({ Id, RepoTags }) => (RepoTags?.[0] && RepoTags[0] !== "<none>:<none>" ? [[Id, RepoTags[0]] as const] : [])),
    );
}

if (require.main === module) run(status);
