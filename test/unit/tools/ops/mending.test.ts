import assert from "node:assert/strict";
import type { ContainerInspectInfo, default as Docker } from "dockerode";
import type { Sight } from "../../../../tools/ops/drift";
import { addressOf, type Host } from "../../../../tools/ops/hosts";
import { lostData } from "../../../../tools/ops/lost-data";
import { jobsFor } from "../../../../tools/ops/mend";
import { repairs } from "../../../../tools/ops/repairs";
import { logicalName, type Resource } from "../../../../tools/ops/state";

const MIB = 1024 * 1024;

const resource: Resource = {
    urn: "urn:pulumi:dev::project::docker:index/container:Container::web",
    type: "docker:index/container:Container",
    id: "id",
    inputs: {
        name: "project-dev-web",
        memory: 512,
        memorySwap: 512,
        restart: "unless-stopped",
        networksAdvanced: [{ name: "n1", aliases: ["web", "www"] }],
    },
};

interface Change {
    name?: string;
    state?: Partial<ContainerInspectInfo["State"]>;
    host?: object;
    networks?: Record<string, { NetworkID: string; Aliases: string[] | null }>;
}

function inspected({ name = "project-dev-web", state = {}, host = {}, networks }: Change = {}): ContainerInspectInfo {
    return {
        Id: "id",
        Name: `/${name}`,
        State: { Status: "running", Running: true, Paused: false, ...state },
        HostConfig: { Memory: 512 * MIB, MemorySwap: 512 * MIB, RestartPolicy: { Name: "unless-stopped" }, ...host },
        NetworkSettings: { Networks: networks ?? { one: { NetworkID: "n1", Aliases: ["www", "web", "0123456789ab"] } } },
    } as unknown as ContainerInspectInfo;
}

/** The repairs in words, and the calls of the Docker API that they make. */
async function repaired(change: Change, of = resource, isThere = () => true): Promise<{ says: string[]; calls: string[] }> {
    const calls: string[] = [];
    const note = (object: string) =>
        new Proxy({}, { get: (_target, call) => (input: unknown) => calls.push([object, call, JSON.stringify(input)].join(" ")) });
    const docker = { getContainer: (id: string) => note(id), getNetwork: (id: string) => note(id) } as unknown as Docker;
    const found = repairs(of, inspected(change), isThere);
    for (const { call } of found) await call(docker);
    return { says: found.map(({ says }) => says), calls: calls.map((call) => call.trim()) };
}

/** What is wrong in words, where setting it right may interrupt the program. */
function interrupting(change: Change): (string | undefined)[] {
    return repairs(resource, inspected(change), () => true).map(({ interrupts }) => interrupts);
}

describe("mending a container that is there", () => {
    it("does nothing to one that is as the state says", async () => {
        assert.deepEqual(await repaired({}), { says: [], calls: [] });
        const { networksAdvanced: _networks, ...inputs } = resource.inputs!;
        const alone = await repaired({ networks: { bridge: { NetworkID: "b", Aliases: null } } }, { ...resource, inputs });
        assert.deepEqual(alone.says, [], "without networks of its own it is on Docker's");
    });

    it("leaves to Docker what Docker starts again", async () => {
        assert.deepEqual((await repaired({ state: { Status: "restarting", Running: true } })).says, []);
    });

    for (const [what, change, says, ...calls] of [
        ["stopped", { state: { Status: "exited", Running: false, ExitCode: 137 } }, "is started; it was exited with code 137", "id start"],
        ["never started", { state: { Status: "created", Running: false } }, "is started; it was created", "id start"],
        ["paused", { state: { Status: "paused", Paused: true } }, "goes on after a pause", "id unpause"],
        ["renamed", { name: "other" }, "has its name again; it was called other", 'id rename {"name":"project-dev-web"}'],
        [
            "given another memory",
            { host: { Memory: 256 * MIB, MemorySwap: 256 * MIB } },
            "has its memory of 512 MiB again; it had 256 MiB",
            `id update {"Memory":${512 * MIB},"MemorySwap":${512 * MIB}}`,
        ],
        [
            "given another restart policy",
            { host: { RestartPolicy: { Name: "" } } },
            "has its restart policy unless-stopped again; it was no",
            'id update {"RestartPolicy":{"Name":"unless-stopped"}}',
        ],
        [
            "taken off its network",
            { networks: {} },
            "is back on its network",
            'n1 connect {"Container":"id","EndpointConfig":{"Aliases":["web","www"]}}',
        ],
        [
            "put on another network",
            { networks: { one: { NetworkID: "n1", Aliases: ["web", "www"] }, two: { NetworkID: "n2", Aliases: null } } },
            "is off the network two, which is not its own",
            'n2 disconnect {"Container":"id","Force":true}',
        ],
        [
            "put back on its network under fewer names",
            { networks: { one: { NetworkID: "n1", Aliases: ["web"] } } },
            "is found under web, www on its network again",
            'n1 disconnect {"Container":"id","Force":true}',
            'n1 connect {"Container":"id","EndpointConfig":{"Aliases":["web","www"]}}',
        ],
    ] as [string, Change, string, ...string[]][]) {
        it(`sets right one that was ${what}`, async () => assert.deepEqual(await repaired(change), { says: [says], calls }));
    }

    for (const [what, change, interrupts] of [
        ["less memory", { host: { Memory: 256 * MIB, MemorySwap: 256 * MIB } }, undefined],
        ["more memory", { host: { Memory: 768 * MIB, MemorySwap: 768 * MIB } }, "its memory: 768 MiB instead of 512 MiB"],
        ["no limit of memory", { host: { Memory: 0, MemorySwap: 0 } }, "its memory: no limit instead of 512 MiB"],
        ["more swap", { host: { Memory: 256 * MIB, MemorySwap: -1 } }, "its memory: 256 MiB and swap instead of 512 MiB"],
        ["no network", { networks: {} }, undefined],
        ["fewer names", { networks: { one: { NetworkID: "n1", Aliases: ["web"] } } }, "nobody finds it under web, www"],
        [
            "another network",
            { networks: { one: { NetworkID: "n1", Aliases: ["web", "www"] }, two: { NetworkID: "n2", Aliases: null } } },
            "it is on the network two, which is not its own",
        ],
        ["a pause", { state: { Status: "paused", Paused: true } }, undefined],
    ] as [string, Change, string | undefined][]) {
        it(`${interrupts ? "may" : "does not"} interrupt one that was given ${what}`, () =>
            assert.deepEqual(interrupting(change), [interrupts]));
    }

    it("leaves the networks of one alone that is replaced because its network is gone", async () => {
        assert.deepEqual((await repaired({ networks: {} }, resource, () => false)).says, []);
    });
});

