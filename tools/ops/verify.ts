import { setTimeout as sleep } from "node:timers/promises";
import { answers } from "./answers";
import { environment, type Environment } from "./environment";
import { addressOf, hostsOf, onAll, type Host } from "./hosts";
import { nextSteps } from "./next-steps";
import { exportForHosts } from "./pulumi";
import { hide, type Outputs } from "./stack-outputs";
import { isContainer, physicalName, readable, type Deployment, type Resource } from "./state";
import { condition, isWell } from "./status";
import { run, Stop } from "./stop";
import { verb } from "./verb";
import { workloadsOn, type Workload } from "./workloads";

/** After an update: looks at the hosts and addresses themselves, says what is not well, and only then what to do next. */
async function verify(): Promise<void> {
    const env = environment();
    const deployment = (await exportForHosts(env))?.deployment ?? {};
    const outputs = deployment.resources?.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
    const problems = [...(await checkWorkloads(env, deployment)), ...(await checkAddresses(readable(outputs) as Outputs))];
    if (problems.length > 0) throw new Stop(`${env.stack} is deployed and not well:\n${problems.map((one) => `  ${one}`).join("\n")}`);
    console.log(nextSteps(hide(outputs) as Outputs).join("\n"));
}

/** Every container of the state: there, running, and healthy once it had its time. */
async function checkWorkloads(env: Environment, deployment: Deployment): Promise<string[]> {
    const resources = deployment.resources ?? [];
    const containers = resources.filter((resource) => isContainer(resource) && !resource.delete);
    const wanted = (host: Host) => containers.filter((resource) => addressOf(resource, resources) === host.address);
    const hosts = (await hostsOf(deployment)).filter((host) => wanted(host).length > 0);
    return (await onAll(hosts, async (host) => compare(wanted(host), await settled(host, env, resources)))).flat();
}

export function compare(wanted: Resource[], found: Workload[]): string[] {
    return wanted.flatMap((resource) => {
        const name = physicalName(resource);
        const workload = found.find(({ id }) => id === resource.id);
        if (!workload) return [`${name} is not there`];
        const { state, since } = condition(workload.info.State, workload.info.Status);
        if (isWell(workload) && !isUnsettled(workload)) return [];
        return [`${name} is ${state} since ${since}: ${verb("logs", { ROLE: name })} says why`];
    });
}

/** It may yet become well by itself: it is starting, or its last checks failed, or Docker starts it again. */
function isUnsettled({ info }: Workload): boolean {
    return info.State === "restarting" || (info.State === "running" && /\((health: starting|unhealthy)\)/.test(info.Status));
}

/** The containers of a host that the state knows, once all of them are well, or had time enough. */
async function settled(host: Host, env: Environment, resources: Resource[]): Promise<Workload[]> {
    for (let end = 0; ; await sleep(500)) {
        const found = await workloadsOn(host, env, resources);
        const unsettled = found.filter(isUnsettled);
        if (unsettled.length === 0 || (end > 0 && Date.now() > end)) return found;
        if (end > 0) continue;
        const seconds = Math.max(...(await Promise.all(unsettled.map(patience))));
        console.error(`waiting up to ${seconds} s for ${unsettled.map(({ name }) => name).join(", ")} to be well`);
        end = Date.now() + seconds * 1000;
    }
}

/** Seconds without a health check. */
const RESTART = 15;

/** As the health check says: failures do not count in the start period, and several in a row make a container unhealthy. */
async function patience({ host, id, info }: Workload): Promise<number> {
    const { Healthcheck: check } = (await host.docker.getContainer(id).inspect()).Config;
    const checks = ((check?.Interval ?? 0) + (check?.Timeout ?? 0)) * ((check?.Retries ?? 0) + 1);
    const start = info.Status.includes("unhealthy") ? 0 : (check?.StartPeriod ?? 0);
    return Math.max(RESTART, Math.ceil((start + checks) / 1e9));
}

/** The address of every system, as its users reach it. */
async function checkAddresses(outputs: Outputs): Promise<string[]> {
    const systems = Object.values(outputs).filter((value): value is Outputs => typeof value === "object" && value !== null);
    const looked = systems.map(async ({ url, caCertificate }) => {
        if (typeof url !== "string") return [];
        const verdict = await answers(url, typeof caCertificate === "string" ? caCertificate : undefined);
        if (verdict.level === "warning") console.error(`warning: ${url}: ${verdict.text}`);
        return verdict.level === "error" ? [`${url}: ${verdict.text}`] : [];
    });
    return (await Promise.all(looked)).flat();
}

if (require.main === module) run(verify);
