import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Docker } from "./docker";
import { install } from "./packages";
import { run, tryRun } from "./process";
import { until } from "./wait";

/**
 * Another machine with a Docker Engine that wants client certificates: a second daemon in a network namespace of its own,
 * so that it has its own addresses and its own packet filter, and never touches those of the first.
 */
export class RemoteEngine {
    private daemon: ChildProcess | undefined;

    private constructor(
        private readonly directory: string,
        private readonly name: string,
        /** Address of this machine, as the other one sees it. */
        readonly here: string,
        /** Address of the other machine. */
        readonly address: string,
    ) {}

    /** `directory`: an empty one for everything that the engine stores. */
    static async start(directory: string): Promise<RemoteEngine> {
        const [id, subnet] = [randomBytes(3).toString("hex"), 1 + (randomBytes(1)[0] % 250)];
        const engine = new RemoteEngine(directory, `gw${id}`, `10.253.${subnet}.1`, `10.253.${subnet}.2`);
        await install(["openssl", "/usr/bin/openssl"], ["iproute2", "/bin/ip"]);
        try {
            await engine.makeNetwork();
            await engine.makeCertificates();
            await engine.startDaemon();
        } catch (error) {
            await engine.remove();
            throw error;
        }
        return engine;
    }

    get host(): string {
        return `tcp://${this.address}:2376`;
    }

    /** Directory with `ca.pem`, `cert.pem` and `key.pem` of a client. */
    get certificates(): string {
        return join(this.directory, "certificates");
    }

    get environment(): NodeJS.ProcessEnv {
        return { DOCKER_HOST: this.host, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: this.certificates };
    }

    get docker(): Docker {
        return new Docker(this.environment);
    }

    private async makeNetwork(): Promise<void> {
        const inside = `ip netns exec ${this.name}`;
        const script = [
            `ip netns add ${this.name}`,
            `ip link add ${this.name}a type veth peer name ${this.name}b netns ${this.name}`,
            `ip addr add ${this.here}/30 dev ${this.name}a`,
            `ip link set ${this.name}a up`,
            `${inside} ip addr add ${this.address}/30 dev ${this.name}b`,
            `${inside} ip link set ${this.name}b up`,
            `${inside} ip link set lo up`,
            `${inside} ip route add default via ${this.here}`,
        ];
        await run("sh", ["-ec", script.join("\n")]);
    }

    private async makeCertificates(): Promise<void> {
        mkdirSync(this.certificates, { recursive: true });
        const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        const sign = "-CA ca.pem -CAkey ca-key.pem -addext basicConstraints=critical,CA:FALSE -days 2";
        const script = `
            openssl req -x509 ${key} -days 2 -subj /CN=test-authority -keyout ca-key.pem -out ca.pem
            openssl req -x509 ${key} ${sign} -subj /CN=engine -addext subjectAltName=IP:${this.address} -keyout engine-key.pem -out engine.pem
            openssl req -x509 ${key} ${sign} -subj /CN=client -addext extendedKeyUsage=clientAuth -keyout key.pem -out cert.pem`;
        await run("sh", ["-ec", script], { cwd: this.certificates });
    }

    /** `ip netns exec` would mount a new /sys without the control groups; nsenter takes the network alone. */
    async startDaemon(): Promise<void> {
        const file = (name: string) => join(this.certificates, name);
        const args = [
            ...["--data-root", join(this.directory, "data"), "--exec-root", join(this.directory, "run")],
            ...["--pidfile", join(this.directory, "dockerd.pid"), "--host", this.host, "--log-level", "warn"],
            ...["--tlsverify", "--tlscacert", file("ca.pem"), "--tlscert", file("engine.pem"), "--tlskey", file("engine-key.pem")],
        ];
        const log = openSync(join(this.directory, "dockerd.log"), "a");
        const enter = [`--net=/run/netns/${this.name}`, "unshare", "--mount", "--propagation", "private", "dockerd"];
        this.daemon = spawn("nsenter", [...enter, ...args], { detached: true, stdio: ["ignore", log, log] });
        await until("the second Docker daemon", () => this.answers(), 60).catch((error: Error) => {
            throw new Error(`${error.message}\n${readFileSync(join(this.directory, "dockerd.log"), "utf8").slice(-2000)}`);
        });
    }

    private async answers(): Promise<boolean> {
        if (this.daemon?.exitCode !== null) throw new Error("it ended");
        return (await this.docker.tryCli("version")).code === 0;
    }

    async stopDaemon(): Promise<void> {
        const { daemon } = this;
        if (!daemon || daemon.exitCode !== null) return;
        const ended = new Promise((resolve) => daemon.on("close", resolve));
        daemon.kill("SIGTERM");
        const killer = setTimeout(() => process.kill(-daemon.pid!, "SIGKILL"), 60_000);
        await ended;
        clearTimeout(killer);
    }

    /** As when the machine is rebooted. */
    async restart(): Promise<void> {
        await this.stopDaemon();
        await this.startDaemon();
    }

    async remove(): Promise<void> {
        await this.stopDaemon();
        await tryRun("ip", ["netns", "delete", this.name]);
        rmSync(this.directory, { recursive: true, force: true });
    }
}
