/**
 * Measures backup and restore of large databases while a program writes once a second, beside a raw copy of the same data:
 *
 *     node --import tsx test/e2e/backup-size.ts [--megabytes 2000] [--only sqlite|postgres]
 *
 * Prints the table that docs/runbooks/backup-restore.md has. It needs three to four times that much room where Docker keeps its volumes.
 */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { lockedImage } from "../../components/images";
import { Docker } from "./support/docker";
import { run } from "./support/process";
import { until } from "./support/wait";

const docker = new Docker();
const images = { backup: lockedImage("backup").reference, postgres: lockedImage("postgres").reference };

/** A database, in containers with the memory limits of deployed ones. */
interface Subject {
    title: string;
    variables: Record<string, string>;
    /** Copies the data as it lies on the disk. */
    rawCopy: string;
    /** SQL with about so many megabytes that do not compress to nothing. */
    fill(megabytes: number): string;
    insert: string;
    /** How a program runs SQL; the statement is `$1`. */
    client: string;
    /** A SQLite program is stopped for a restore. */
    writesDuringRestore: boolean;
}

const subjects: Record<string, Subject> = {
    sqlite: {
        title: "SQLite",
        variables: { BACKUP_KIND: "sqlite", BACKUP_NAME: "demo", BACKUP_SOURCE: "/source/demo.sqlite3" },
        rawCopy: "cp /source/demo.sqlite3 /backups/raw && sync /backups/raw",
        fill: (megabytes) =>
            `pragma synchronous=off; create table runs (body blob);
            insert into runs select randomblob(1000) from generate_series(1, ${megabytes * 980})`,
        insert: "insert into runs values (randomblob(1000))",
        client: `sqlite3 -cmd '.timeout 60000' /source/demo.sqlite3 "$1"`,
        writesDuringRestore: false,
    },
    postgres: {
        title: "PostgreSQL",
        variables: {
            ...{ BACKUP_KIND: "postgres", BACKUP_NAME: "demo", PGHOST: "server", PGUSER: "demo", PGDATABASE: "demo" },
            PGPASSFILE: "/dev/null",
        },
        rawCopy: "cp -r /source/pgdata /backups/raw && sync /backups/raw",
        fill: (megabytes) =>
            `create table runs (body text);
            insert into runs select repeat(${Array.from({ length: 8 }, (_, index) => `md5(row || '-${index}')`).join(" || ")}, 4)
            from generate_series(1, ${megabytes * 900}) row`,
        insert: "insert into runs values (md5(random()::text))",
        client: `psql --quiet --command="$1"`,
        writesDuringRestore: true,
    },
};

interface Result {
    seconds: number;
    /** Of the programs in the backup container, without cache. */
    memory: number;
    /** What data and backups together need more meanwhile than before. */
    disk: number;
    /** Seconds: the longest that the program waited for one write. */
    wait: number;
}

class Bench {
    private readonly prefix = `groundwork-size-${randomBytes(3).toString("hex")}`;
    private readonly tools = `${this.prefix}-tools`;
    private readonly program = `${this.prefix}-program`;
    private readonly volumes = [`${this.prefix}-source`, `${this.prefix}-backups`];

    constructor(private readonly subject: Subject) {}

    async start(): Promise<void> {
        const [source, backups] = this.volumes;
        await docker.cli("network", "create", this.prefix);
        if (this.subject.variables.PGHOST) {
            const env = { POSTGRES_USER: "demo", POSTGRES_HOST_AUTH_METHOD: "trust", PGDATA: "/data/pgdata" };
            const server = [
                "--name",
                `${this.prefix}-server`,
                "--network-alias",
                "server",
                "--memory",
                "1g",
                "--volume",
                `${source}:/data`,
            ];
            await this.run([...server, ...environment(env), images.postgres, "postgres", "-c", "shared_buffers=256MB"]);
        }
        const mounts = ["--volume", `${source}:/source`, "--volume", `${backups}:/backups`];
        const env = environment({ ...this.subject.variables, BACKUP_DIRECTORY: "/backups" });
        for (const [name, memory] of [
            [this.tools, "512m"],
            [this.program, "512m"],
        ]) {
            const options = ["--name", name!, "--memory", memory!, ...mounts, ...env, "--entrypoint", "sleep"];
            await this.run([...options, images.backup, "infinity"]);
        }
        await until("the database", () => this.sql("select 1").then(() => true));
    }

    private run(args: string[]): Promise<string> {
        return docker.cli("run", "--detach", "--init", "--network", this.prefix, ...args);
    }

