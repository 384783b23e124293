import { confirm } from "./confirm";
import { environment, flag, type Environment } from "./environment";
import { onAll, type Host } from "./hosts";
import { inventory, nameOf, type Busy, type Data } from "./inventory";
import { exportState, importState, pulumi } from "./pulumi";
import { recover, removeStrays } from "./recover";
import {
    cutLoose,
    isContainer,
    isCredential,
    isGuarded,
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

/**
 * Takes an environment down: what its state made, and nothing else. Data and the credentials that open it stay, on the host and in the
 * state, so that the next `make up` finds them; `FORCE_DATA=yes` deletes them too and says what it deleted. Asks before it stops what
 * must not be interrupted, before it deletes data, and in a protected environment always.
 */
async function down(env: Environment, forceData: boolean): Promise<void> {
    await recover(env);
    const exported = await exportState(env);
    const selection = selectForDown(exported?.deployment.resources ?? []);
    const { hosts, volumes, busy } = await inventory(env, forceData);
    if (selection.goes.length + (forceData ? selection.stays.length : 0) === 0) {
        console.log(`Nothing of stack ${env.stack} is up.`);
        return;
    }
    console.log(announce(env, selection, forceData ? volumes : undefined, busy).join("\n"));
    await ask(env, selection, forceData ? volumes : [], busy);
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
export function announce({ project, stack }: Environment, { goes, stays }: Selection, deleted: Data[] | undefined, busy: Busy[]): string[] {
    const forceData = deleted !== undefined;
    const guarded = goes.filter(isGuarded);
    const credentials = stays.filter(isCredential);
    const rest = stays.filter((resource) => !isVolume(resource) && !isCredential(resource));
    const line = (heading: string, resources: Resource[], name = physicalName) =>
        resources.length > 0 ? [`  ${heading}: ${resources.map(name).sort().join(", ")}`] : [];
    return [
        `Taking down ${project}, stack ${stack}.`,
        ...line("stops and goes, though it was guarded", guarded),
        ...line(
            "goes",
            goes.filter((resource) => isContainer(resource) && !isGuarded(resource)),
        ),
        ...busy.map(({ subject, status }) => `    ${subject}: ${status}`),
        ...(forceData ? deleted.map((one) => `  is DELETED, with all data in it: ${nameOf(one)}`) : line("stays", stays.filter(isVolume))),
        ...line(forceData ? "is DELETED, credentials" : "stays, credentials", credentials, logicalName),
        ...line(forceData ? "is DELETED, though protected" : "stays, because it is protected", rest),
        "  directories of the host are never touched",
    ];
}

if (require.main === module) run(() => down(environment(), flag("FORCE_DATA")));
