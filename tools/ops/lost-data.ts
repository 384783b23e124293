import { LABEL } from "../../components/workload/docker/labels";
import type { Deployed, Sight } from "./drift";
import { executeQuietly } from "./execute";
import type { Host } from "./hosts";
import { withoutHeaders } from "./logs";
import { physicalName, readable, type Resource } from "./state";
import { command } from "./verb";

type Lost = Sight["lost"][number];

/** What a person must know before an empty volume takes the place of one that is gone: which backups there are, and the ways on. */
export async function lostData(volumes: Lost[], sight: Sight): Promise<string> {
    const names = volumes.map(({ resource }) => physicalName(resource));
    const systems = [...new Set(volumes.map(({ resource }) => label(resource, LABEL.system) ?? "-"))];
    const lines = [`gone with the data in it: volume ${names.join(", volume ")}; nothing was changed`];
    for (const system of systems) lines.push(...(await backupsOf(system, volumes, sight)));
    return [
        ...lines,
        "  If it is on a disk that is not mounted, mount that and restart Docker. To go on without that data:",
        `    ${command("up", { EMPTY_DATA: "yes" })}`,
        ...systems.map((system) => `    ${command("restore", { SYSTEM: system, FILE: "<file>" })}`),
    ].join("\n");
}

async function backupsOf(system: string, lost: Lost[], { containers }: Sight): Promise<string[]> {
    const makers = containers.filter(
        ({ resource }) => label(resource, LABEL.system) === system && label(resource, LABEL.role) === "backup",
    );
    if (makers.length === 0) return [`  No backups of ${system} are known.`];
    const found = await Promise.all(makers.map((maker) => backupsIn(maker, lost)));
    return found.flatMap(({ place, gone, names }) => {
        if (gone) return [`  Backups of ${system} were in ${place}, which is gone too.`];
        if (!names) return [`  Backups of ${system} are in ${place}, which could not be read.`];
        if (names.length === 0) return [`  There are no backups of ${system} in ${place}.`];
        const rest = names.length > SHOWN ? [`    and ${names.length - SHOWN} older ones`] : [];
        return [`  Backups of ${system} in ${place}, newest first:`, ...names.slice(0, SHOWN).map((name) => `    ${name}`), ...rest];
    });
}

/** More do not help in a choice. */
const SHOWN = 10;

interface Place {
    place: string;
    gone?: boolean;
    /** Missing where the place could not be read. */
    names?: string[];
}

interface Settings {
    image: string;
    envs?: string[];
    volumes?: { containerPath: string; volumeName?: string; hostPath?: string }[];
}

const LIST = ["backup", "list"];

/** Asks the container that makes them, or, where it does not run, a short-lived one of the same image that may only read. */
async function backupsIn({ resource, host, info }: Deployed, lost: Lost[]): Promise<Place> {
    const { image, envs = [], volumes = [] } = readable(resource.inputs) as Settings;
    const directory = envs.find((variable) => variable.startsWith("BACKUP_DIRECTORY="))?.split("=")[1] ?? "/backups";
    const { volumeName, hostPath } = volumes.find(({ containerPath }) => containerPath === directory) ?? {};
    const where = host.name === "default" ? "" : ` of host ${host.name}`;
    const place = volumeName ? `volume ${volumeName}${where}` : `directory ${hostPath}${where}`;
    if (lost.some(({ resource: volume }) => physicalName(volume) === volumeName)) return { place, gone: true };
    try {
        const list = info?.State.Running
            ? await executeQuietly({ id: info.Id, host }, LIST)
            : await runOnce(host, { Image: image, Env: envs, HostConfig: { Binds: [`${volumeName ?? hostPath}:${directory}:ro`] } });
        return { place, names: list.code === 0 ? list.output.split("\n").filter(Boolean) : undefined };
    } catch {
        return { place };
    }
}

async function runOnce({ docker }: Host, options: { Image: string; Env: string[]; HostConfig: { Binds: string[] } }) {
    const container = await docker.createContainer({ ...options, Cmd: LIST, NetworkDisabled: true });
    try {
        await container.start();
        const { StatusCode: code } = (await container.wait()) as { StatusCode: number };
        const output = withoutHeaders(await container.logs({ stdout: true, stderr: false, follow: false }));
        return { code, output: output.toString() };
    } finally {
        await container.remove({ force: true, v: true });
    }
}

/** A label as the program gave it. */
function label(resource: Resource, name: string): string | undefined {
    const labels = readable(resource.inputs?.labels) as { label: string; value: string }[] | undefined;
    return labels?.find((candidate) => candidate.label === name)?.value;
}
