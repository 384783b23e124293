import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import YAML from "yaml";
import { hostsSchema } from "../../stacks/hosts";
import { blocksOf, type Block } from "../support/pages";
import { Docker } from "./support/docker";
import { Machine } from "./support/machine";
import { run } from "./support/process";
import { smallImage } from "./support/small-image";
import { until } from "./support/wait";

const HOST = "plant-7.example.org";
const PASSWORD = "not-a-secret";
/** Types the password of the test, and agrees to an unknown host, as a person would. */
const ASKPASS = `#!/bin/sh\ncase $1 in *yes/no*) echo yes ;; *) echo ${PASSWORD} ;; esac\n`;

const blocks = (language: string) => blocksOf("docs/prepare-a-host.md").filter((block) => block.language === language);

/** Two bare machines follow the page from its first command to its last. */
describe("docs/prepare-a-host.md", function () {
    this.bail(true); // each step builds on the one before

    const docker = new Docker();
    const network = `gw-prepare-${randomBytes(3).toString("hex")}`;
    const untried = new Set(blocks("sh"));
    let host: Machine;
    let own: Machine;
    let disk: string | undefined;

    const block = (text: string): Block => {
        const found = [...untried].filter((candidate) => candidate.text.includes(text));
        const exactly = found.filter((candidate) => candidate.text === `${text}\n`);
        assert.equal((exactly.length || found.length) === 1, true, `one block with ${text}`);
        return exactly[0] ?? found[0]!;
    };
    /** Runs the commands with this text, where the page says. */
    function follow(text: string): Promise<string> {
        const found = block(text);
        untried.delete(found);
        if (!found.text.startsWith("# on your own machine")) return host.sh(found.text, "alice");
        return own.sh(`export SSH_ASKPASS=/usr/local/bin/askpass SSH_ASKPASS_REQUIRE=force\n${found.text}`, "alice");
    }
    const seenFromOutside = async (port: number) =>
        (await own.trySh(`curl --silent --max-time 3 http://${HOST}:${port}/version`)).stdout.trim();
    /** As often as the test likes; systemd by itself gives up after three starts in a minute. */
    const restartDocker = () => host.sh("systemctl reset-failed docker && systemctl restart docker");
    const web = (port: string) => host.sh(`docker run --detach --restart always --publish ${port}:8080 ${image} httpd -f -p 8080 -h /`);
    let image: string;

    before(async () => {
        image = await smallImage("prepared");
        await docker.cli("network", "create", network);
        const loop = ["--device-cgroup-rule", "b 7:* rmw", "--device", "/dev/loop-control"];
        host = await Machine.start("plant-7", ["--network", network, "--network-alias", HOST, ...loop], docker);
        own = await Machine.start("desk", ["--network", network], docker);
        await host.sh(`echo alice:${PASSWORD} | chpasswd`);
        await own.write("/usr/local/bin/askpass", ASKPASS);
        await own.sh("chmod +x /usr/local/bin/askpass; apt-get -qq update; apt-get -qq --yes install docker-cli openssh-client openssl");
    });
    after(async () => {
        if (disk) await host.trySh(`umount /srv; losetup --detach ${disk}`);
        await own?.remove();
        await host?.remove();
        await docker.tryCli("network", "rm", network);
    });

    it("installs Docker from the distribution", async () => {
        await follow("install --yes docker.io");
        assert.equal((await host.sh("systemctl is-enabled docker")).trim(), "enabled");
    });

    it("or from Docker itself, where that is reachable", async function () {
        const { code, stderr } = await host.trySh("curl -fsSL --max-time 20 https://download.docker.com/linux/debian/gpg");
        if (code !== 0) {
            untried.delete(block("download.docker.com"));
            console.log(`        not tried: download.docker.com does not answer here: ${stderr.trim()}`);
            return this.skip();
        }
        await host.sh("apt-get --yes purge docker.io containerd runc");
        await follow("download.docker.com");
    });

    it("sets the engine up: containers outlive it, and their logs are bounded", async () => {
        await follow("live-restore");
        assert.equal((await host.sh("docker info --format '{{.LiveRestoreEnabled}}'")).trim(), "true");
        await run("sh", ["-c", `docker save ${image} | docker exec --interactive ${host.name} docker load`]);
        const id = (await host.sh(`docker run --detach ${image} sleep 100000`)).trim();
        const startedAt = () => host.sh(`docker inspect --format '{{.State.StartedAt}} {{.State.Running}}' ${id}`);
        const started = await startedAt();
        await restartDocker();
        assert.equal(await startedAt(), started);
        const limits = await host.sh(`docker inspect --format '{{json .HostConfig.LogConfig.Config}}' ${id}`);
        assert.deepEqual(JSON.parse(limits), { "max-file": "3", "max-size": "10m" });
        await host.sh(`docker rm --force ${id}`);
    });

    it("lets alice use Docker, which she could not before, and which makes her root", async () => {
        assert.match((await host.trySh("docker version", "alice")).stderr, /permission denied/);
        await follow("usermod");
        assert.match(await follow("docker version"), /Server:/);
        const shadow = await host.sh(`docker run --rm --volume /:/machine ${image} cat /machine/etc/shadow`, "alice");
        assert.match(shadow, /^root:/m);
    });

    it("reaches it over SSH with a key, and with no password after that", async () => {
        await follow("openssh-server");
        assert.match(await follow("ssh-copy-id"), /Server:/);
        await follow("PasswordAuthentication no");
        const options = "-o PubkeyAuthentication=no -o PreferredAuthentications=password -o BatchMode=yes -v";
        const refused = await own.trySh(`ssh ${options} alice@${HOST} true`, "alice");
        assert.match(refused.stderr, /Permission denied \(publickey\)/);
        await own.sh(`docker --host ssh://alice@${HOST} version`, "alice");
    });

    it("reaches it over TLS, and refuses who has no certificate", async () => {
        await follow("openssl req");
        await follow("tls.conf");
        assert.match(await follow("DOCKER_TLS_VERIFY=1"), /Server:/);
        const refused = await own.trySh(`curl --silent --show-error --insecure https://${HOST}:2376/version`);
        assert.match(refused.stderr, /certificate required|alert/);
        assert.equal((await host.trySh("ls /etc/docker/tls", "alice")).code, 2);
    });

    it("closes the firewall for what is not allowed", async () => {
        await follow("ufw --force enable");
        assert.match(await host.sh("ufw status"), /Status: active/);
        const closed = await own.trySh(`curl --silent --max-time 3 --insecure https://${HOST}:2376/version`);
        assert.equal(closed.code, 28, "2376 is allowed from one address only, and it is not this one");
        await own.sh(`docker --host ssh://alice@${HOST} version`, "alice");
    });

    it("tells the truth about published ports: they are open in spite of ufw, but not on 127.0.0.1", async () => {
        await web("8300");
        await web("80");
        await web("127.0.0.1:8301");
        await until("the published port", async () => (await seenFromOutside(8300)) === "prepared");
        assert.equal(await seenFromOutside(8301), "");
        assert.match(await host.sh("curl --silent http://127.0.0.1:8301/version"), /prepared/);
        assert.doesNotMatch(await host.sh("ufw status"), /8300/);
    });

    it("closes them with DOCKER-USER, for good", async () => {
        await follow("DOCKER-USER");
        const assertClosed = async (when: string) => {
            await until(`port 80 ${when}`, async () => (await seenFromOutside(80)) === "prepared");
            assert.equal(await seenFromOutside(8300), "", when);
            assert.match(await host.sh("curl --silent http://127.0.0.1:8300/version"), /prepared/, `from the machine itself ${when}`);
        };
        await assertClosed("after the rules were loaded");
        await restartDocker();
        await assertClosed("after a restart of Docker");
        await host.sh("ufw reload");
        await assertClosed("after a reload of ufw");
        await host.reboot();
        await assertClosed("after a restart of the machine");
        await assert.rejects(follow("curl --max-time 5"), /exit code 28/);
    });

    it("leaves containers their way out", async () => {
        const { stdout } = await host.trySh(`docker run --rm ${image} wget -q -O - http://deb.debian.org/debian/dists/trixie/InRelease`);
        assert.match(stdout, /^Origin: Debian$/m);
    });

    it("puts data on a disk of its own, which Docker requires", async () => {
        // A file takes the place of the empty disk. Without udev, nothing makes the nodes of its device.
        const nodes = "for n in $(seq 0 63); do test -e /dev/loop$n || mknod /dev/loop$n b 7 $n; done";
        disk = (await host.sh(`${nodes}; truncate -s 64M /disk.img; losetup --find --show /disk.img`)).trim();
        await host.sh(`ln -s ${disk} /dev/sdb`);
        await follow("mkfs.ext4");
        assert.equal((await host.sh("findmnt --noheadings --output SOURCE /srv")).trim(), disk);
        assert.match(await host.sh("systemctl show --property RequiresMountsFor docker"), /\/srv/);
    });

    it("keeps it up to date, but not Docker", async () => {
        await follow("unattended-upgrades");
        const settings = await host.sh("apt-config dump");
        assert.match(settings, /Unattended-Upgrade::Package-Blacklist:: "docker";/);
        assert.match(settings, /APT::Periodic::Unattended-Upgrade "1";/);
    });

    it("keeps its clock right", async () => {
        assert.match(await follow("timedatectl"), /clock synchronized/);
        assert.equal((await host.sh("systemctl is-enabled systemd-timesyncd")).trim(), "enabled");
    });

    it("names the host in the configuration as the program reads it", () => {
        const documents = blocks("yaml");
        assert.equal(documents.length, 2);
        for (const { text } of documents) hostsSchema.parse(YAML.parse(text).config["groundwork:hosts"]);
    });

    it("has no command that was not tried here", () => {
        assert.deepEqual([...untried], []);
    });
});
