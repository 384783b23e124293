import { confirm } from "./confirm";
import { environment, flag, type Environment } from "./environment";
import { onAll, onEach, type Host } from "./hosts";
import { inventory, nameOf, type Busy, type Data, type Inventory } from "./inventory";
import { exportState, importState, pulumi } from "./pulumi";
import { recover, removeStrays } from "./recover";
import { refuseDuringRestore } from "./restore-lock";
import {
    cutLoose,
    isContainer,
    isCredential,
    isVolume,
    logicalName,
    physicalName,
    selectForDown,
    type Exported,
    type Resource,
    type Selection,
} from "./state";
import { run, Stop } from "./stop";
import { verb } from "./verb";
import { workloadsOn } from "./workloads";

/**
 * Takes an environment down: what its state made, and nothing else. Data and the credentials that open it stay, on the host and in the
 * state, so that the next `make up` finds them; `FORCE_DATA=yes` deletes them too and says what it deleted. Asks before it stops what
 * must not be interrupted, before it deletes data, and in a protected environment always.
 */
async function down(env: Environment, forceData: boolean): Promise<void> {
    await recover(env);
    const announced = await exportState(env);
    const selection = selectForDown(announced?.deployment.resources ?? []);
    const { hosts, volumes, ...engines } = await inventory(env, forceData);
    if (selection.goes.length + (forceData ? selection.stays.length : 0) === 0) {
        // What a first update leaves that has failed: entries of the state, without which the stack can be removed.
        if (forceData && (announced?.deployment.resources ?? []).length > 0) await mustDestroy([], env.stack);
        console.log(`Nothing of stack ${env.stack} is up.`);
        return;
    }
    console.log(announce(env, selection, forceData ? volumes : undefined, engines).join("\n"));
    await ask(env, selection, forceData ? volumes : [], engines.busy);
    const exported = await exportUnchanged(env, announced);
    await refuseDuringRestores(env, hosts, exported);
    if (exported && selection.goes.length > 0) await destroyServices(env, exported, selection);
    if (forceData) await destroyData(env, hosts, volumes);
}

/** Nobody is asked where everything may stop and all data stays. */
async function ask(env: Environment, { goes, stays }: Selection, volumes: Data[], busy: Busy[]): Promise<void> {
    const isProtected = [...goes, ...stays].some(({ protect }) => protect);
    if (!isProtected && busy.length === 0 && volumes.length === 0) return;
    const what = volumes.length > 0 ? `Delete ${volumes.length} volumes with all their data?` : `Take ${env.stack} down?`;
    await confirm(isProtected ? `${env.stack} is protected. ${what}` : what, isProtected ? env.stack : "yes");
}

/**
 * The state as it is now, which is written back in parts. What somebody else has deployed while the question stood there was never
 * announced, and would be lost from an older one while it runs on.
 */
async function exportUnchanged(env: Environment, announced: Exported | undefined): Promise<Exported | undefined> {
    const now = await exportState(env);
    const changed = changes(announced?.deployment.resources ?? [], now?.deployment.resources ?? []);
    if (changed.length === 0) return now;
    throw new Stop(`${env.stack} has changed meanwhile: ${changed.join(", ")}; nothing was taken down: run ${verb("down")} again`);
}

/** What is not in both, as the same thing, in words. */
export function changes(before: Resource[], after: Resource[]): string[] {
    const identities = (resources: Resource[]) =>
        new Map(resources.map((one) => [[one.urn, one.id, Boolean(one.delete), Boolean(one.protect)].join(), physicalName(one)]));
    const [old, now] = [identities(before), identities(after)];
    const missing = (from: Map<string, string>, other: Map<string, string>) =>
        [...from].filter(([identity]) => !other.has(identity)).map(([, name]) => name);
    const [added, gone] = [missing(now, old), missing(old, now)];
    // Replaced: the old one is gone and the new one is there, under one name.
    return [
        ...added.map((name) => `${name} is new or changed`),
        ...gone.filter((name) => !added.includes(name)).map((name) => `${name} is gone`),
    ];
}

