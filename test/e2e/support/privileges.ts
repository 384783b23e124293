/** Compares what every container may do with the table of the reference. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { privileges } from "../../../components/privileges";
import { granted, PIDS_LIMIT } from "../../../components/workload";
import type { Docker } from "./docker";
import { run } from "./process";

interface Subject {
    project: string;
    name: string;
    docker: Docker;
}

/** The part of `docker inspect` that matters here. */
interface Inspected {
    Name: string;
    Config: { Env: string[] | null; Labels: Record<string, string> };
    HostConfig: {
        Privileged: boolean;
        CapDrop: string[] | null;
        CapAdd: string[] | null;
        SecurityOpt: string[] | null;
        PidsLimit: number | null;
        ReadonlyRootfs: boolean;
        Tmpfs?: Record<string, string>;
        NetworkMode: string;
        PidMode: string;
        Devices: unknown[] | null;
    };
    Mounts: { Type: string; Source: string; Destination: string }[];
}

/** Looks at each container of a project as soon as it is made, for jobs are gone when an update ends. */
export class PrivilegeWatch {
    private readonly seen: Promise<Inspected | undefined>[] = [];

    private constructor(
        private readonly subject: Subject,
        private readonly events: ChildProcess,
    ) {}

    /** Every container that is there after `work`, or was made by it, agrees with its row of the table; together they have these rows. */
    static async during<T>(subject: Subject, rows: string[], work: () => Promise<T>): Promise<T> {
        const watch = await PrivilegeWatch.start(subject);
        try {
            const result = await work();
            await watch.assertAsInTable(rows);
            return result;
        } finally {
            watch.events.kill();
        }
    }

    private static async start(subject: Subject): Promise<PrivilegeWatch> {
        const filters = ["type=container", "event=create", `label=groundwork.project=${subject.project}`];
        const args = ["events", "--since", "0s", ...filters.flatMap((filter) => ["--filter", filter]), "--format", "{{.ID}}"];
        const events = spawn("docker", args, { stdio: ["ignore", "pipe", "inherit"] });
        const watch = new PrivilegeWatch(subject, events);
        createInterface({ input: events.stdout }).on("line", (id) => watch.seen.push(inspect(id)));
        await once(events, "spawn");
        return watch;
    }

    private async assertAsInTable(rows: string[]): Promise<void> {
        const jobs = (await Promise.all(this.seen)).filter((one) => one !== undefined);
        const { container } = await this.subject.docker.objectsOf(this.subject);
        const there = await Promise.all(container.map((name) => this.subject.docker.inspect("container", name) as Promise<Inspected>));
        const names = new Set(there.map(({ Name }) => Name));
        const all = [...there, ...jobs.filter(({ Name }) => !names.has(Name))].filter(({ Config }) => Config.Labels["groundwork.role"]);
        for (const one of all) assertAsInTable(one);
        assert.deepEqual([...new Set(all.map(rowOf))].sort(), [...rows].sort(), "these roles were looked at");
    }
}

async function inspect(id: string): Promise<Inspected | undefined> {
    const text = await run("docker", ["container", "inspect", id]).catch(() => "[]");
    return (JSON.parse(text) as Inspected[])[0];
}

/** Which row of the table a container belongs to. */
function rowOf({ Config: { Labels, Env } }: Inspected): string {
    const role = Labels["groundwork.role"]!;
    if (role.endsWith("-directory")) return "directory";
    if (role.endsWith("-content")) return "content";
    if (/^worker-\d+$/.test(role)) return "worker";
    const kind = Env?.find((line) => line.startsWith("BACKUP_KIND="))?.endsWith("=postgres") ? "PostgreSQL" : "SQLite";
    return ["backup", "before-change"].includes(role) ? `${role} of ${kind}` : role;
}

function assertAsInTable(container: Inspected): void {
    const { HostConfig, Mounts, Name } = container;
    const row = privileges[rowOf(container)];
    assert.ok(row, `${Name} has no row in components/privileges.ts`);
    const mounts = Mounts.map(({ Type, Source, Destination }) => ({ hostPath: Type === "bind" ? Source : undefined, target: Destination }));
    const { capAdd = [], pidsLimit = PIDS_LIMIT, readOnly = false, tmpfs = [], networkMode } = granted(row, mounts);
    assert.deepEqual(
        {
            capDrop: names(HostConfig.CapDrop),
            capAdd: names(HostConfig.CapAdd),
            noNewPrivileges: HostConfig.SecurityOpt?.includes("no-new-privileges:true"),
            pidsLimit: HostConfig.PidsLimit,
            readOnly: HostConfig.ReadonlyRootfs,
            tmpfs: Object.keys(HostConfig.Tmpfs ?? {}).sort(),
            isolated: HostConfig.NetworkMode === "none",
            machine: [HostConfig.Privileged, HostConfig.PidMode, HostConfig.Devices ?? [], Mounts.filter(isSocket)],
        },
        {
            capDrop: ["ALL"],
            capAdd: [...capAdd].sort(),
            noNewPrivileges: true,
            pidsLimit,
            readOnly,
            tmpfs: [...tmpfs].sort(),
            isolated: networkMode === "none",
            machine: [false, "", [], []],
        },
        Name,
    );
}

/** Engines differ in whether they write the prefix. */
function names(capabilities: string[] | null): string[] {
    return (capabilities ?? []).map((name) => name.replace(/^CAP_/, "")).sort();
}

function isSocket({ Source }: { Source: string }): boolean {
    return Source.endsWith(".sock");
}
