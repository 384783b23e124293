import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answers } from "../../../../tools/ops/answers";
import { hide } from "../../../../tools/ops/stack-outputs";
import { compare } from "../../../../tools/ops/verify";
import type { Workload } from "../../../../tools/ops/workloads";

describe("after an update", () => {
    const wanted = [{ urn: "urn::web", type: "docker:index/container:Container", id: "1", inputs: { name: "web" } }];
    const found = (id: string, State: string, Status: string) => [{ id, info: { State, Status } }] as unknown as Workload[];

    it("every container is to be there, running and healthy", () => {
        assert.deepEqual(compare(wanted, found("1", "running", "Up 2 seconds (healthy)")), []);
        assert.deepEqual(compare(wanted, found("1", "running", "Up 2 seconds")), []);
        assert.deepEqual(compare(wanted, []), ["web is not there"]);
        assert.deepEqual(
            compare(wanted, found("2", "running", "Up 2 seconds")),
            ["web is not there"],
            "another one of this name does not count",
        );
        for (const [state, status, text] of [
            ["exited", "Exited (1) 2 seconds ago", "exited (code 1)"],
            ["restarting", "Restarting (1) 2 seconds ago", "restarting (code 1)"],
            ["running", "Up 2 seconds (unhealthy)", "running (unhealthy)"],
            ["running", "Up 2 seconds (health: starting)", "running (starting)"],
        ] as const) {
            assert.deepEqual(compare(wanted, found("1", state, status)), [
                `web is ${text} since 2 seconds: \`make logs STACK=dev ROLE=web\` says why`,
            ]);
        }
    });

    it("the outputs are shown without their secrets", () => {
        const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"hunter2"' };
        assert.deepEqual(hide({ a: { url: "u", password: secret, list: ["x", secret] } }), {
            a: { url: "u", password: "[secret]", list: ["x", "[secret]"] },
        });
    });
});

describe("an address", () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-address-"));
    const servers: Server[] = [];
    let status = 200;
    let [plain, secure, ca] = ["", "", ""];

    async function listen(server: Server): Promise<number> {
        servers.push(server.listen(0, "127.0.0.1"));
        await once(server, "listening");
        return (server.address() as AddressInfo).port;
    }

    before(async () => {
        const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
        const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
        execFileSync("openssl", ["req", "-x509", ...key, ...names, "-keyout", "key.pem", "-out", "cert.pem"], {
            cwd: directory,
            stdio: "ignore",
        });
        const [cert, privateKey] = ["cert.pem", "key.pem"].map((file) => readFileSync(join(directory, file), "utf8"));
        ca = cert!;
        const answer = (_request: unknown, response: { writeHead(code: number): { end(): void } }) => response.writeHead(status).end();
        plain = `http://localhost:${await listen(createServer(answer))}`;
        secure = `https://localhost:${await listen(createSecureServer({ cert, key: privateKey }, answer))}`;
    });
    after(() => {
        for (const server of servers) server.close();
        rmSync(directory, { recursive: true });
    });

    it("is well with every answer that is no accident of the server", async () => {
        for (status of [200, 302, 401, 404]) assert.equal((await answers(plain, undefined, 0)).level, "well");
        status = 200;
        assert.equal((await answers(secure, ca, 0)).level, "well");
    });

    it("is not well when the server fails, nobody is there, or the certificate is not the environment's", async () => {
        status = 502;
        assert.deepEqual(await answers(plain, undefined, 0), { level: "error", text: "it answers with HTTP status 502" });
        status = 200;
        assert.match(JSON.stringify(await answers("http://127.0.0.1:1", undefined, 0)), /error.*it does not answer: .*ECONNREFUSED/);
        const other = await answers(secure.replace("localhost", "127.0.0.1"), ca, 0);
        assert.match(JSON.stringify(other), /error.*it does not answer: .*(altnames|IP)/);
    });

    it("gives a program the time to come", async () => {
        status = 503;
        setTimeout(() => (status = 200), 300);
        assert.equal((await answers(plain, undefined, 5000)).level, "well");
    });

    it("is only warned of where this machine cannot judge", async () => {
        assert.match(JSON.stringify(await answers("https://nowhere.invalid", undefined, 0)), /warning.*leads nowhere from here/);
        assert.match(JSON.stringify(await answers(secure, undefined, 0)), /warning.*not trusted here/);
    });
});