/** It stops the containers in which a restore works. */
async function refuseDuringRestores(env: Environment, hosts: Host[], exported: Exported | undefined): Promise<void> {
    const { answers } = await onEach(hosts, (host) => workloadsOn(host, env, exported?.deployment.resources ?? []));
    const running = answers.flat().filter(({ role, info }) => role === "backup" && info.State === "running");
    for (const backup of running) await refuseDuringRestore(backup.system, backup);
}

/** The hooks that guard engines live in the program, so with them it is run (3 s); the guard is lifted, having been announced. */
async function destroyServices(env: Environment, exported: Exported, { goes, stays }: Selection): Promise<void> {
    const loose = cutLoose(exported, goes);
    if (loose) await importState(env, loose);
    const targets = stays.length > 0 ? [...new Set(goes.map(({ urn }) => urn))].flatMap((urn) => ["--target", urn]) : [];
    const guarded = goes.some(({ resourceHooks }) => (resourceHooks?.BeforeDelete ?? []).length > 0);
    await mustDestroy([...(guarded ? ["--run-program"] : []), ...targets], env.stack);
}

/** Without the program, which would protect its data again. */
async function destroyData(env: Environment, hosts: Host[], volumes: Data[]): Promise<void> {
    // While the state still has the keys by which strays are known.
    await removeStrays(env);
    const exported = await exportState(env);
    if ((exported?.deployment.resources ?? []).length > 0) {
        if ((await pulumi(["state", "unprotect", "--all", "--yes", "--stack", env.stack])) !== 0)
            throw new Stop("the protection could not be lifted");
        await mustDestroy([], env.stack);
    }
    // Protected volumes leave the state but not the host: `retainOnDelete`.
    await onAll(hosts, (host) => deleteVolumes(volumes.filter((one) => one.host === host)));
    const rest = verb("pulumi", { ARGS: "stack rm --yes" });
    console.log(`The environment is empty; ${rest} forgets its history as well, and its file stays.`);
    console.log(volumes.length > 0 ? `Deleted for good: ${volumes.map(nameOf).join(", ")}.` : "There was no data to delete.");
}

async function deleteVolumes(volumes: Data[]): Promise<void> {
    for (const { name, host } of volumes) {
        await host.docker
            .getVolume(name)
            .remove()
            .catch((problem: { statusCode?: number }) => {
                if (problem.statusCode !== 404) throw problem;
            });
    }
}

async function mustDestroy(args: string[], stack: string): Promise<void> {
    const always = ["destroy", "--yes", "--skip-preview", "--suppress-outputs", "--parallel", "32", "--stack", stack];
    const code = await pulumi([...always, ...args], { GROUNDWORK_ALLOW_STOP: "all", GROUNDWORK_SKIP_PREFLIGHT: "yes" });
    if (code !== 0) throw new Stop(`not everything went; the reason is above, and ${verb("down")} can be run again`, code);
}

/** What goes and what stays, in words. */
export function announce(
    { project, stack }: Environment,
    { goes, stays }: Selection,
    deleted: Data[] | undefined,
    { guarded, busy }: Pick<Inventory, "guarded" | "busy">,
): string[] {
    const forceData = deleted !== undefined;
    const isBusy = (resource: Resource) => guarded.includes(resource.urn);
    const credentials = stays.filter(isCredential);
    const rest = stays.filter((resource) => !isVolume(resource) && !isCredential(resource));
    const line = (heading: string, resources: Resource[], name = physicalName) =>
        resources.length > 0 ? [`  ${heading}: ${resources.map(name).sort().join(", ")}`] : [];
    return [
        `Taking down ${project}, stack ${stack}.`,
        ...line("stops and goes, though it was guarded", goes.filter(isBusy)),
        ...line(
            "goes",
            goes.filter((resource) => isContainer(resource) && !isBusy(resource)),
        ),
        ...busy.map(({ subject, status }) => `    ${subject}: ${status}`),
        ...(forceData ? deleted.map((one) => `  is DELETED, with all data in it: ${nameOf(one)}`) : line("stays", stays.filter(isVolume))),
        ...line(forceData ? "is DELETED, credentials" : "stays, credentials", credentials, logicalName),
        ...line(forceData ? "is DELETED, though protected" : "stays, because it is protected", rest),
        "  directories of the host are never touched",
    ];
}

if (require.main === module) run(() => down(environment(), flag("FORCE_DATA")));
