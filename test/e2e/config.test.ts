import assert from "node:assert/strict";
import { Checkout } from "./support/checkout";
import { smallImage } from "./support/small-image";

/** Setting -> what the report must say about it. Every one of them is wrong. */
const PROBLEMS: Record<string, RegExp> = {
    "openpectus.hostnam": /this key is unknown: did you mean "hostname"\?/,
    "openpectus.engineSecret": /not encrypted.*make pulumi STACK=\S+ ARGS='config set --secret --path/,
    "openpectus.image": /another image.*@sha256/,
    "openpectus.version": /not known.*set it/,
    "openpectus.data.containerPath": /not an absolute path/,
    "openpectus.azure.directoryTenantId": /GUID/,
    "openpectus.azure.applicationClientId": /GUID/,
    "openpectus.edge.httpsPort": /port 18080 is taken by openpectus\.edge\.httpPort/,
    "openpectus.edge.readTimeoutSeconds": /at least 3600/,
    "openpectus.edge.tls": /devCa and http01 exclude each other/,
    "openpectus.backup.keep": /at least 1/,
    "openpectus.backup.schedule": /five cron fields/,
    "openpectus.engines.reactor-1.restart": /unless-stopped or always/,
    "openpectus.engines.reactor-2.host": /no host "nowhere"/,
    "openpectus.engines.reactor-2.hostname": /also the host name of openpectus\.engines\.reactor-1/,
};

const WRONG = {
    hosts: { default: { docker: {} } },
    openpectus: {
        hostnam: "X",
        image: "ghcr.io/open-pectus/open-pectus:main",
        engineSecret: "in plain text",
        azure: { directoryTenantId: "", applicationClientId: "nonsense" },
        data: { containerPath: "data" },
        backup: { schedule: "every day", keep: 0 },
        edge: {
            domain: "localhost",
            bindAddress: "0.0.0.0",
            httpPort: 18080,
            httpsPort: 18080,
            readTimeoutSeconds: 10,
            tls: { devCa: {}, http01: {} },
        },
        engines: { "reactor-1": { hostname: "same", restart: "on-failure" }, "reactor-2": { hostname: "same", host: "nowhere" } },
    },
};

describe("a configuration with many mistakes", () => {
    let checkout: Checkout;

    before(async () => {
        checkout = await Checkout.create("config");
        checkout.configure(WRONG);
    });
    after(async () => checkout?.remove());

    for (const verb of ["preview", "update"] as const) {
        it(`is answered by ${verb} with one report of all of them, without a stack trace, and nothing is created`, async () => {
            const { code, output } = await checkout[verb]();
            assert.notEqual(code, 0);
            const heads = output.split(/^Diagnostics:$/m)[1]?.match(/\d+ problems in the configuration; nothing was changed:/g);
            assert.deepEqual(heads, [`${Object.keys(PROBLEMS).length} problems in the configuration; nothing was changed:`], output);
            for (const [path, text] of Object.entries(PROBLEMS)) {
                const line = output.split("\n").find((candidate) => candidate.trim().startsWith(`${path}: `)) ?? "";
                assert.match(line, text, `${path}: ${output}`);
            }
            assert.doesNotMatch(output, /^\s+at .*\(.*:\d+:\d+\)$/m, "a stack trace");
            assert.deepEqual(await checkout.docker.objectsOf(checkout), { container: [], network: [], volume: [] });
        });
    }

    it("does not have its plain-text secret repeated to it", async () => {
        const { output } = await checkout.preview();
        assert.ok(!output.includes(WRONG.openpectus.engineSecret));
    });
});

describe("an environment in which nothing is deployed", () => {
    let checkout: Checkout;
    let stranger: string;

    /** A container that another state made on this machine, for a project and a stack of the same names. */
    before(async () => {
        checkout = await Checkout.create("empty");
        const labels = { project: checkout.project, stack: checkout.name, system: "openpectus", component: "openpectus", role: "backup" };
        const flags = Object.entries(labels).flatMap(([label, value]) => ["--label", `groundwork.${label}=${value}`]);
        stranger = await checkout.docker.cli("run", "--detach", ...flags, await smallImage("1"), "sleep", "600");
    });
    after(async () => checkout?.remove());

    for (const [verb, settings] of Object.entries({ logs: {}, exec: { CMD: "true" }, backup: {}, restore: { FILE: "x", YES: "yes" } })) {
        it(`has nothing for \`make ${verb}\`, whatever runs on this machine`, async () => {
            const { code, stderr } = await checkout.tryMake(verb, settings as Record<string, string>);
            assert.notEqual(code, 0);
            assert.match(stderr, /^error: nothing is deployed in dev; `make up STACK=dev` deploys it$/m);
        });
    }

    it("says in a preview that its file names no system", async () => {
        checkout.configure({});
        const { code, output } = await checkout.preview();
        assert.equal(code, 0, output);
        assert.match(output, /the configuration names no system, so nothing is deployed: examples\/ has one of each/);
    });

    it("says so in `make status`", async () => {
        assert.match(await checkout.make("status"), /^Nothing is deployed in dev; `make up STACK=dev` deploys it\.$/m);
        assert.equal((await checkout.docker.inspect("container", stranger)).State.Running, true);
    });
});
