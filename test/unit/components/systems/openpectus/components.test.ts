import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { OpenPectus, OpenPectusEngine, type OpenPectusArgs } from "../../../../../components/systems/openpectus";
import { record, valueOf, type Recording } from "../../recorder";

async function aggregator(args: OpenPectusArgs): Promise<{ recording: Recording; component: OpenPectus }> {
    const recording = await record();
    const component = new OpenPectus("op", args);
    await pulumi.runtime.disconnect();
    return { recording, component };
}

describe("OpenPectus for programs", () => {
    it("refuses broken settings with one message and no stack trace", async () => {
        await record();
        const make = () => new OpenPectus("op", { hostname: "a.b", data: { hostPath: "x" }, engineSecret: " " });
        assert.throws(make, (problem: Error) => {
            assert.ok(pulumi.RunError.isInstance(problem));
            assert.equal(problem.message.split("\n").length, 4);
            return /3 problems[^]*op\.hostname[^]*op\.data\.hostPath[^]*op\.engineSecret/.test(problem.message);
        });
    });

    it("makes secrets of plain texts, and gives them to nobody else", async () => {
        const { recording, component } = await aggregator({ engineSecret: "brought-secret", sentry: { dsn: "https://key@s/1" } });
        assert.equal(await pulumi.isSecret(component.engineSecret!), true);
        assert.equal(await pulumi.isSecret(component.engineSetupLinux), true);
        const plain = JSON.stringify(recording.requested, (_key, value: unknown) =>
            typeof value === "object" && value !== null && "secret" in value ? "[secret]" : value,
        );
        assert.doesNotMatch(plain, /brought-secret|key@s/);
        assert.equal(recording.requested.filter(({ name }) => name === "op-engine-secret").length, 0);
    });

    it("stops the aggregator for a restore, because it would go on writing to the file that is replaced", async () => {
        const { component } = await aggregator({ containerName: "pectus" });
        assert.equal(
            await valueOf(component.restoreCommand),
            "docker stop pectus && docker exec project-stack-op-backup backup restore <file>; docker start pectus",
        );
    });

    it("protects data, keys and backups unless told otherwise", async () => {
        const precious = ["op-data", "op-web-push-keys", "op-backup-backups"];
        const protectedOnes = ({ requested }: Recording) =>
            requested.filter(({ protect, retainOnDelete }) => protect && retainOnDelete).map(({ name }) => name);
        assert.deepEqual(protectedOnes((await aggregator({})).recording).sort(), precious.sort());
        assert.deepEqual(protectedOnes((await aggregator({ dataProtection: false })).recording), []);
    });

    it("generates another secret for another text, which no protection hinders", async () => {
        const secretWith = async (args: OpenPectusArgs) => (await aggregator(args)).recording.get("op-engine-secret");
        assert.equal((await secretWith({})).inputs.keepers, undefined);
        const rotated = await secretWith({ engineSecretRotation: "2026-11" });
        assert.deepEqual(rotated.inputs.keepers, { rotation: "2026-11" });
        assert.ok(!rotated.protect);
    });

    it("makes the backup before the aggregator, and gives the proxy no reason to wait", async () => {
        const { recording } = await aggregator({});
        assert.ok(recording.get("op-aggregator").dependsOn.includes("op-backup-before-change"));
        assert.ok(!recording.get("op-edge-edge").dependsOn.includes("op-aggregator"));
    });

    it("knows no secret when registration is open", async () => {
        const { recording, component } = await aggregator({ openRegistration: true });
        assert.equal(component.engineSecret, undefined);
        assert.doesNotMatch(JSON.stringify(recording.get("op-aggregator").inputs), /--secret/);
        assert.doesNotMatch(await valueOf(component.engineSetupLinux), /openpectus\/secret/);
    });
});

describe("OpenPectusEngine for programs", () => {
    it("must know where the aggregator is", async () => {
        await record();
        assert.throws(() => new OpenPectusEngine("r1", {}), /r1\.aggregator\.host: the engine does not know where the aggregator is/);
    });

    it("has no name that is a permission for all", async () => {
        await record();
        assert.throws(
            () => new OpenPectusEngine("all", { network: "net" }),
            /all\.hostname: GROUNDWORK_ALLOW_STOP=all would let every engine stop/,
        );
    });

    it("trusts a private authority only where it uses TLS", async () => {
        const recording = await record();
        new OpenPectusEngine("far", { aggregator: { host: "pectus.example.org" }, caCertificate: "PEM" });
        new OpenPectusEngine("near", { network: "net", caCertificate: "PEM" });
        await pulumi.runtime.disconnect();
        assert.deepEqual(recording.get("far-engine").inputs.envs, ["SSL_CERT_FILE=/etc/groundwork/aggregator-ca.pem"]);
        assert.deepEqual(recording.get("near-engine").inputs.envs, []);
    });

    it("keeps the archives before the engine starts, at the path of the mount, whatever the image", async () => {
        const recording = await record();
        const foreign = { image: "example.org/pectus:1", version: "0.1.1585", allowFloatingImage: true };
        new OpenPectusEngine("other", { network: "net", ...foreign, data: { containerPath: "/srv/archives" } });
        await pulumi.runtime.disconnect();
        const inputs = recording.get("other-engine").inputs;
        const [command, uploads, volumes] = [inputs.command as string[], JSON.stringify(inputs.uploads), JSON.stringify(inputs.volumes)];
        assert.deepEqual(command.slice(0, 4), ["python3", "/run/groundwork/keep-archives", "/srv/archives", "pectus-engine"]);
        assert.ok(uploads.includes(command[1]!));
        assert.ok(volumes.includes("/srv/archives"));
    });
});
