import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { lockedImage } from "../../components/images";
import { Stack } from "./harness";
import { Docker } from "./support/docker";
import { Machine } from "./support/machine";
import { AggregatorClient } from "./support/open-pectus";
import { freePort, until } from "./support/wait";

/** Everything that a shell, systemd or the program's own parser could take for something else. */
const SECRET = `-it's "$HOME" $(id) \`id\` %h %% \\ * !`.slice(1);

describe("the set-up text for an engine on a machine that is managed by hand", function () {
    this.bail(true); // each step builds on the one before

    const docker = new Docker();
    const network = `gw-engine-setup-${randomBytes(3).toString("hex")}`;
    let stack: Stack;
    let machine: Machine;
    let client: AggregatorClient;
    let text: string;

    const show = async (property: string) => (await machine.sh(`systemctl show --value --property ${property} openpectus-engine`)).trim();

    before(async () => {
        await docker.cli("network", "create", network);
        const gateway = (await docker.inspect("network", network)).IPAM.Config[0].Gateway as string;
        stack = await Stack.create({ name: "by-hand" });
        const ports = { httpPort: await freePort(), httpsPort: await freePort() };
        const edge = { domain: "pectus.test", bindAddress: gateway, ...ports, tls: { devCa: {} } };
        const openpectus = { dataProtection: false, allowAnonymousAccess: true, edge };
        const secrets = { "groundwork:openpectus.engineSecret": SECRET };
        await stack.configure({ "groundwork:hosts": { default: { docker: {} } }, "groundwork:openpectus": openpectus }, secrets);
        const { code, output } = await stack.up();
        assert.equal(code, 0, output);
        const outputs = (await stack.outputs()) as unknown as { openpectus: Record<string, string> };
        const { url, caCertificate, engineSetupLinux } = outputs.openpectus;
        client = new AggregatorClient(url!, caCertificate, gateway);
        text = engineSetupLinux!;
        machine = await Machine.start("plant-7", ["--network", network, "--add-host", `pectus.test:${gateway}`], docker);
        const demo = "/opt/openpectus/lib/python3.13/site-packages/openpectus/engine/configuration/demo_uod.py";
        await machine.write("/root/process_uod.py", await docker.cli("run", "--rm", lockedImage("openpectus").reference, "cat", demo));
        await machine.write("/root/engine-setup.sh", text);
    });
    after(async () => {
        await machine?.remove();
        await stack?.remove();
        await docker.tryCli("network", "rm", network);
    });

    it("refuses to go on without a unit operation definition, and changes nothing then", async () => {
        const { code, stderr } = await machine.trySh("sh engine-setup.sh");
        assert.equal(code, 1);
        assert.match(stderr, /\/etc\/openpectus\/uod\.py: there is no such file/);
        assert.equal((await machine.trySh("id openpectus || ls /opt/openpectus")).code, 2);
    });

    it("followed as it is on bare Debian, makes a service whose unit is ready at the aggregator", async () => {
        await machine.sh("sh engine-setup.sh process_uod.py");
        await client.unitsIn("ready", ["plant-7"]);
        assert.equal(await show("ActiveState"), "active");
        assert.equal(await show("UnitFileState"), "enabled");
        assert.equal(await show("User"), "openpectus");
        await machine.sh("systemd-analyze verify /etc/systemd/system/openpectus-engine.service");
    });

    it("shows the secret to nobody else: not in the list of processes, the unit, an environment or a file that others read", async () => {
        const pid = await show("MainPID");
        const seen = [
            await machine.sh(`tr '\\0' ' ' < /proc/${pid}/cmdline; tr '\\0' '\\n' < /proc/${pid}/environ`),
            await machine.sh("systemctl cat openpectus-engine; systemctl show openpectus-engine; journalctl --unit openpectus-engine"),
        ].join("\n");
        assert.match(seen, /start\.py/);
        assert.ok(!seen.includes(SECRET));
        const readable = await machine.trySh("cat /etc/openpectus/secret", "alice");
        assert.notEqual(readable.code, 0);
        assert.match(readable.stderr, /Permission denied/);
        assert.equal((await machine.trySh(`grep -rlsF -e '$(id)' /etc /opt /var/lib`, "alice")).stdout, "");
    });

    it("keeps the archives of a run outside of the package", async () => {
        await client.makeRun("plant-7");
        const listed = () => machine.sh("ls /var/lib/openpectus-engine");
        await until("an archive", async () => /^archiver-\d/m.test(await listed()));
        assert.match((await machine.trySh("ls /var/lib/openpectus-engine", "alice")).stderr, /Permission denied/);
    });

    it("leaves a running engine alone when it is followed again", async () => {
        const pid = await show("MainPID");
        await machine.sh("sh engine-setup.sh");
        assert.equal(await show("MainPID"), pid);
    });

    it("starts the engine again after any end, and after a reboot, and stops it at once", async () => {
        const pid = await show("MainPID");
        await machine.sh(`kill -KILL ${pid}`);
        await until("another process", async () => !["0", pid].includes(await show("MainPID")));
        await client.unitsIn("ready", ["plant-7"]);
        await machine.reboot();
        // The aggregator may still show the unit as it was before; only a run proves that the engine is back.
        await client.makeRun("plant-7");
        await machine.sh("systemctl stop openpectus-engine");
        assert.equal(await show("Result"), "success", "it was not killed after a timeout");
        await client.unitsIn("not_online", ["plant-7"]);
    });
});