    sql(statement: string): Promise<string> {
        return this.sh(this.program, this.subject.client, statement);
    }

    private async sh(container: string, script: string, ...args: string[]): Promise<string> {
        return (await run("docker", ["exec", container, "sh", "-euc", script, "sh", ...args], { timeout: 3600 })).trim();
    }

    async measure(command: string, writes = true): Promise<Result> {
        await this.sh(this.tools, "sync; rm -f /tmp/stop");
        await this.sh(this.program, "rm -f /tmp/stop /tmp/waits");
        const before = Number(await this.sh(this.program, DISK));
        const watchers = [
            this.sh(this.tools, watch("/tmp/memory", MEMORY)),
            this.sh(this.program, watch("/tmp/disk", DISK)),
            ...(writes ? [this.sh(this.program, this.writer(), this.subject.insert)] : []),
        ];
        const began = Date.now();
        await this.sh(this.tools, command);
        const seconds = (Date.now() - began) / 1000;
        for (const container of [this.tools, this.program]) await this.sh(container, "touch /tmp/stop");
        await Promise.all(watchers);
        const [memory, disk] = [await this.sh(this.tools, "cat /tmp/memory"), await this.sh(this.program, "cat /tmp/disk")];
        const wait = writes ? Number(await this.sh(this.program, "sort -n /tmp/waits | tail -n 1")) / 1000 : 0;
        return { seconds, memory: Number(memory) / 1e6, disk: (Number(disk) - before) / 1e6, wait };
    }

    /** Ends with the measurement; a write that is refused counts with the time that it took. */
    private writer(): string {
        const now = "$(($(date +%s%N) / 1000000))";
        const write = `began=${now}; { ${this.subject.client}; } >/dev/null 2>&1 || true; echo $((${now} - began)) >> /tmp/waits`;
        return `until [ -e /tmp/stop ]; do ${write}; sleep 1; done`;
    }

    async remove(): Promise<void> {
        await docker.tryCli("rm", "--force", "--volumes", this.tools, this.program, `${this.prefix}-server`);
        await docker.tryCli("network", "rm", this.prefix);
        await docker.tryCli("volume", "rm", ...this.volumes);
    }
}

const DISK = "du -sbc /source /backups 2>/dev/null | tail -n 1 | cut -f 1";
const MEMORY = "cat /sys/fs/cgroup/memory.stat /sys/fs/cgroup/memory/memory.stat 2>/dev/null | awk '/^(anon|rss) /{print $2; exit}'";

/** Writes the greatest value that a command prints, until it is stopped. */
function watch(file: string, command: string): string {
    return `most=0; until [ -e /tmp/stop ]; do now=$(${command}); [ "$now" -le "$most" ] || most=$now; echo $most > ${file}; sleep 0.3; done`;
}

function environment(variables: Record<string, string>): string[] {
    return Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
}

async function bench(subject: Subject, megabytes: number): Promise<void> {
    const one = new Bench(subject);
    try {
        await one.start();
        await one.sql(subject.fill(megabytes));
        const raw = await one.measure(subject.rawCopy);
        print(subject, "raw copy", raw, raw);
        await one.measure("rm -r /backups/raw", false);
        print(subject, "backup", await one.measure("backup now >&2"), raw);
        const restore = 'backup restore "$(backup list | cut -d " " -f 1)"';
        print(subject, "restore", await one.measure(restore, subject.writesDuringRestore), raw);
    } finally {
        await one.remove();
    }
}

function print({ title }: Subject, action: string, { seconds, memory, disk, wait }: Result, raw: Result): void {
    const ratio = (seconds / raw.seconds).toFixed(1);
    const longest = wait > 0 ? `${wait.toFixed(1)} s` : "-";
    const cells = [title, action, `${seconds.toFixed(0)} s`, ratio, `${memory.toFixed(0)} MB`, `${(disk / 1000).toFixed(1)} GB`, longest];
    console.log(`| ${cells.join(" | ")} |`);
}

async function main(): Promise<void> {
    const { values } = parseArgs({ options: { megabytes: { type: "string", default: "2000" }, only: { type: "string" } } });
    console.log("| | | time | × raw copy | peak memory | disk meanwhile | longest write |\n| --- | --- | --- | --- | --- | --- | --- |");
    for (const [kind, subject] of Object.entries(subjects)) {
        if (!values.only || values.only === kind) await bench(subject, Number(values.megabytes));
    }
}

void main();
