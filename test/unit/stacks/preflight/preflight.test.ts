import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { lockedImage } from "../../../../components/images";
import { ownerMark } from "../../../../components/workload/docker/labels";
import { describe as text, error, type Problem } from "../../../../components/problem";
import type { Config } from "../../../../stacks/config";
import { preflight } from "../../../../stacks/preflight";
import { askEngine, reasonOf } from "../../../../stacks/preflight/engine";
import { FakeEngine, never, type Answers } from "./fake-engine";

const IMAGE = "registry.example.org/lab/openpectus:1.0-000000000000";
const NAMES = { "groundwork.project": "groundwork", "groundwork.stack": "dev" };

/** What only the state with this key writes on something of this name. */
const marked = (key: string, name: string) => ({ ...NAMES, "groundwork.mark": ownerMark(key, name) });

/** A state of ours: its key, and what it made. */
function stateWith(key: string, ...made: [type: string, logical: string, name: string][]): object {
    const parent = "urn:pulumi:dev::groundwork::groundwork:index:OpenPectus";
    const random = "random:index/randomPassword:RandomPassword";
    return Object.fromEntries([
        [`${parent}$${random}::openpectus-config-key`, { type: random, outputs: { result: key } }],
        ...made.map(([type, logical, name]) => [`${parent}$${type}::${logical}`, { type, outputs: { name } }]),
    ]);
}

/** Everything that Open Pectus needs is there. */
const PRESENT = Object.fromEntries(
    [IMAGE, ...["openpectus", "edge", "backup"].map((role) => lockedImage(role).reference)].map((image) => [`/images/${image}/json`, {}]),
);

function container(name: string, address: string, port: number, labels = {}) {
    return { Id: name, Names: [`/${name}`], Labels: labels, Ports: [{ IP: address, PublicPort: port, PrivatePort: 80, Type: "tcp" }] };
}

/** A port that this process listens on, and one that nobody does. */
async function ports(): Promise<{ taken: number; free: number; stop(): void }> {
    const [server, other] = [createServer(), createServer()];
    await Promise.all([server, other].map((one) => new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve))));
    const [taken, free] = [server, other].map((one) => (one.address() as AddressInfo).port) as [number, number];
    await new Promise((resolve) => other.close(resolve));
    return { taken, free, stop: () => void server.close() };
}

