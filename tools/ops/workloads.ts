import type { ContainerInfo } from "dockerode";
import { LABEL } from "../../components/workload/docker/labels";
import { environment, setting, type Environment } from "./environment";
import { hostsOf, onAll, type Host } from "./hosts";
import { ownership } from "./ownership";
import { exportState } from "./pulumi";
import type { Resource } from "./state";
import { Stop } from "./stop";
import { verb } from "./verb";

/** A container of this environment, running or not. */
export interface Workload {
    id: string;
    name: string;
    system: string;
    component: string;
    role: string;
    info: ContainerInfo;
    host: Host;
}

/** The filter with which Docker lists what belongs to this project and stack. */
export function ownFilter({ project, stack }: Environment): { label: string[] } {
    return { label: [`${LABEL.project}=${project}`, `${LABEL.stack}=${stack}`] };
}

/** The containers that this state made. Others may have the same project and stack on their labels: they are not shown, nor touched. */
export async function workloadsOn(host: Host, env: Environment, resources: Resource[]): Promise<Workload[]> {
    const containers = await host.docker.listContainers({ all: true, filters: ownFilter(env) });
    const known = new Set(resources.map(({ id }) => id));
    const isOurs = ownership(resources);
    return containers
        .filter(({ Id, Names, Labels }) => known.has(Id) || isOurs(Names[0]!.replace(/^\//, ""), Labels))
        .map((info) => ({
            id: info.Id,
            name: info.Names[0]!.replace(/^\//, ""),
            system: info.Labels[LABEL.system] ?? "-",
            component: info.Labels[LABEL.component] ?? "-",
            role: info.Labels[LABEL.role] ?? "-",
            info,
            host,
        }))
        .sort((a, b) => a.name.localeCompare(b.name));
}

/** The containers of this environment on all its hosts. */
export async function allWorkloads(): Promise<Workload[]> {
    const env = environment();
    const exported = await exportState(env, { showSecrets: true });
    const hosts = await hostsOf(exported?.deployment);
    if (hosts.length === 0) throw new Stop(`nothing is deployed in ${env.stack}; ${verb("up")} deploys it`);
    const resources = exported?.deployment.resources ?? [];
    return (await onAll(hosts, (host) => workloadsOn(host, env, resources))).flat();
}

export interface Choice {
    system?: string;
    /** A role, or, where several containers have the same one, a component or the container's name. */
    role?: string;
}

export function choiceFromEnvironment(): Choice {
    return { system: setting("SYSTEM"), role: setting("ROLE") };
}

export function choose(workloads: Workload[], { system, role }: Choice): Workload[] {
    const chosen = workloads.filter(
        (workload) =>
            (!system || workload.system === system) && (!role || [workload.role, workload.component, workload.name].includes(role)),
    );
    if (workloads.length === 0) throw new Stop(`no container of this environment exists; ${verb("up")} creates them`, 2);
    if (chosen.length === 0) throw new Stop(`nothing fits ${wording({ system, role })}: ${alternatives(workloads)}`, 2);
    return chosen;
}

/** For verbs that work on one container. */
export function chooseOne(workloads: Workload[], choice: Choice): Workload {
    const chosen = choose(workloads, choice);
    if (chosen.length > 1) {
        throw new Stop(
            `${wording(choice)} fits ${chosen.length} containers: choose one with ROLE=${chosen.map(({ name }) => name).join(" or ROLE=")}`,
            2,
        );
    }
    return chosen[0]!;
}

function wording({ system, role }: Choice): string {
    const words = [system && `SYSTEM=${system}`, role && `ROLE=${role}`].filter(Boolean);
    return words.length > 0 ? words.join(" ") : "this environment";
}

function alternatives(workloads: Workload[]): string {
    const pair = ({ system, role }: Workload) => `SYSTEM=${system} ROLE=${role}`;
    const pairs = [...new Set(workloads.map(pair))].map((words) => {
        const names = workloads.filter((workload) => pair(workload) === words).map(({ name }) => name);
        return names.length > 1 ? `${words} (one of them: ROLE=${names.join(" or ROLE=")})` : words;
    });
    return `there are ${pairs.join(", ")}`;
}