describe("data that is gone", () => {
    const labels = (system: string, role: string) => [
        { label: "groundwork.system", value: system },
        { label: "groundwork.role", value: role },
    ];
    const volume = (name: string): Resource => ({
        urn: `urn::${name}`,
        type: "docker:index/volume:Volume",
        id: name,
        inputs: { name, labels: labels("openpectus", "data") },
    });
    const maker: Resource = {
        urn: "urn::backup",
        type: "docker:index/container:Container",
        inputs: {
            name: "maker",
            image: "sha256:1",
            envs: ["BACKUP_DIRECTORY=/backups"],
            volumes: [
                { containerPath: "/source", volumeName: "data" },
                { containerPath: "/backups", volumeName: "backups" },
            ],
            labels: labels("openpectus", "backup"),
        },
    };
    const host = (address: string, docker: object = {}) => ({ name: "plant", address, docker }) as unknown as Host;
    const told = (names: string[], containers: Sight["containers"] = [], resources: Resource[] = []) =>
        lostData(
            names.map((name) => ({ resource: volume(name), host: host("tcp://plant") })),
            { containers, lost: [], foreign: [], notLookedAt: [] },
            resources,
        );

    it("is told with the ways on", async () => {
        const text = await told(["data"]);
        assert.match(text, /^gone with the data in it: volume data; nothing was changed$/m);
        assert.match(text, /^ {2}No backups of openpectus are known\.$/m);
        assert.match(text, /^ {4}make up STACK=dev EMPTY_DATA=yes$/m);
        assert.match(text, /^ {4}make restore STACK=dev SYSTEM=openpectus FILE=<file>$/m);
    });

    it("is told with the place of the backups when they cannot be read", async () => {
        const text = await told(["data"], [{ resource: maker, host: host("tcp://plant") }]);
        assert.match(text, /Backups of openpectus are in volume backups of host plant, which could not be read\./);
    });

    it("is told with the places of backups that nobody makes any more", async () => {
        const backups = { ...volume("kept"), inputs: { name: "kept", labels: labels("openpectus", "backups") } };
        const component: Resource = {
            urn: "urn::openpectus-backup",
            type: "groundwork:index:Backup",
            outputs: { kept: { system: "openpectus", hostPath: "/srv/backups" } },
        };
        const text = await told(["data"], [], [volume("data"), backups, component]);
        assert.match(text, /Backups of openpectus are in volume kept of host plant, which could not be read\./);
        assert.match(text, /Backups of openpectus are in directory \/srv\/backups of host plant, which could not be read\./);
    });

    it("is told when the backups went with it", async () => {
        const text = await told(["data", "backups"], [{ resource: maker, host: host("tcp://plant") }]);
        assert.match(text, /Backups of openpectus were in volume backups of host plant, which is gone too\./);
    });
});

describe("jobs for a volume that is made again", () => {
    const one = (type: string, name: string, ...dependencies: Resource[]): Resource => ({
        urn: `urn:pulumi:dev::project::${type}::${name}`,
        type,
        dependencies: dependencies.map(({ urn }) => urn),
    });
    const job = (name: string, after: Resource) => one("pulumi-nodejs:dynamic/groundwork:Job", name, after);
    const [data, other] = ["data", "other"].map((name) => one("docker:index/volume:Volume", name)) as [Resource, Resource];
    const directory = job("data-directory", data);
    const server = one("docker:index/container:Container", "server", directory);
    const migrate = job("migrate", server);
    const jobs = [directory, job("other-directory", other), job("backup-before-change", server), migrate, job("superuser", migrate)];
    const resources = [data, other, directory, server, ...jobs.slice(1)];

    it("are those that put something in it, however far behind, and no backup of it", () => {
        assert.deepEqual(jobsFor([data], resources).map(logicalName), ["data-directory", "migrate", "superuser"]);
    });
});

describe("the engine that has a resource", () => {
    it("is the one of its provider, and this machine's where that names none", () => {
        const provider = (name: string, inputs: object): Resource => ({
            urn: `urn::${name}`,
            type: "pulumi:providers:docker",
            inputs: inputs as Record<string, unknown>,
        });
        const all = [provider("default", {}), provider("host-plant", { host: "tcp://plant:2376" })];
        const on = (urn: string) => addressOf({ ...resource, provider: `${urn}::some-id` }, all);
        assert.equal(on("urn::host-plant"), "tcp://plant:2376");
        assert.equal(on("urn::default"), process.env.DOCKER_HOST || "unix:///var/run/docker.sock");
    });
});
