import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { selfSigned } from "../unit/components/edge/certificates";
import { lockedImage } from "../../components/images";
import type { FixtureConfig } from "./fixtures/edge/program";
import { Stack } from "./harness";
import { connectHere, EchoSocket, fetchHere, type Answer, type ClientOptions } from "./support/client";
import { run } from "./support/process";
import { findSecrets } from "./support/scanner";
import { freePort, until } from "./support/wait";

describe("edge on a Docker Engine", function () {
    this.bail(true); // each step builds on the one before

    let stack: Stack;
    let settings: FixtureConfig;
    let httpPort: number;
    let httpsPort: number;
    let url: string;
    let ca: string;

    // Read once: a suite must not notice when images are built meanwhile.
    const [image, webImage] = [lockedImage("edge").reference, lockedImage("openpectus").reference];

    const set = (change: Partial<FixtureConfig>, secrets: Record<string, string> = {}) => {
        settings = { ...settings, ...change, edge: { ...(change.edge ?? settings.edge), image } };
        return stack.configure({ "gw-edge:fixture": settings }, secrets);
    };
    const edgeName = () => `${settings.prefix ?? stack.prefix}-demo-edge`;
    const shown = async () => {
        const socket = await connectHere(httpsPort, { servername: settings.edge.domain, ca });
        const certificate = new X509Certificate(socket.getPeerCertificate().raw);
        socket.destroy();
        return certificate;
    };
    const status = async (env: NodeJS.ProcessEnv = {}) => {
        const { code, stdout, stderr } = await stack.verb("status", env);
        return { code, stdout, stderr };
    };
    const fetch = (path: string, options: ClientOptions = {}) => fetchHere(`${url}${path}`, { ca, ...options });
    const plain = (path: string, headers: Record<string, string> = {}) => fetchHere(`http://127.0.0.1:${httpPort}${path}`, { headers });
    const json = ({ status, body }: Answer) => (assert.equal(status, 200, body), JSON.parse(body));
    const idOf = async (container: string): Promise<string> => (await stack.docker.inspect("container", container)).Id;
    const up = async () => {
        const result = await stack.up();
        assert.equal(result.code, 0, result.output);
        return result;
    };
    const assertNoChange = async () => {
        const preview = await stack.preview("--diff");
        assert.equal(preview.changes, 0, preview.output);
        assert.equal((await up()).changes, 0);
    };

    before(async () => {
        stack = await Stack.create({ name: "edge", program: "test/e2e/fixtures/edge" });
        httpPort = await freePort();
        do httpsPort = await freePort();
        while (httpsPort === httpPort);
        const network = await stack.docker.cli("network", "create", ...labels(stack), `${stack.prefix}-network`);
        const edge = { domain: "localhost", httpPort, httpsPort, maxBodySizeMb: 1, tls: { devCa: {} } };
        settings = { network, webImage, greeting: "hello", edge };
    });
    after(async () => stack?.remove());

    describe("with a development authority", () => {
        before(async () => {
            await set({});
            await up();
            const outputs = await stack.outputs();
            [url, ca] = [outputs.url!, outputs.caCertificate!];
        });

        it("answers over verified TLS, and tells the program who asked for what", async () => {
            assert.equal(url, `https://localhost:${httpsPort}`);
            const { headers, query } = json(await fetch("/echo?token=abc"));
            assert.equal(query, "token=abc");
            assert.equal(headers.host, `localhost:${httpsPort}`);
            assert.equal(headers["x-forwarded-proto"], "https");
            assert.equal(headers["x-forwarded-host"], `localhost:${httpsPort}`);
            assert.match(headers["x-forwarded-for"], /^\d+\.\d+\.\d+\.\d+$/);
            assert.equal(headers["x-real-ip"], headers["x-forwarded-for"]);
            assert.equal(headers.connection, "close");
        });

        it("believes nobody who says he is somebody else", async () => {
            const { headers } = json(await fetch("/echo", { headers: { "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "gopher" } }));
            assert.notEqual(headers["x-forwarded-for"], "1.2.3.4");
            assert.equal(headers["x-forwarded-proto"], "https");
        });

        it("redirects whatever comes in clear text, by whatever name", async () => {
            for (const host of ["localhost", "127.0.0.1", "other.example.org"]) {
                const { status, headers } = await plain("/echo?a=b", { host });
                assert.deepEqual([status, headers.location], [301, `https://localhost:${httpsPort}/echo?a=b`]);
            }
        });

        it("speaks TLS 1.2 and 1.3 and HTTP/2, and nothing older", async () => {
            const protocol = async (options: object) => {
                const socket = await connectHere(httpsPort, { servername: "localhost", ca, ...options });
                const spoken = [socket.getProtocol(), socket.alpnProtocol];
                socket.destroy();
                return spoken;
            };
            assert.deepEqual(await protocol({ maxVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"] }), ["TLSv1.2", "http/1.1"]);
            assert.deepEqual(await protocol({ ALPNProtocols: ["h2"] }), ["TLSv1.3", "h2"]);
            await assert.rejects(protocol({ minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }));
        });

        it("does not tell browsers to insist on HTTPS", async () => {
            assert.equal((await fetch("/echo")).headers["strict-transport-security"], undefined);
        });

        it("carries WebSockets", async () => {
            const socket = await EchoSocket.open(`${url}/socket`, ca);
            assert.equal(await socket.echo("over nginx"), "over nginx");
            socket.close();
        });

        it("takes bodies up to the limit", async () => {
            const post = (size: number) => fetch("/echo", { method: "POST", body: Buffer.alloc(size) });
            assert.equal(json(await post(1024 * 1024)).body, 1024 * 1024);
            assert.equal((await post(1024 * 1024 + 1)).status, 413);
        });

        it("writes a log without query strings", async () => {
            const log = await stack.docker.logs(`${stack.prefix}-demo-edge`);
            assert.match(log, /"GET \/echo" 200/);
            assert.doesNotMatch(log, /token=abc/);
            assert.doesNotMatch(log, /127\.0\.0\.1:8081/);
        });

        it("changes nothing in a second update", assertNoChange);

        it("tells how long its certificate lasts, and who renews it", async () => {
            const { code, stdout, stderr } = await status();
            assert.deepEqual([code, stderr], [0, ""]);
            assert.match(stdout, /^test +localhost +36[45] +\d{4}-\d\d-\d\d +`make up STACK=edge-[0-9a-f]+`, from 90 days before$/m);
        });

        it("gets another certificate from an update in the last 90 days, without dropping a WebSocket or the clients' trust", async () => {
            const [first, container] = [await shown(), await idOf(edgeName())];
            const socket = await EchoSocket.open(`${url}/socket`, ca);
            await stack.rewrite(age("LocallySignedCert", 20));
            const due = await stack.verb("before-preview");
            assert.match(due.stderr, /^warning: demo\.edge: the certificate for localhost expires in 19 days: the next update renews it/);
            const preview = await stack.preview();
            assert.ok(
                preview.steps.includes("replace tls:index/locallySignedCert:LocallySignedCert demo-edge-tls-certificate"),
                preview.output,
            );
            await up();
            assert.notEqual((await shown()).serialNumber, first.serialNumber);
            assert.equal(await idOf(edgeName()), container);
            assert.equal(await socket.echo("after"), "after");
            socket.close();
            assert.equal((await stack.outputs()).caCertificate, ca);
            await assertNoChange();
        });

        it("gets another authority in its last year, with the same key: who trusts the old one goes on", async () => {
            const first = await shown();
            await stack.rewrite(age("SelfSignedCert", 300));
            await up();
            assert.notEqual((await stack.outputs()).caCertificate, ca);
            assert.notEqual((await shown()).serialNumber, first.serialNumber);
            assert.equal((await fetch("/echo")).status, 200);
            await assertNoChange();
        });

        it("stays while the program behind it is replaced, and finds the new one", async () => {
            const before = await idOf(`${stack.prefix}-demo-edge`);
            await set({ greeting: "good morning" });
            await up();
            assert.equal(await idOf(`${stack.prefix}-demo-edge`), before);
            const greeting = async () => json(await fetch("/echo")).greeting === "good morning";
            assert.ok(await until("the new program", greeting, 20));
        });

        it("says so when the program behind it is away, and recovers", async () => {
            await stack.docker.cli("stop", "--time", "1", `${stack.prefix}-demo-web`);
            await until("a 502", async () => (await fetch("/echo")).status === 502, 20);
            await stack.docker.cli("start", `${stack.prefix}-demo-web`);
            await until("the program", async () => (await fetch("/echo")).status === 200, 20);
        });

        it("shows no secret in state, plan, inspect or logs", async () => {
            const preview = await stack.preview("--diff");
            const report = await findSecrets(stack, { "preview --diff": preview.output });
            assert.ok(report.known >= 2, "the scanner knows the secrets it looks for");
            assert.deepEqual(report.found, []);
        });
    });

    describe("with a certificate of one's own", () => {
        const use = async (days: number) => {
            const pair = selfSigned("DNS:localhost", days);
            const provided = { certificate: pair.certificate, key: "encrypted below", ca: pair.certificate };
            await set({ edge: { ...settings.edge, tls: { provided } } }, { "gw-edge:fixture.edge.tls.provided.key": pair.key });
            const result = await up();
            ca = pair.certificate;
            return result;
        };

        it("takes over another one without a restart, and tells when it is time for the next", async () => {
            const { output } = await use(20);
            assert.match(output, /warning: demo-edge\.tls\.provided\.certificate: it expires in 19 days: give a new one soon/);
            const container = await idOf(edgeName());
            const soon = await status();
            assert.equal(soon.code, 0);
            assert.match(
                soon.stderr,
                /^warning: demo\.edge: the certificate for localhost expires in 19 days: give a new one in demo\.edge\.tls/,
            );
            const socket = await EchoSocket.open(`${url}/socket`, ca);
            await use(20);
            assert.equal((await fetch("/echo")).status, 200);
            assert.equal(await idOf(edgeName()), container);
            assert.equal(await socket.echo("still here"), "still here");
            socket.close();
            const late = await status(daysAhead(16));
            assert.equal(late.code, 1);
            assert.match(
                late.stderr,
                /^error: demo\.edge: the certificate for localhost expires in 3 days: give a new one in demo\.edge\.tls/,
            );
        });

        it("is installed again after its volume is gone", async () => {
            await stack.docker.cli("rm", "--force", edgeName());
            await stack.docker.cli("volume", "rm", `${edgeName()}-tls`);
            assert.equal((await stack.up("--refresh")).code, 0);
            assert.equal((await fetch("/echo")).status, 200);
            await assertNoChange();
        });

        it("is readable in no state, plan, inspect or log", async () => {
            const preview = await stack.preview("--diff");
            assert.deepEqual((await findSecrets(stack, { "preview --diff": preview.output })).found, []);
        });
    });

    describe("with an ACME server", () => {
        let domain: string;
        let pebble: string;

        const serial = async () => (await shown()).serialNumber;
        const renewal = () => `${edgeName()}-renewal`;
        const health = async (): Promise<string> => (await stack.docker.inspect("container", renewal())).State.Health.Status;
        const lastWords = async (): Promise<string> =>
            (await stack.docker.inspect("container", renewal())).State.Health.Log.at(-1).Output.trim();

        before(async () => {
            pebble = `${stack.prefix}-pebble`;
            await startPebble(stack, pebble, settings.network);
            const serverCa = await stack.docker.exec(pebble, "cat", "/pebble/ca.pem");
            // Docker's DNS knows the name of a container, and it can be a domain name: that is how Pebble finds the edge.
            const prefix = `acme.${stack.prefix}`;
            domain = `${prefix}-demo-edge`;
            const http01 = { noEmail: true, server: "https://pebble:14000/dir", serverCa };
            await set({ prefix, edge: { domain, httpPort, httpsPort, tls: { http01 } } });
        });

        it("fails the update with certbot's words when the server is away, and then succeeds", async () => {
            await stack.docker.cli("stop", "--time", "1", pebble);
            const failed = await stack.up();
            assert.notEqual(failed.code, 0);
            assert.match(failed.output, /certificate.* exited with 1; its last lines:/);
            await stack.docker.cli("start", pebble);
            await up();
        });

        it("has the certificate when the address is known", async () => {
            ({ url } = (await stack.outputs()) as { url: string });
            ca = await stack.docker.exec(pebble, "curl", "-fsS", "--cacert", "/pebble/ca.pem", "https://localhost:15000/roots/0");
            assert.equal(url, `https://${domain}:${httpsPort}`);
            assert.equal(json(await fetch("/echo")).greeting, settings.greeting);
        });

        it("keeps the challenge path open, and redirects the rest", async () => {
            assert.equal((await plain("/.well-known/acme-challenge/nothing")).status, 404);
            assert.equal((await plain("/echo")).headers.location, `https://${domain}:${httpsPort}/echo`);
        });

        it("changes nothing in a second update", assertNoChange);

        it("renews without dropping a WebSocket", async () => {
            const [first, firstRoot] = [await serial(), ca];
            const socket = await EchoSocket.open(`${url}/socket`, firstRoot);
            assert.equal(await socket.echo("before"), "before");
            await stack.docker.exec(`acme.${stack.prefix}-demo-edge-renewal`, "certificate", "renew");
            assert.notEqual(await serial(), first);
            assert.equal(await socket.echo("after"), "after");
            socket.close();
        });

        it("renews on its schedule", async () => {
            const log = await stack.docker.exec(`acme.${stack.prefix}-demo-edge-renewal`, "cat", "/run/certificate/crontab");
            assert.match(log, /^\d+ \d+,\d+ \* \* \* certificate issue$/);
        });

        it("tells how long the certificate lasts, and that it renews itself", async () => {
            const { code, stdout, stderr } = await status();
            assert.deepEqual([code, stderr], [0, ""]);
            assert.match(stdout, /^test +acme\.\S+-demo-edge +\d+ +\d{4}-\d\d-\d\d +itself, twice a day$/m);
        });

        it("goes on with the old certificate while the new one cannot be installed, says so, and installs it afterwards", async () => {
            const before = await serial();
            await stack.docker.exec(edgeName(), "mv", "/etc/nginx/tls", "/etc/nginx/tls.away");
            const renewed = stack.docker.exec(renewal(), "certificate", "renew");
            await until("a word about it", async () =>
                /the new certificate is not installed: .* trying again/.test(await stack.docker.logs(edgeName())),
            );
            assert.equal(await serial(), before);
            await stack.docker.exec(edgeName(), "mv", "/etc/nginx/tls.away", "/etc/nginx/tls");
            await renewed;
            assert.notEqual(await serial(), before);
        });

        it("shows that an attempt to renew failed, and that the next one did not", async () => {
            assert.equal(await health(), "healthy");
            // Not stopped: it would forget the account.
            await stack.docker.cli("network", "disconnect", settings.network, pebble);
            await assert.rejects(stack.docker.exec(renewal(), "certificate", "renew"));
            await until("the failure to show", async () => (await health()) === "unhealthy", 30);
            assert.match(await lastWords(), /the last attempt failed, its own words are in the log/);
            const { code, stdout } = await status();
            assert.equal(code, 1);
            assert.match(stdout, /renewal +\S+-renewal +running \(unhealthy\)/);
            await stack.docker.cli("network", "connect", "--alias", "pebble", settings.network, pebble);
            await stack.docker.exec(renewal(), "certificate", "renew");
            await until("the success to show", async () => (await health()) === "healthy", 30);
        });

        it("shows that nothing is tried any more", async () => {
            const attempt = "/run/certificate/attempt";
            const old = () => stack.docker.exec(renewal(), "touch", "--date=26 hours ago", attempt);
            await until("the old attempt to show", async () => (await old(), (await health()) === "unhealthy"), 60);
            assert.match(await lastWords(), /the last attempt is 26 hours old, the schedule is dead/);
            await stack.docker.exec(renewal(), "certificate", "issue");
            await until("the new attempt to show", async () => (await health()) === "healthy", 30);
        });

        it("shows that attempts come to nothing", async () => {
            const live = `/etc/letsencrypt/live/${domain}/cert.pem`;
            const date = (days: number) => new Date(Date.now() + days * 24 * 3600 * 1000).toISOString().replace(/[-:T]|\.\d+/g, "");
            const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "/dev/null"];
            const life = ["-not_before", date(-70), "-not_after", date(20), "-subj", "/CN=old"];
            await stack.docker.exec(renewal(), "cp", "--no-dereference", live, "/tmp/now");
            await stack.docker.exec(renewal(), "openssl", "req", "-x509", ...key, ...life, "-out", "/tmp/old");
            await stack.docker.exec(renewal(), "ln", "--symbolic", "--force", "/tmp/old", live);
            const look = () => stack.docker.exec(renewal(), "touch", "/run/certificate/attempt");
            await until("the old certificate to show", async () => (await look(), (await health()) === "unhealthy"), 60);
            assert.match(await lastWords(), /the certificate has 479 hours left and was not renewed/);
            await stack.docker.exec(renewal(), "mv", "/tmp/now", live);
            await until("the present one to show", async () => (await look(), (await health()) === "healthy"), 60);
        });

        it("issues nothing anew when certbot's volume is there already", async () => {
            const before = await serial();
            await set({ edge: { ...settings.edge, maxBodySizeMb: 2 } });
            await up();
            assert.equal(await serial(), before);
        });
    });

    // In a block of its own: mocha runs the tests of this block before the blocks inside it.
    describe("at the end", () =>
        it("leaves nothing behind", async () => {
            const down = await stack.destroy();
            assert.equal(down.code, 0, down.output);
            await stack.docker.tryCli("rm", "--force", `${stack.prefix}-pebble`);
            await stack.docker.cli("network", "rm", `${stack.prefix}-network`);
            assert.deepEqual(await stack.docker.objectsOf(stack), { container: [], network: [], volume: [] });
        }));
});

function labels({ project, name }: Stack): string[] {
    return ["--label", `groundwork.project=${project}`, "--label", `groundwork.stack=${name}`];
}

async function startPebble(stack: Stack, name: string, network: string): Promise<void> {
    const image = (await run("node", ["--import", "tsx", "tools/images", "build", "pebble"])).trim();
    await stack.docker.cli("run", "--detach", "--name", name, ...labels(stack), "--network", network, "--network-alias", "pebble", image);
    await until("Pebble", async () => (await stack.docker.tryCli("exec", name, "curl", "-fsSk", "https://localhost:14000/dir")).code === 0);
}

/** For a Node program: its clock is so many days ahead. */
function daysAhead(days: number): NodeJS.ProcessEnv {
    const clock = `globalThis.Date = class extends Date {
        constructor(...given) { given.length > 0 ? super(...given) : super(Date.now()); }
        static now() { return super.now() + ${days * 24 * 3600 * 1000}; }
    };`;
    return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(clock)}` };
}

/** As if the certificate of that kind had been made so long ago that so many days are left. */
function age(kind: string, days: number) {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    return (state: any) => {
        const certificate = state.deployment.resources.find(({ type }: { type: string }) => type.endsWith(`:${kind}`));
        certificate.outputs.validityEndTime = new Date(Date.now() + days * 24 * 3600 * 1000).toISOString();
    };
}
