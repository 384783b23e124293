import { lockedImage } from "../../components/images";
import { LABEL } from "../../components/workload/docker/labels";
import type { Deployed } from "./drift";
import { executeQuietly } from "./execute";
import type { Host } from "./hosts";
import { withoutHeaders } from "./logs";
import { label } from "./resource-label";
import { isVolume, physicalName, readable, type Resource } from "./state";

/** Where backups are. */
export interface Store {
    host: Host;
    volume?: string;
    hostPath?: string;
    list: () => Promise<{ code: number; output: string }>;
}

interface Settings {
    image: string;
    envs?: string[];
    volumes?: { containerPath: string; volumeName?: string; hostPath?: string }[];
}

const LIST = ["backup", "list"];

/** Asks the container that makes them, or, where it does not run, a short-lived one of the same image that may only read. */
export function storeOf({ resource, host, info }: Deployed): Store {
    const { image, envs = [], volumes = [] } = readable(resource.inputs) as Settings;
    const directory = envs.find((variable) => variable.startsWith("BACKUP_DIRECTORY="))?.split("=")[1] ?? DIRECTORY;
    const { volumeName: volume, hostPath } = volumes.find(({ containerPath }) => containerPath === directory) ?? {};
    const once = () => runOnce(host, { Image: image, Cmd: LIST, Env: envs }, { volume, hostPath, directory });
    return { host, volume, hostPath, list: info?.State.Running ? () => executeQuietly({ id: info.Id, host }, LIST) : once };
}

const DIRECTORY = "/backups";
/** What the name of a backup begins with is known to its maker only. */
const LIST_ALL = ["sh", "-c", `find ${DIRECTORY} -maxdepth 1 -type f -name '*-????-??-??T??????Z.*' -printf '%f %s\\n' | sort -r`];

/** The volumes that the state has kept, and the directories of the host that its components tell of. */
export function storesWithoutMaker(system: string, host: Host, resources: Resource[]): Store[] {
    const places = resources.flatMap((resource): Omit<Source, "directory">[] => {
        const kept = readable(resource.outputs?.kept) as { system: string; hostPath: string } | undefined;
        if (kept?.system === system) return [{ hostPath: kept.hostPath }];
        const isStore = isVolume(resource) && label(resource, LABEL.system) === system && label(resource, LABEL.role) === "backups";
        return isStore ? [{ volume: physicalName(resource) }] : [];
    });
    const options = { Image: lockedImage("backup").reference, Cmd: LIST_ALL };
    return places.map((place) => ({ ...place, host, list: () => runOnce(host, options, { ...place, directory: DIRECTORY }) }));
}

interface Source {
    volume?: string;
    hostPath?: string;
    /** In the container. */
    directory: string;
}

async function runOnce({ docker }: Host, options: { Image: string; Cmd: string[]; Env?: string[] }, source: Source) {
    const { volume, hostPath, directory: Target } = source;
    // Unlike a bind, it does not make a directory that is not there.
    const Mounts = [{ Type: volume ? "volume" : "bind", Source: volume ?? hostPath!, Target, ReadOnly: true } as const];
    const container = await docker.createContainer({ ...options, NetworkDisabled: true, HostConfig: { Mounts: [...Mounts] } });
    try {
        await container.start();
        const { StatusCode: code } = (await container.wait()) as { StatusCode: number };
        const output = withoutHeaders(await container.logs({ stdout: true, stderr: false, follow: false }));
        return { code, output: output.toString() };
    } finally {
        await container.remove({ force: true, v: true });
    }
}
