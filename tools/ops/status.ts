import { LABEL } from "../../components/workload/docker/labels";
import { reportCertificates } from "./certificates";
import { environment, setting, type Environment } from "./environment";
import { addressOf, anotherMachine, hostsOf, onEach, unreachable, type Host } from "./hosts";
import { history, unfinished, type Update } from "./history";
import { exportState } from "./pulumi";
import { label } from "./resource-label";
import {
    isBeingDeleted,
    isContainer,
    isDockerHost,
    isNetwork,
    isVolume,
    logicalName,
    physicalName,
    type Deployment,
    type Resource,
} from "./state";
import { run, Stop } from "./stop";
import { table } from "./table";
import { command, verb } from "./verb";
import { workloadsOn, type Workload } from "./workloads";

const HEADINGS = ["SYSTEM", "ROLE", "CONTAINER", "STATE", "SINCE", "IMAGE", "HOST"];

/** A container, there or not. */
export interface Row {
    system: string;
    role: string;
    name: string;
    state: string;
    since: string;
    image: string;
    host: string;
    well: boolean;
}

/** Every container of the environment, what is wrong with which system, and the certificates; exit code 1 when something is. */
async function status(): Promise<number> {
    const env = environment();
    if (setting("SYSTEM")) throw new Stop(`${verb("status")} shows every system: leave SYSTEM out`, 2);
    const [exported, updates] = await Promise.all([exportState(env, { showSecrets: true }), history(env)]);
    const deployment = exported?.deployment ?? {};
    const { resources = [] } = deployment;
    const hosts = await hostsOf(deployment);
    const { answers, silent } = await onEach(hosts, (host) => lookAt(host, env, deployment));
    const present = answers.flatMap(({ workloads }) => workloads);
    const mute = new Set(silent.map(({ host }) => host.address));
    const rows = [...answers.flatMap((answer) => answer.rows), ...absent(resources, present, hosts, mute)].sort(byPlace);
    if (rows.length > 0) console.log(table(HEADINGS, rows.map(cells)));
    const certified = await reportCertificates(present, resources);
    const lost = answers.flatMap((answer) => answer.lost);
    const problems = [...silent.map(unreachable), ...lost, ...troubles(rows), ...halfDone(deployment, updates)];
    if (rows.length + problems.length === 0) console.log(`Nothing is deployed in ${env.stack}; ${verb("up")} deploys it.`);
    for (const problem of problems) console.error(`error: ${problem}`);
    return certified && problems.length === 0 ? 0 : 1;
}

async function lookAt(host: Host, env: Environment, deployment: Deployment) {
    const { resources = [] } = deployment;
    const another = await anotherMachine(host);
    if (another) throw new Stop(another);
    const [workloads, images, volumes] = await Promise.all([
        workloadsOn(host, env, resources),
        imageNames(host),
        host.docker.listVolumes(),
    ]);
    const there = new Set((volumes.Volumes ?? []).map(({ Name }) => Name));
    const isWanted = (one: Resource) => isVolume(one) && !one.delete && !isBeingDeleted(one, deployment);
    const wanted = resources.filter((one) => isWanted(one) && addressOf(one, resources) === host.address);
    return { workloads, rows: workloads.map((workload) => row(workload, images)), lost: lostVolumes(wanted, there) };
}

/** What a run has begun that did not end well. */
function halfDone(deployment: Deployment, updates: Update[]): string[] {
    const { resources = [], pending_operations: pending = [] } = deployment;
    // The state does not tell what became of it.
    if (pending.length > 0) return [`a run was stopped in the middle of its work; ${verb("up")} finds out what became of it, and goes on`];
    return [...neverStarted(resources), ...failures(updates)];
}

/** @param there the names of those that the host has */
export function lostVolumes(volumes: Resource[], there: Set<string>): string[] {
    const gone = volumes.map(physicalName).filter((name) => !there.has(name));
    const what = gone.length > 1 ? "volumes" : "volume";
    return gone.length > 0
        ? [`gone with the data in it: ${what} ${gone.join(", ")}; ${verb("up")} lists the backups and says how to go on`]
        : [];
}

