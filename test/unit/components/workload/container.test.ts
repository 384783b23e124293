import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { clientOptions, SSH_OPTIONS, sshArguments } from "../../../../components/workload/docker/client";
import { commandLine, uploads } from "../../../../components/workload/docker/container";
import { SECRET_ENVIRONMENT_DIRECTORY, SECRET_ENVIRONMENT_SCRIPT } from "../../../../components/workload/docker/secret-environment";

const value = <T>(input: pulumi.Input<T>): Promise<T> => (pulumi.output(input) as unknown as { promise(): Promise<T> }).promise();

describe("workload: files and secrets of a container", () => {
    it("puts secrets under /run/secrets for root only, and marks them secret", async () => {
        const [upload] = uploads({ image: "i", secrets: { password: "hunter2" } });
        assert.equal(upload!.file, "/run/secrets/password");
        assert.equal(upload!.permissions, "0400");
        assert.equal(await pulumi.isSecret(upload!.content as pulumi.Output<string>), true);
    });

    it("keeps files readable for the program of any user", () => {
        assert.deepEqual(uploads({ image: "i", files: { "/etc/a": { content: "x" } } }), [
            { file: "/etc/a", content: "x", permissions: "0444" },
        ]);
    });

    it("puts the wrapper in front of entrypoint and command", () => {
        const line = commandLine("web", { image: "i", entrypoint: ["tini"], command: ["serve"], secretEnvironment: { A: "1" } });
        assert.deepEqual(line, { entrypoint: ["/bin/sh", SECRET_ENVIRONMENT_SCRIPT], command: ["tini", "serve"] });
    });

    it("refuses secret variables without a command, naming the role", () => {
        assert.throws(() => commandLine("web", { image: "i", secretEnvironment: { A: "1" } }), /web: secretEnvironment needs the command/);
    });

    it("exports values byte for byte, trailing newline, quotes and all", async () => {
        const directory = mkdtempSync(join(tmpdir(), "groundwork-"));
        try {
            const nasty = `a'b"c$(id)\\ \n\n`;
            const files = uploads({ image: "i", command: ["x"], secretEnvironment: { NASTY: nasty } });
            const script = String(await value(files.find(({ file }) => file === SECRET_ENVIRONMENT_SCRIPT)!.content));
            writeFileSync(join(directory, "NASTY"), nasty);
            writeFileSync(join(directory, "script"), script.replaceAll(SECRET_ENVIRONMENT_DIRECTORY, directory).replace("/*;", "/NASTY;"));
            const printed = execFileSync("sh", [
                join(directory, "script"),
                process.execPath,
                "-e",
                "process.stdout.write(process.env.NASTY)",
            ]);
            assert.equal(printed.toString(), nasty);
        } finally {
            rmSync(directory, { recursive: true });
        }
    });
});

describe("workload: the address of a Docker Engine", () => {
    it("understands unix, tcp, tcp with certificates and ssh", () => {
        assert.deepEqual(clientOptions({ host: "unix:///var/run/docker.sock" }), { socketPath: "/var/run/docker.sock" });
        assert.equal(clientOptions({ host: "tcp://h:2375" }).protocol, "http");
        const tls = clientOptions({ host: "tcp://h", ca: "CA", cert: "C", key: "K" });
        assert.deepEqual([tls.protocol, tls.port, tls.ca], ["https", 2376, "CA"]);
        assert.deepEqual(sshArguments(new URL("ssh://me@h:2222")), [...SSH_OPTIONS, "-l", "me", "-p", "2222", "--", "h"]);
    });
});
