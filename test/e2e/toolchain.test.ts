import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toolchainEnvironment } from "./harness";
import { root, run } from "./support/process";
import { missing, packages, type Package, type Schema, usedClasses } from "./toolchain-sdk";

/** Everything that reaches the engine. */
const PROGRAM = ["index.ts", "stacks", "components", "policy"];
/** Used at least by the foundations; fewer means that the search is broken. */
const FLOOR = ["docker.Container", "docker.Network", "docker.RemoteImage", "docker.Volume", "random.RandomPassword", "tls.PrivateKey"];

describe("the plugins that the toolchain provides", function () {
    this.timeout(1_200_000); // the first run on a machine may have to build them

    const used = usedClasses(PROGRAM);
    const schemas = new Map<Package, Schema>();

    before(async () => {
        const env = await toolchainEnvironment();
        const dependencies: Record<string, string> = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies;
        for (const pkg of packages) {
            const text = await run("pulumi", ["package", "get-schema", `${pkg}@${dependencies[`@pulumi/${pkg}`]}`], { env });
            schemas.set(pkg, JSON.parse(text));
        }
    });

    it("are compared for every class that the project uses", () => {
        const names = used.map(({ pkg, name }) => `${pkg}.${name}`);
        assert.deepEqual(
            FLOOR.filter((name) => !names.includes(name)),
            [],
        );
    });

    for (const { pkg, name } of used) {
        it(`know every argument and output of ${pkg}.${name}`, () => {
            assert.deepEqual(missing({ pkg, name }, schemas.get(pkg)!), []);
        });
    }

    it("would be found out if a property disappeared", () => {
        const container = { pkg: "docker", name: "Container" } as const;
        const broken = structuredClone(schemas.get("docker")!);
        delete broken.resources["docker:index/container:Container"].inputProperties!.healthcheck;
        delete broken.resources["docker:index/container:Container"].properties!.exitCode;
        delete broken.types["docker:index/ContainerMount:ContainerMount"].properties!.target;
        assert.deepEqual(missing(container, broken), [
            "docker.ContainerArgs.healthcheck",
            "docker.ContainerArgs.mounts.target",
            "docker.Container.exitCode",
            "docker.Container.mounts.target",
        ]);
        delete broken.resources["docker:index/container:Container"];
        assert.deepEqual(missing(container, broken), ["docker.Container"]);
    });

    it("are those of the versions in package.json", () => {
        const dependencies: Record<string, string> = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies;
        for (const pkg of packages) assert.equal(schemas.get(pkg)!.version, dependencies[`@pulumi/${pkg}`]);
    });
});