function byPlace(a: Row, b: Row): number {
    return cells(a).slice(0, 3).join("\n").localeCompare(cells(b).slice(0, 3).join("\n"));
}

function cells({ system, role, name, state, since, image, host }: Row): string[] {
    return [system, role, name, state, since, image, host];
}

function row(workload: Workload, images: Map<string, string>): Row {
    const { system, role, name, info, host } = workload;
    const image = images.get(info.ImageID) ?? info.Image.replace(/^sha256:/, "").slice(0, 40);
    return { system, role, name, ...condition(info.State, info.Status), image, host: host.name, well: isWell(workload) };
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

/** Containers that the state knows and no host has, or of which nobody knows because their host is mute. */
export function absent(
    resources: Resource[],
    present: Pick<Workload, "name">[],
    hosts: Pick<Host, "name" | "address">[],
    mute: Set<string>,
): Row[] {
    const names = new Set(present.map(({ name }) => name));
    const gone = resources.filter((resource) => isContainer(resource) && !resource.delete && !names.has(physicalName(resource)));
    return gone.map((resource) => {
        const address = addressOf(resource, resources);
        return {
            system: label(resource, LABEL.system) ?? "-",
            role: label(resource, LABEL.role) ?? "-",
            name: physicalName(resource),
            state: mute.has(address) ? "unknown" : "missing",
            since: "-",
            image: "-",
            host: hosts.find((host) => host.address === address)?.name ?? "-",
            well: false,
        };
    });
}

/** What is wrong with each system, and what to do. Where a host is mute, that is said of the host. */
export function troubles(rows: Row[]): string[] {
    const systems = [...new Set(rows.map(({ system }) => system))];
    return systems.flatMap((system) => {
        const ofSystem = rows.filter((one) => one.system === system);
        const bad = ofSystem.filter(({ well, state }) => !well && state !== "unknown");
        if (bad.length === 0) return [];
        const allMissing = bad.length === ofSystem.length && bad.every(({ state }) => state === "missing");
        const what = allMissing
            ? "all of its containers are missing"
            : bad.map((one) => `${called(one, ofSystem)} is ${one.state}`).join(", ");
        const why = bad.some(({ state }) => state !== "missing") ? `; ${verb("logs", { SYSTEM: system })} says why` : "";
        return [`${system} is not well: ${what}${why}; ${verb("up")} starts or makes again what does not run`];
    });
}

/** Its role, where that is enough to tell it from the others. */
function called({ role, name }: Row, rows: Row[]): string {
    return rows.filter((one) => one.role === role).length > 1 ? name : role;
}

/** A component that an update began, as its network shows, and never brought to a container. */
export function neverStarted(resources: Resource[]): string[] {
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    // What the program makes itself: a system, or an engine of one.
    const top = (resource: Resource): Resource => {
        const parent = byUrn.get(resource.parent ?? "");
        return parent && isOurs(parent) ? top(parent) : resource;
    };
    const owners = (some: Resource[]) => new Set(some.map(top));
    const started = owners(resources.filter(isContainer));
    const begun = [...owners(resources.filter(isNetwork))].filter((one) => isOurs(one) && !started.has(one));
    return begun.map((one) => `${logicalName(one)} is not well: no container of it was ever made; ${verb("up")} says why`);
}

/** A component of ours, hosts apart. */
function isOurs(resource: Resource): boolean {
    return resource.type.startsWith("groundwork:index:") && !isDockerHost(resource);
}

function failures(updates: Update[]): string[] {
    const failed = unfinished(updates);
    if (!failed) return [];
    const name = failed.kind === "destroy" ? "down" : "up";
    const time = failed.endTime.replace("T", " ").replace(/\.\d+Z$/, "Z");
    return [`the last \`${command(name)}\` failed (${time}) and did not do all that it was to do: run it again, it says why`];
}

async function imageNames({ docker }: Host): Promise<Map<string, string>> {
    const images = await docker.listImages();
    return new Map(
        images.flatMap(({ Id, RepoTags }) => (RepoTags?.[0] && RepoTags[0] !== "<none>:<none>" ? [[Id, RepoTags[0]] as const] : [])),
    );
}

if (require.main === module) run(status);
