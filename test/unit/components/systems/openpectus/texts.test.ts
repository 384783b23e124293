import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
    aggregatorVariables,
    engineVariables,
    render,
    type AggregatorValues,
} from "../../../../../components/systems/openpectus/variables";
import type { Variable } from "../../../../../components/variables";

describe("variables of Open Pectus", () => {
    it("give the aggregator the least it needs, with login explicitly off", () => {
        assert.deepEqual(render("pectus-aggregator", aggregatorVariables, { databasePath: "/data/db" }), {
            command: [
                "pectus-aggregator",
                "--host",
                "0.0.0.0",
                "--port",
                "8300",
                "--database",
                "/data/db",
                "--webpush_keys_path",
                "/webpush_keys",
            ],
            environment: { ENABLE_AZURE_AUTHENTICATION: "false" },
        });
    });

    it("write the login switch as exactly true", () => {
        for (const azure of [{}, { enabled: true }]) {
            const { environment } = render("pectus-aggregator", aggregatorVariables, { databasePath: "/db", azure });
            assert.equal(environment.ENABLE_AZURE_AUTHENTICATION, "true");
        }
    });

    it("keep secrets out of command and environment", () => {
        const values = { databasePath: "/db", engineSecret: "s1", sentry: { dsn: "s2" } };
        const { command, environment, secretEnvironment } = render("pectus-aggregator", aggregatorVariables, values);
        assert.deepEqual(secretEnvironment, { ARGUMENT_SECRET: "s1", SENTRY_DSN: "s2" });
        assert.doesNotMatch(JSON.stringify([command, environment]), /s1|s2/);
    });

    it("hand a secret argument over whole, whatever is in it", () => {
        const secret = ` '"$HOME \\ $(id) *`;
        const format: Variable<AggregatorValues> = { name: "%s", kind: "argument", default: "", description: "", value: () => "" };
        const table = [format, ...aggregatorVariables.filter(({ name }) => name === "--secret")];
        const { command, secretEnvironment } = render("printf", table, { databasePath: "", engineSecret: secret });
        const env = { ...process.env, ...(secretEnvironment as Record<string, string>) };
        const [program, ...args] = command;
        const seen = execFileSync(program!, args, { env, encoding: "utf8" });
        assert.equal(seen, `--secret=${secret}`);
    });

    it("tell an engine the word that it wants for ignored versions, and the port always", () => {
        const { command, environment } = render("pectus-engine", engineVariables, {
            host: "pectus.example.org",
            port: 443,
            secure: true,
            ignoreVersionError: true,
            uodPath: "/uod/uod.py",
            caPath: "/ca.pem",
        });
        assert.equal(
            command.join(" "),
            "pectus-engine --aggregator_hostname pectus.example.org --aggregator_port 443 --secure --uod /uod/uod.py --ignore_version_error True",
        );
        assert.deepEqual(environment, { SSL_CERT_FILE: "/ca.pem" });
    });
});
