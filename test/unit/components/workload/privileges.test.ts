import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { privileges } from "../../../../components/privileges";
import { DockerRuntime, granted, type JobSpec, type Runtime, type ServiceSpec } from "../../../../components/workload";
import { record, type Recording } from "../recorder";

describe("workload: privileges", () => {
    let recording: Recording;
    let run: Runtime;

    beforeEach(async () => {
        recording = await record();
        const component = new pulumi.ComponentResource("test:index:Component", "demo");
        run = new DockerRuntime(component, { name: "demo", system: "test" });
    });

    async function service(spec: Partial<ServiceSpec> = {}) {
        run.service("web", { image: "i", ...spec });
        await pulumi.runtime.disconnect();
        return recording.get("demo-web").inputs;
    }
    async function job(spec: Partial<JobSpec> = {}) {
        run.job("task", { image: "i", ...spec });
        await pulumi.runtime.disconnect();
        return recording.get("demo-task").inputs;
    }

    it("are none at all by default", async () => {
        const { capabilities, securityOpts, readOnly, tmpfs, networkMode } = await service();
        assert.deepEqual(capabilities, { drops: ["ALL"], adds: [] });
        assert.deepEqual(securityOpts, ["no-new-privileges:true"]);
        assert.deepEqual({ readOnly, tmpfs, networkMode }, { readOnly: undefined, tmpfs: undefined, networkMode: "bridge" });
    });

    it("are what a service asks for, in an order that never changes", async () => {
        const asked = { capAdd: ["SETUID", "CHOWN"], readOnly: true, tmpfs: ["/tmp", "/run"], networkMode: "none" };
        const { capabilities, readOnly, tmpfs, networkMode } = await service(asked);
        assert.deepEqual(
            { capabilities, readOnly, tmpfs, networkMode },
            {
                capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN", "CAP_SETUID"] },
                readOnly: true,
                tmpfs: { "/run": "", "/tmp": "" },
                networkMode: "none",
            },
        );
    });

    it("count in the configuration hash, so that each change replaces the container", async () => {
        const label = async (spec: Partial<ServiceSpec>) => {
            recording = await record();
            run = new DockerRuntime(new pulumi.ComponentResource("test:index:Component", "demo"), { name: "demo", system: "test" });
            const labels = (await service(spec)).labels as { label: string; value: string }[];
            return labels.find((entry) => entry.label === "groundwork.config")!.value;
        };
        const first = await label({});
        for (const field of ["capDrop", "capAdd", "pidsLimit", "readOnly", "tmpfs", "networkMode"]) assert.match(first, new RegExp(field));
        const changes = [{ capDrop: [] }, { capAdd: ["KILL"] }, { pidsLimit: 7 }, { readOnly: true }, { tmpfs: ["/x"] }];
        for (const change of [...changes, { networkMode: "none" }]) assert.notEqual(await label(change), first);
        assert.equal(await label({ pidsLimit: 1024, capAdd: [] }), first, "the defaults");
    });

    it("hold for jobs, too, and do not run a job again", async () => {
        const plain = await job();
        assert.deepEqual(plain.privileges, {
            capAdd: [],
            capDrop: ["ALL"],
            networkMode: "bridge",
            pidsLimit: 1024,
            readOnly: false,
            tmpfs: [],
        });
        recording = await record();
        run = new DockerRuntime(new pulumi.ComponentResource("test:index:Component", "demo"), { name: "demo", system: "test" });
        const asked = await job({ capAdd: ["CHOWN"], networkMode: "none" });
        assert.equal((asked.privileges as { networkMode: string }).networkMode, "none");
        assert.deepEqual(asked.trigger, plain.trigger);
    });

    it("of a job that prepares a directory are for that alone", async () => {
        run.volume("data", { owner: { image: "i", uid: 1000 } });
        await pulumi.runtime.disconnect();
        const { capAdd, readOnly, networkMode } = recording.get("demo-data-directory").inputs.privileges as Record<string, unknown>;
        assert.deepEqual(
            { capAdd, readOnly, networkMode },
            { capAdd: ["CHOWN", "DAC_OVERRIDE", "FOWNER"], readOnly: true, networkMode: "none" },
        );
    });

    it("that Docker cannot give are refused, naming the role", () => {
        const refused = (spec: Partial<ServiceSpec>, reason: RegExp) =>
            assert.throws(() => run.service("web", { image: "i", ...spec }), reason);
        refused({ readOnly: true, secrets: { a: "b" } }, /^Error: web: readOnly cannot go with files, secrets/);
        refused({ networkMode: "none", networks: [{ id: "n" }] }, /^Error: web: networkMode none contradicts networks/);
    });

    it("have a reason in every row of the table, and more only for directories of the host", () => {
        for (const [role, row] of Object.entries(privileges)) assert.match(row.why, /\.$/, role);
        const row = { image: "i", why: "Because.", capAdd: ["CHOWN"], hostDirectoryCapAdd: ["DAC_OVERRIDE"] };
        assert.deepEqual(granted(row, [{ volume: "v", target: "/a" }]), { capAdd: ["CHOWN"] });
        assert.deepEqual(granted(row, [{ hostPath: "/b", target: "/a" }]), { capAdd: ["CHOWN", "DAC_OVERRIDE"] });
    });
});
