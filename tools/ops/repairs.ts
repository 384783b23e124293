import type { ContainerInspectInfo, default as Docker } from "dockerode";
import { physicalName, readable, type Resource } from "./state";

/** One thing that was changed by hand, in words, and the call that sets it right while the program runs on. */
export interface Repair {
    says: string;
    call: (docker: Docker) => Promise<unknown>;
    /** What is wrong, where setting it right may cut off or end what a running program does. */
    interrupts?: string;
}

/** What the state says about a container, as far as somebody can change it without replacing it. */
interface Settings {
    name: string;
    /** MiB. */
    memory?: number;
    memorySwap?: number;
    restart?: string;
    networksAdvanced?: { name: string; aliases?: string[] }[];
}

/** What differs from the state, in the order in which it is set right. `networks`: the ids of those that exist. */
export function repairs(resource: Resource, info: ContainerInspectInfo, isThere: (network: string) => boolean): Repair[] {
    const settings = { ...(readable(resource.inputs) as object), name: physicalName(resource) } as Settings;
    return [...pause(info), ...name(settings, info), ...limits(settings, info), ...networks(settings, info, isThere), ...rest(info)];
}

function pause({ Id, State }: ContainerInspectInfo): Repair[] {
    return State.Paused ? [{ says: "goes on after a pause", call: (docker) => docker.getContainer(Id).unpause() }] : [];
}

function name({ name: wanted }: Settings, { Id, Name }: ContainerInspectInfo): Repair[] {
    const found = Name.replace(/^\//, "");
    if (found === wanted) return [];
    return [{ says: `has its name again; it was called ${found}`, call: (docker) => docker.getContainer(Id).rename({ name: wanted }) }];
}

const MIB = 1024 * 1024;

function limits({ memory, memorySwap, restart }: Settings, { Id, HostConfig }: ContainerInspectInfo): Repair[] {
    const update = (settings: object) => (docker: Docker) => docker.getContainer(Id).update(settings);
    const found: Repair[] = [];
    if (memory !== undefined && (HostConfig.Memory !== memory * MIB || HostConfig.MemorySwap !== (memorySwap ?? memory) * MIB)) {
        const wanted = { Memory: memory * MIB, MemorySwap: (memorySwap ?? memory) * MIB };
        const had = inMib(HostConfig);
        found.push({
            says: `has its memory of ${memory} MiB again; it had ${had}`,
            call: update(wanted),
            // Docker ends a program that already uses more.
            interrupts: lowers(wanted, HostConfig) ? `its memory: ${had} instead of ${memory} MiB` : undefined,
        });
    }
    const policy = HostConfig.RestartPolicy?.Name || "no";
    if (restart !== undefined && policy !== restart) {
        const call = update({ RestartPolicy: { Name: restart } });
        found.push({ says: `has its restart policy ${restart} again; it was ${policy}`, call });
    }
    return found;
}

type Limits = Pick<ContainerInspectInfo["HostConfig"], "Memory" | "MemorySwap">;

function lowers(wanted: Limits, had: Limits): boolean {
    // 0: no limit, of swap -1, too.
    const isLess = (limit = 0, before = 0) => before <= 0 || limit < before;
    return isLess(wanted.Memory, had.Memory) || isLess(wanted.MemorySwap, had.MemorySwap);
}

function inMib({ Memory, MemorySwap }: Limits): string {
    if (!Memory) return "no limit";
    return Memory === MemorySwap ? `${Memory / MIB} MiB` : `${Memory / MIB} MiB and swap`;
}

function networks({ networksAdvanced }: Settings, info: ContainerInspectInfo, isThere: (network: string) => boolean): Repair[] {
    // A container without networks of its own is on Docker's; one whose network is gone is replaced with it.
    if (!networksAdvanced?.length || !networksAdvanced.every(({ name: id }) => isThere(id))) return [];
    const joined = Object.entries(info.NetworkSettings.Networks).map(([label, { NetworkID, Aliases }]) => ({
        label,
        id: NetworkID,
        aliases: Aliases ?? [],
    }));
    const leave = (network: string) => (docker: Docker) => docker.getNetwork(network).disconnect({ Container: info.Id, Force: true });
    const join = (network: string, aliases: string[]) => (docker: Docker) =>
        docker.getNetwork(network).connect({ Container: info.Id, EndpointConfig: { Aliases: aliases } });
    const back = networksAdvanced.flatMap(({ name: id, aliases = [] }): Repair[] => {
        const found = joined.find((network) => network.id === id);
        if (!found) return [{ says: "is back on its network", call: join(id, aliases) }];
        if (aliases.every((alias) => found.aliases.includes(alias))) return [];
        const again = async (docker: Docker) => (await leave(id)(docker), await join(id, aliases)(docker));
        const names = aliases.join(", ");
        return [{ says: `is found under ${names} on its network again`, call: again, interrupts: `nobody finds it under ${names}` }];
    });
    const strange = joined.filter(({ id }) => !networksAdvanced.some(({ name }) => name === id));
    const off = strange.map(({ id, label }) => ({
        says: `is off the network ${label}, which is not its own`,
        call: leave(id),
        interrupts: `it is on the network ${label}, which is not its own`,
    }));
    return [...back, ...off];
}

/** `restarting` is Docker's own business. */
function rest({ Id, State }: ContainerInspectInfo): Repair[] {
    if (!["created", "exited", "dead"].includes(State.Status)) return [];
    const was = State.Status === "exited" ? `exited with code ${State.ExitCode}` : State.Status;
    return [{ says: `is started; it was ${was}`, call: (docker) => docker.getContainer(Id).start() }];
}
