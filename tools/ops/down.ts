import { environment, flag, type Environment } from "./environment";
import { hostsOf, onAll, type Host } from "./hosts";
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
import { ownFilter } from "./workloads";

/**
 * Takes an environment down. Data and the credentials that open it stay, on the host and in the state, so that the next
 * `make up` finds them; `FORCE_DATA=yes` deletes them too and says what it deleted.
 */
async function down(env: Environment, forceData: boolean): Promise<void> {
    await recover(env);
    const exported = await exportState(env);
    const selection = selectForDown(exported?.deployment.resources ?? []);
    const nothing = selection.goes.length + (forceData ? selection.stays.length : 0) === 0;
    console.log(nothing ? `Nothing of stack ${env.stack} is up.` : announce(env, selection, forceData).join("\n"));
    if (exported && selection.goes.length > 0) await destroyServices(env, exported, selection);
    if (forceData) await destroyData(env);
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
async function destroyData(env: Environment): Promise<void> {
    const exported = await exportState(env, { showSecrets: true });
    const hosts = await hostsOf(exported?.deployment);
    const volumes = (await onAll(hosts, (host) => volumesOn(host, env))).flat();
    if ((exported?.deployment.resources ?? []).length > 0) {
        if ((await pulumi(["state", "unprotect", "--all", "--yes", "--stack", env.stack])) !== 0)
            throw new Stop("the protection could not be lifted");
        await mustDestroy([], env.stack);
    }
    await removeStrays(env);
    await onAll(hosts, (host) => deleteVolumes(host, env));
    console.log(volumes.length > 0 ? `Deleted for good: ${volumes.join(", ")}.` : "There was no data to delete.");
}

async function mustDestroy(args: string[], stack: string): Promise<void> {
    const always = ["destroy", "--yes", "--skip-preview", "--suppress-outputs", "--parallel", "32", "--stack", stack];
    const code = await pulumi([...always, ...args], { GROUNDWORK_ALLOW_STOP: "all" });
    if (code !== 0) throw new Stop(`not everything went; the reason is above, and ${verb("down")} can be run again`, code);
}

async function volumesOn({ docker, name: hostName }: Host, env: Environment): Promise<string[]> {
    const { Volumes: volumes } = await docker.listVolumes({ filters: ownFilter(env) });
    return (volumes ?? []).map(({ Name }) => (hostName === "default" ? `volume ${Name}` : `volume ${Name} (host ${hostName})`));
}

/** Protected volumes leave the state but not the host: `retainOnDelete`. */
async function deleteVolumes({ docker }: Host, env: Environment): Promise<void> {
    const { Volumes: volumes } = await docker.listVolumes({ filters: ownFilter(env) });
    for (const { Name } of volumes ?? []) await docker.getVolume(Name).remove();
}

/** What goes and what stays, in words. */
export function announce({ project, stack }: Environment, { goes, stays }: Selection, forceData: boolean): string[] {
    const guarded = goes.filter(isGuarded);
    const volumes = stays.filter(isVolume);
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
        ...line(forceData ? "is DELETED, with all data in it" : "stays", volumes),
        ...line(forceData ? "is DELETED, credentials" : "stays, credentials", credentials, logicalName),
        ...line(forceData ? "is DELETED, though protected" : "stays, because it is protected", rest),
        "  directories of the host are never touched",
    ];
}

if (require.main === module) run(() => down(environment(), flag("FORCE_DATA")));
