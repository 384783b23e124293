import assert from "node:assert/strict";
import { lockedImage } from "../../components/images";
import { Docker } from "./support/docker";
import { Stack } from "./harness";
import { AggregatorClient } from "./support/open-pectus";
import { imageLaidOutAsUpstream } from "./support/upstream-image";
import { freePort, until } from "./support/wait";

describe("Run archives of an engine with upstream's image", function () {
    this.bail(true);

    const docker = new Docker();
    let image: string;
    let stack: Stack;
    let edge: Record<string, unknown>;
    let archives: string[];

    const engine = () => `${stack.prefix}-openpectus-reactor-1-engine`;
    const idOf = async () => (await docker.inspect("container", engine())).Id as string;
    const onVolume = async () => {
        const mount = ["--volume", `${stack.prefix}-openpectus-reactor-1-archive:/archive:ro`];
        const listed = await docker.cli("run", "--rm", ...mount, lockedImage("openpectus").reference, "ls", "/archive");
        return listed.split("\n").filter((name) => /^archiver-\d/.test(name));
    };

    async function deploy(memory: number): Promise<AggregatorClient> {
        const { version } = lockedImage("openpectus");
        const foreign = { image, version, allowFloatingImage: true };
        const engines = { "reactor-1": { ...foreign, memory, allowRestart: true } };
        await stack.configure({
            "groundwork:hosts": { default: { docker: {} } },
            "groundwork:openpectus": { ...foreign, dataProtection: false, edge, engines },
        });
        const { code, output } = await stack.up();
        assert.equal(code, 0, output);
        const { openpectus } = (await stack.outputs()) as unknown as { openpectus: { url: string; caCertificate: string } };
        return new AggregatorClient(openpectus.url, openpectus.caCertificate);
    }

    before(async () => {
        image = await imageLaidOutAsUpstream(docker);
        stack = await Stack.create({ name: "archives" });
        edge = { domain: "localhost", httpPort: await freePort(), httpsPort: await freePort(), tls: { devCa: {} } };
    });
    after(async () => {
        await stack?.remove();
        if (image) await docker.cli("rmi", "--force", image);
    });

    it("are on the volume when a run has ended", async () => {
        const client = await deploy(512);
        await client.makeRun("reactor-1");
        archives = await until("an archive on the volume", async () => {
            const found = await onVolume();
            return found.length > 0 && found;
        });
    });

    it("outlive the container, and the next run adds its own", async () => {
        const before = await idOf();
        const client = await deploy(640);
        assert.notEqual(await idOf(), before, "the container was replaced");
        await client.makeRun("reactor-1");
        const found = await until("a second archive on the volume", async () => {
            const all = await onVolume();
            return all.length > archives.length && all;
        });
        assert.deepEqual(found.slice(0, archives.length), archives);
    });

    it("change nothing for the next update", async () => {
        assert.equal((await stack.up()).changes, 0);
    });

    it("are never lost in silence: an engine that cannot keep them does not start, and says why", async () => {
        await docker.cli("exec", engine(), "mv", "/usr/local/lib/python3.13/site-packages/openpectus", "/elsewhere");
        await docker.cli("restart", "--time", "1", engine());
        await until("the reason in the log", async () => (await docker.logs(engine())).includes("run archives cannot be kept"));
    });
});
