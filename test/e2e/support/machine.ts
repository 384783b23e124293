import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeHostSettings } from "../../../tools/images/host";
import { Docker } from "./docker";
import { run, type Result, tryRun } from "./process";
import { until } from "./wait";

/** What systemd and a Docker Engine of the machine's own need. All of it is in namespaces of the container, the network's as well. */
const CAPABILITIES = (
    "DAC_READ_SEARCH LINUX_IMMUTABLE NET_BROADCAST NET_ADMIN IPC_LOCK SYS_MODULE SYS_PTRACE SYS_ADMIN SYS_BOOT " +
    "SYS_NICE SYS_TIME SYSLOG LEASE AUDIT_CONTROL"
).split(" ");

/** How the machine that runs the tests reaches Debian and PyPI, in the places where the programs look by themselves. */
const TAKE_HOST_SETTINGS = `
    cp /host/apt.conf /etc/apt/apt.conf.d/99host
    cp /host/pip.conf /etc/pip.conf`;

/** A bare Debian machine: a container with systemd, a network namespace of its own, and alice, who may use sudo. */
export class Machine {
    private constructor(
        readonly name: string,
        private readonly docker: Docker,
    ) {}

    /** `options`: of `docker run`. */
    static async start(hostname: string, options: string[] = [], docker = new Docker()): Promise<Machine> {
        const image = (await run("node", ["--import", "tsx", "tools/images", "build", "machine"], { timeout: 900 })).trim();
        const machine = new Machine(`gw-machine-${hostname}-${randomBytes(3).toString("hex")}`, docker);
        const settings = mkdtempSync(join(tmpdir(), "groundwork-machine-"));
        try {
            await docker.cli(
                ...["run", "--detach", "--name", machine.name, "--hostname", hostname, "--env", "container=docker"],
                ...["--tmpfs", "/run", "--tmpfs", "/tmp", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--volume", "/var/lib/docker"],
                ...["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"].flatMap((option) => ["--security-opt", option]),
                ...CAPABILITIES.flatMap((capability) => ["--cap-add", capability]),
                ...[...options, image],
            );
            writeHostSettings(settings);
            await docker.cli("cp", settings, `${machine.name}:/host`);
            await machine.sh(TAKE_HOST_SETTINGS);
            await machine.booted();
        } catch (error) {
            await machine.remove();
            throw error;
        } finally {
            rmSync(settings, { recursive: true, force: true });
        }
        return machine;
    }

    async booted(): Promise<void> {
        await until(`${this.name} to boot`, async () => /running|degraded/.test((await this.trySh("systemctl is-system-running")).stdout));
    }

    /** Runs a script as a new session of that user would; it must succeed. */
    async sh(script: string, user = "root"): Promise<string> {
        const { code, stdout, stderr } = await this.trySh(script, user);
        if (code !== 0) throw new Error(`${script}\nexit code ${code}\n${stdout}${stderr}`);
        return stdout;
    }

    trySh(script: string, user = "root"): Promise<Result> {
        const home = user === "root" ? "/root" : `/home/${user}`;
        const as = ["--user", user, "--workdir", home, "--env", `HOME=${home}`, "--env", `USER=${user}`];
        return tryRun("docker", ["exec", "--interactive", ...as, this.name, "bash", "-e"], { input: script, timeout: 900 });
    }

    async write(path: string, text: string): Promise<void> {
        await run("docker", ["exec", "--interactive", this.name, "sh", "-c", `cat > ${path}`], { input: text });
    }

    /** Its address on the network where it was started. */
    async address(): Promise<string> {
        const { NetworkSettings } = await this.docker.inspect("container", this.name);
        return (Object.values(NetworkSettings.Networks)[0] as { IPAddress: string }).IPAddress;
    }

    /** Off and on again. */
    async reboot(): Promise<void> {
        await this.docker.cli("restart", "--time", "20", this.name);
        await this.booted();
    }

    async remove(): Promise<void> {
        await this.docker.tryCli("rm", "--force", "--volumes", this.name);
    }
}
