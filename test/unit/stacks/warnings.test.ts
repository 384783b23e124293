import assert from "node:assert/strict";
import { mock } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { describe as text } from "../../../components/problem";
import { Lightning } from "../../../components/systems/lightning";
import { OpenPectus } from "../../../components/systems/openpectus";
import { parseConfig, type Config } from "../../../stacks/config";
import { deployEnvironment } from "../../../stacks/environment";
import { checkConfig } from "../../../stacks/rules";
import { record } from "../components/recorder";
import { selfSigned } from "../components/edge/certificates";

/** A system -> settings that are wrong in many places, and stop nothing. */
const risky: Record<string, { config: Config; atLeast: number }> = {
    openpectus: {
        config: {
            openpectus: {
                azure: { enabled: false },
                allowAnonymousAccess: true,
                openRegistration: true,
                sentry: { dsn: "https://key@sentry.example.org/1" },
                edge: { domain: "pectus.example.org", bindAddress: "0.0.0.0", tls: { provided: selfSigned("DNS:pectus.example.org", 10) } },
                engines: { "reactor-1": {} },
            },
        },
        atLeast: 5,
    },
    lightning: {
        config: {
            lightning: {
                dataProtection: false,
                web: { image: "openfn/lightning:latest", stopGracePeriodSeconds: 10, idleTimeoutSeconds: 10 },
                database: { bundled: { maxConnections: 11 } },
                google: { clientId: "g.apps.example.org", clientSecret: "secret" },
                usageTracking: { enabled: false, uuids: "cleartext" },
                edge: { domain: "flows.example.org", bindAddress: "0.0.0.0", tls: { manualDns: { noEmail: true } } },
            },
        },
        atLeast: 8,
    },
};

/** Runs something with constructors in it, and gives the warnings that a person sees. */
async function printed(run: () => unknown): Promise<string[]> {
    await record({ project: "groundwork", stack: "prod" });
    const { mock: log } = mock.method(console, "warn", () => undefined);
    run();
    await pulumi.runtime.disconnect();
    return log.calls.map(({ arguments: [line] }) => String(line).replace("warning: [runtime] ", "")).sort();
}

const warnings = (config: Config) =>
    checkConfig(config)
        .filter(({ level }) => level === "warning")
        .map(text)
        .sort();

describe("warnings", function () {
    // A whole environment each, with everything that signs and hashes.
    this.timeout(60_000);
    afterEach(() => mock.restoreAll());

    for (const [system, { config, atLeast }] of Object.entries(risky)) {
        it(`of ${system} are printed as the rules give them, each once, the ones of its parts included`, async () => {
            const { plain, sealed, problems } = parseConfig({ values: config as Record<string, unknown>, hasSecret: () => true });
            assert.deepEqual(problems, []);
            const expected = warnings(plain);
            assert.ok(expected.length >= atLeast, expected.join("\n"));
            assert.deepEqual(await printed(() => deployEnvironment(sealed)), expected);
        });
    }

    it("of a component in somebody's own program are the same, under its name", async () => {
        const { engines: _, ...openpectus } = risky.openpectus!.config.openpectus!;
        const named = (path: string) => warnings(risky[path]!.config).map((line) => line.replaceAll(`${path}.`, "mine."));
        assert.deepEqual(await printed(() => new OpenPectus("mine", openpectus)), named("openpectus"));
        assert.deepEqual(await printed(() => new Lightning("mine", risky.lightning!.config.lightning!)), named("lightning"));
    });
});

describe("errors in the parts of a component", () => {
    const broken = { edge: { httpPort: 0 }, backup: { keep: 0 }, dataProtection: false };
    const inEdge = "mine.edge.httpPort: 0 is not a port: give a whole number from 1 to 65535";
    const inBackup = "mine.backup.keep: 0 backups cannot be kept: give a whole number, at least 1; 30 is the default";
    const report = (...problems: string[]) => ({
        message: ["3 problems in the configuration; nothing was changed:", ...problems.map((problem) => `  ${problem}`)].join("\n"),
    });

    beforeEach(() => record());

    it("of OpenPectus come in one report", () => {
        const memory = "mine.memory: 1 MiB is too little to start in: give whole MiB, at least 128";
        assert.throws(() => new OpenPectus("mine", { ...broken, memory: 1 }), report(memory, inEdge, inBackup));
    });

    it("of Lightning come in one report", () => {
        const port = "mine.web.port: 0 is not a port: give a whole number from 1 to 65535";
        assert.throws(() => new Lightning("mine", { ...broken, web: { port: 0 } }), report(port, inEdge, inBackup));
    });
});