describe("the look before an update", () => {
    let engine: FakeEngine | undefined;
    let stateOf: object = {};

    async function mock(preview = false): Promise<void> {
        const call = ({ token }: { token: string }) => {
            assert.equal(token, "pulumi:pulumi:readStackResourceOutputs");
            return { outputs: stateOf };
        };
        await pulumi.runtime.setMocks(
            { call, newResource: ({ name }) => ({ id: name, state: {} }) },
            "groundwork",
            "dev",
            preview,
            "organization",
        );
    }

    beforeEach(async () => {
        stateOf = {};
        await mock();
    });
    afterEach(async () => {
        await engine?.stop();
        engine = undefined;
    });

    /** What is said of Open Pectus on an engine that answers so. */
    async function look(answers: Answers, settings: Config["openpectus"] = {}, earlier: Problem[] = []): Promise<string[]> {
        engine = await FakeEngine.start({ ...PRESENT, ...answers });
        const config = { hosts: { default: { docker: { host: engine.address } } }, openpectus: settings };
        const { problems } = await preflight(config, earlier);
        return problems.map((problem) => `${problem.level} ${text(problem)}`.replaceAll(engine!.address, "<address>"));
    }

    it("finds nothing where all is well, and keeps the id of the engine", async () => {
        const { free, stop } = await ports();
        assert.deepEqual(await look({}, { edge: { httpPort: free } }), []);
        const config = { hosts: { default: { docker: { host: engine!.address } } }, openpectus: { edge: { httpPort: free } } };
        assert.deepEqual([...(await preflight(config, [])).engineIds], [["default", "HERE"]]);
        stop();
    });

    it("asks nobody where nothing is configured", async () => {
        const { problems, engineIds } = await preflight({ hosts: { default: { docker: { host: "unix:///nowhere" } } } }, []);
        assert.deepEqual([problems, [...engineIds]], [[], []]);
    });

    describe("at ports", () => {
        let taken: number, free: number, stop: () => void;
        before(async () => ({ taken, free, stop } = await ports()));
        after(() => stop());
        const edge = () => ({ edge: { httpPort: taken } });

        it("finds another program of this machine", async () => {
            assert.deepEqual(await look({}, edge()), [
                `error openpectus.edge.httpPort: port ${taken} of host "default" is held by another program: stop it (\`ss -ltnp\` shows it), or choose another port`,
            ]);
        });

        it("binds nothing where the engine is another machine's", async () => {
            assert.deepEqual(await look({ "/info": { ID: "THERE", Name: "elsewhere", DockerRootDir: "/" } }, edge()), []);
        });

        it("finds the container of somebody else, at an address that overlaps", async () => {
            for (const address of ["127.0.0.1", "0.0.0.0"]) {
                assert.deepEqual(await look({ "/containers/json": [container("web", address, free)] }, { edge: { httpPort: free } }), [
                    `error openpectus.edge.httpPort: port ${free} of host "default" is held by the container web: stop it, or choose another port`,
                ]);
                await engine!.stop();
            }
            assert.deepEqual(await look({ "/containers/json": [container("web", "10.1.2.3", free)] }, { edge: { httpPort: free } }), []);
        });

        it("lets our own containers have theirs, as Docker holds the port for them", async () => {
            stateOf = stateWith("our key");
            const ours = container("edge", "127.0.0.1", taken, marked("our key", "edge"));
            assert.deepEqual(await look({ "/containers/json": [ours] }, edge()), []);
        });

        it("knows ours from before there were marks by their names in the state", async () => {
            stateOf = stateWith("our key", ["docker:index/container:Container", "openpectus-edge", "edge"]);
            assert.deepEqual(await look({ "/containers/json": [container("edge", "127.0.0.1", taken, NAMES)] }, edge()), []);
            await engine!.stop();
            assert.equal((await look({ "/containers/json": [container("other", "127.0.0.1", taken, NAMES)] }, edge())).length, 1);
        });

        it("finds the container of another state, whatever its names say", async () => {
            stateOf = stateWith("our key", ["docker:index/container:Container", "openpectus-edge", "edge"]);
            const theirs = container("edge", "127.0.0.1", free, marked("their key", "edge"));
            assert.deepEqual(await look({ "/containers/json": [theirs] }, { edge: { httpPort: free } }), [
                `error openpectus.edge.httpPort: port ${free} of host "default" is held by the container edge: stop it, or choose another port`,
            ]);
        });

        it("has nothing against a container of ours that somebody has renamed", async () => {
            stateOf = stateWith("our key", ["docker:index/container:Container", "openpectus-edge", "edge"]);
            const renamed = container("other", "127.0.0.1", free, marked("our key", "edge"));
            assert.deepEqual(await look({ "/containers/json": [renamed] }, { edge: { httpPort: free } }), []);
        });

        it("says nothing of a setting that is wrong anyway", async () => {
            assert.deepEqual(await look({}, edge(), [error("openpectus.edge.httpPort", "it is odd", "change it")]), []);
        });
    });

    describe("at names", () => {
        const data = "groundwork-dev-openpectus-data";
        const volume = (Labels: object | null) => ({
            "/volumes": {
                Volumes: [
                    { Name: data, Labels },
                    { Name: "unwanted", Labels: {} },
                ],
            },
        });
        let settings: Config["openpectus"];
        before(async () => {
            const { free, stop } = await ports();
            settings = { edge: { httpPort: free } };
            stop();
        });

        it("finds a volume that another state made, of the same project and stack as well", async () => {
            const line = (maker: string) =>
                `error prefix: volume ${data} exists on the Docker Engine <address> and was made by ${maker}, not by this state: use the state that ` +
                `made it, choose another prefix, or, if its data is meant for this environment, set adopt: [${data}]`;
            const another = "another state of project groundwork, stack dev";
            for (const [labels, maker] of [
                [marked("their key", data), another],
                [NAMES, another],
                [null, "something else"],
            ] as const) {
                stateOf = stateWith("our key");
                assert.deepEqual(await look(volume(labels), settings), [line(maker)]);
                await engine!.stop();
            }
        });

        it("has nothing against what is ours, by its mark or from before there were marks", async () => {
            stateOf = stateWith("our key");
            assert.deepEqual(await look(volume(marked("our key", data)), settings), []);
            await engine!.stop();
            stateOf = stateWith("our key", ["docker:index/volume:Volume", "openpectus-data", data]);
            assert.deepEqual(await look(volume(NAMES), settings), []);
        });

        it("has nothing against what is to be taken over", async () => {
            engine = await FakeEngine.start({ ...PRESENT, ...volume(null) });
            const hosts = { default: { docker: { host: engine.address } } };
            const { problems } = await preflight({ hosts, openpectus: settings, adopt: [data] }, []);
            assert.deepEqual(problems, []);
        });
    });

    describe("at images", () => {
        const own = lockedImage("openpectus").reference;
        let edge: Config["openpectus"];
        before(async () => {
            const { free, stop } = await ports();
            edge = { edge: { httpPort: free } };
            stop();
        });

        it("names the command for those that are built here, once for each image", async () => {
            assert.deepEqual(await look({ [`/images/${own}/json`]: 404 }, { ...edge, engines: { r1: {}, r2: {} } }), [
                `error openpectus.image: image ${own} is not on the Docker Engine <address>: run \`make images\` (for another machine: ` +
                    "`make images HOST=<address>`, or `make images PUSH=<registry>` and set the image)",
            ]);
            assert.ok(!engine!.asked.some((path) => path.startsWith("/distribution")), "no registry has them");
        });

        it("lets the engine pull what its registry has, and quotes the registry otherwise", async () => {
            const missing = { [`/images/${IMAGE}/json`]: 404 };
            assert.deepEqual(await look({ ...missing, [`/distribution/${IMAGE}/json`]: {} }, { ...edge, image: IMAGE }), []);
            await engine!.stop();
            assert.deepEqual(await look({ ...missing, [`/distribution/${IMAGE}/json`]: 500 }, { ...edge, image: IMAGE }), [
                `error openpectus.image: image ${IMAGE} is not on the Docker Engine <address>, and its registry does not hand it out (answer 500): ` +
                    "correct the name, or load the image there with `docker load`",
            ]);
        });

        it("asks for any number of them without a word of Node about a leak", async () => {
            const warnings: Error[] = [];
            const hear = (warning: Error) => void warnings.push(warning);
            process.on("warning", hear);
            const references = Array.from({ length: 12 }, (_, index) => `registry.example.org/lab/engine:${index}-000000000000`);
            const answers = Object.fromEntries(references.map((reference) => [`/images/${reference}/json`, {}]));
            const engines = Object.fromEntries(references.map((image, index) => [`r${index}`, { image }]));
            assert.deepEqual(await look(answers, { ...edge, engines }), []);
            await new Promise((resolve) => setImmediate(resolve));
            process.off("warning", hear);
            assert.deepEqual(warnings.map(String), []);
        });

        it("leaves a registry that wants a login to the pull, where a login is configured", async () => {
            const answers = { [`/images/${IMAGE}/json`]: 404, [`/distribution/${IMAGE}/json`]: 401 };
            assert.equal((await look(answers, { ...edge, image: IMAGE })).length, 1);
            await engine!.stop();
            pulumi.runtime.setConfig("docker:registryAuth", "[]");
            assert.deepEqual(await look(answers, { ...edge, image: IMAGE }), []);
            pulumi.runtime.setAllConfig({});
        });
    });

    describe("at a host that does not answer", () => {
        const config = { hosts: { default: { docker: { host: "unix:///nowhere/docker.sock" } } }, openpectus: {} };
        const problem =
            "hosts.default: the Docker Engine at unix:///nowhere/docker.sock does not answer: connect ENOENT /nowhere/docker.sock: ";

        it("fails in an update", async () => {
            const { problems } = await preflight(config, []);
            assert.deepEqual(problems.map(text), [`${problem}start it, or correct its address`]);
            assert.equal(problems[0]!.level, "error");
        });

        it("warns in a preview, and keeps what was known", async () => {
            stateOf = {
                "urn:pulumi:dev::groundwork::groundwork:index:DockerHost::host-default": {
                    type: "groundwork:index:DockerHost",
                    outputs: { engineId: "OLD" },
                },
            };
            await mock(true);
            const { problems, engineIds } = await preflight(config, []);
            assert.deepEqual(problems.map(text), [`${problem}start it before the update; whether that can succeed was not looked at`]);
            assert.equal(problems[0]!.level, "warning");
            assert.deepEqual([...engineIds], [["default", "OLD"]]);
        });

        it("is given up in time, also in the middle of its answers", async () => {
            engine = await FakeEngine.start({ "/containers/json": never });
            const reason = await askEngine({ host: engine.address }, { question: 100, work: 100 }).catch((late: Error) => late);
            assert.deepEqual(engine.asked, ["/info", "/containers/json", "/volumes"]);
            assert.equal(reasonOf(reason as Error), "nothing came within 0.1 s");
        });

        it("is not asked when its settings are wrong", async () => {
            const { problems } = await preflight(config, [error("hosts.default.docker.tls", "it is odd", "change it")]);
            assert.deepEqual(problems, []);
        });
    });

    it("refuses another machine, with the other problems in one list", async () => {
        stateOf = {
            "urn:pulumi:dev::groundwork::groundwork:index:DockerHost::host-default": {
                type: "groundwork:index:DockerHost",
                outputs: { engineId: "OLD" },
            },
        };
        const { taken, stop } = await ports();
        const lines = await look({ [`/images/${IMAGE}/json`]: 404 }, { image: IMAGE, edge: { httpPort: taken } });
        stop();
        assert.deepEqual(
            lines.map((line) => line.split(": ")[0]),
            ["error hosts.default.docker.host", "error openpectus.edge.httpPort", "error openpectus.image"],
        );
    });

    it("is left out on request, so that a destroy depends on no host", async () => {
        process.env.GROUNDWORK_SKIP_PREFLIGHT = "yes";
        try {
            stateOf = {
                "urn:pulumi:dev::groundwork::groundwork:index:Lightning::lightning": { type: "groundwork:index:Lightning", outputs: {} },
            };
            assert.deepEqual((await preflight({ openpectus: { host: "default" } }, [])).problems, []);
            const host = { type: "groundwork:index:DockerHost", outputs: { volumes: ["openpectus-data"] } };
            stateOf = {
                ...stateWith("our key", ["docker:index/volume:Volume", "openpectus-data", "lab-openpectus-data"]),
                "urn:pulumi:dev::groundwork::groundwork:index:DockerHost::host-plant": host,
            };
            const { volumes } = await preflight({ openpectus: { host: "default" } }, []);
            assert.deepEqual(volumes, [{ name: "openpectus-data", host: "plant" }], "a destroy moves nothing");
        } finally {
            delete process.env.GROUNDWORK_SKIP_PREFLIGHT;
        }
    });
});
