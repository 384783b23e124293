import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe as text, report } from "../../../components/problem";
import { parseConfig, type ConfigSource } from "../../../stacks/config";
import { checkConfig } from "../../../stacks/rules";
import { checkYaml } from "../../../stacks/yaml-check";
import { valueOf } from "../components/recorder";

/** A configuration whose file says the same as its values, with nothing encrypted. */
function plainFile(values: Record<string, unknown>): ConfigSource {
    return { values, written: values, hasSecret: () => false };
}

function problems(source: ConfigSource): string[] {
    return parseConfig(source).problems.map((problem) => `${problem.level} ${text(problem)}`);
}

describe("configuration", () => {
    before(() =>
        pulumi.runtime.setMocks(
            { call: ({ inputs }) => inputs, newResource: ({ name, inputs }) => ({ id: name, state: inputs }) },
            "groundwork",
            "dev",
        ),
    );

    describe("unknown keys", () => {
        it("are errors, with the nearest key", () => {
            assert.deepEqual(
                problems(
                    plainFile({ openpectsu: {}, openpectus: { edge: { bindAdress: "::1" }, engines: { r1: { allow_restart: true } } } }),
                ),
                [
                    'error openpectus.edge.bindAdress: this key is unknown: did you mean "bindAddress"?',
                    'error openpectus.engines.r1.allow_restart: this key is unknown: did you mean "allowRestart"?',
                    'error openpectsu: this key is unknown: did you mean "openpectus"?',
                ],
            );
        });

        it("of another system are told as that", () => {
            assert.deepEqual(problems(plainFile({ lightning: { web: { allowFloatingImage: true } } })), [
                "error lightning.web.allowFloatingImage: this key is unknown: remove it: only openpectus has it",
            ]);
        });

        it("that are paths were set without --path", () => {
            assert.deepEqual(problems(plainFile({ "openpectus.engineSecret": "very-secret", "openpectus.nothing": 1 })), [
                "error openpectus.engineSecret: it is one key with dots in it, as `config set` writes it without --path: remove it, and set it with --path",
                'error ["openpectus.nothing"]: this key is unknown: remove it; known are prefix, adopt, hosts, openpectus, lightning, remove',
            ]);
        });

        it("list what is known when nothing is near", () => {
            assert.deepEqual(problems(plainFile({ hosts: { plant: { kubernetes: {} } } })), [
                "error hosts.plant.kubernetes: this key is unknown: remove it; known are docker",
            ]);
        });

        it("name the block where the key would be right", () => {
            assert.deepEqual(problems(plainFile({ openpectus: { domain: "lab.example.org" } })), [
                'error openpectus.domain: this key is unknown: did you mean "edge.domain"?',
            ]);
        });

        it("are not dropped in silence when the parser drops them", () => {
            const values = JSON.parse('{"openpectus": {"engines": {"__proto__": {}}}}') as Record<string, unknown>;
            assert.deepEqual(problems(plainFile(values)), [
                "error openpectus.engines.__proto__: this name is not possible: choose another one",
            ]);
        });

        it("do not hide the rest", () => {
            const { plain } = parseConfig(plainFile({ openpectus: { colour: "red", memory: 2048 } }));
            assert.deepEqual(plain, { openpectus: { memory: 2048 } });
        });
    });

    it("names wrong types without quoting the value", () => {
        const values = {
            openpectus: {
                azure: { enabled: "true" },
                memory: "2048",
                hostname: 5,
                edge: { tls: { devCa: null } },
                engines: [],
                publish: 8300,
            },
        };
        assert.deepEqual(problems(plainFile(values)), [
            "error openpectus.hostname: it must be a text, not a number: write a text, in quotes if it looks like something else",
            "error openpectus.azure.enabled: it must be true or false, not a text: write true or false, without quotes",
            "error openpectus.publish: it must be a block, not a number: write keys below it, or {} for an empty block",
            "error openpectus.memory: it must be a number, not a text: write the number, without quotes",
            "error openpectus.edge.tls.devCa: it must be a block, not nothing: write keys below it, or {} for an empty block",
            "error openpectus.engines: it must be a block of names, not a list: write names with their settings below it, or {}",
        ]);
    });

    it("names the unit of a number that was written with one", () => {
        const values = { openpectus: { memory: "512 MB", edge: { readTimeoutSeconds: "2h", maxBodySizeMb: "5MB" } } };
        assert.deepEqual(problems(plainFile(values)), [
            "error openpectus.memory: it must be a number, not a text: write the number alone, in MiB",
            "error openpectus.edge.readTimeoutSeconds: it must be a number, not a text: write the number alone, in seconds",
            "error openpectus.edge.maxBodySizeMb: it must be a number, not a text: write the number alone, in the unit that docs/reference names",
        ]);
    });

    it("knows that the engine hands an empty block over as an empty text", () => {
        assert.deepEqual(problems(plainFile({ hosts: "", openpectus: "", adopt: "" })), [
            "error adopt: it is empty: write a list, or remove it",
            "error hosts: it is empty: write names with their settings below it, or {}, or remove it",
            "error openpectus: it is empty: write keys below it, or {} for the defaults, or remove it",
        ]);
    });

    it("takes a misspelt system in remove for a mistake, and not for a volume", () => {
        const found = (remove: string[]) => checkConfig({ remove }).map(text);
        assert.deepEqual(found(["openpectsu"]), ['remove: "openpectsu" is no system: did you mean "openpectus"?']);
        assert.deepEqual(found(["openpectus", "lab-openpectus-data"]), []);
    });

    it("reports what is wrong with the text of the file first", () => {
        const text = checkYaml(Buffer.from("config: {}\n---\nconfig: {}\n"), "Pulumi.dev.yaml");
        assert.deepEqual(
            problems({ ...plainFile({ colour: "red" }), text }).map((line) => line.split(": ")[0]),
            ["error Pulumi.dev.yaml:2:1", "error colour"],
        );
    });

    it("says what is missing", () => {
        assert.deepEqual(problems(plainFile({ openpectus: { edge: { tls: { dns01: { noEmail: true } } } } })), [
            "error openpectus.edge.tls.dns01.google: it is missing: set it",
        ]);
    });

    describe("secrets", () => {
        const values = { openpectus: { engineSecret: "very-secret", sentry: { dsn: "https://very-secret@s.example.org/1" } } };

        it("in plain text are errors that name the command and not the value", () => {
            const found = problems(plainFile(values));
            assert.deepEqual(found, [
                "error openpectus.sentry.dsn: it is a secret, but is not encrypted in the config file: run `make pulumi STACK=dev ARGS='config set --secret --path groundwork:openpectus.sentry.dsn'` and type the value",
                "error openpectus.engineSecret: it is a secret, but is not encrypted in the config file: run `make pulumi STACK=dev ARGS='config set --secret --path groundwork:openpectus.engineSecret'` and type the value",
            ]);
            assert.ok(!found.join().includes("very-secret"));
        });

        it("of several lines come from a file, because a prompt takes one line", () => {
            const pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
            const [first] = problems(plainFile({ openpectus: { edge: { tls: { provided: { certificate: pem, key: pem } } } } }));
            assert.match(first!, /put the value into a file, and run `make pulumi STACK=dev .*tls\.provided\.key' < <file>`$/);
        });

        it("are looked at one by one, also when a neighbour is encrypted", () => {
            const written = { openpectus: { engineSecret: { secure: "v1:xyz" }, sentry: values.openpectus.sentry } };
            assert.deepEqual(problems({ values, written, hasSecret: () => true }), [
                "error openpectus.sentry.dsn: it is a secret, but is not encrypted in the config file: run `make pulumi STACK=dev ARGS='config set --secret --path groundwork:openpectus.sentry.dsn'` and type the value",
            ]);
        });

        it("may be encrypted with their whole block", () => {
            assert.deepEqual(problems({ values, written: { openpectus: { secure: "v1:xyz" } }, hasSecret: () => true }), []);
        });

        it("that come from elsewhere are judged by their block", () => {
            assert.deepEqual(problems({ values, hasSecret: () => true }), []);
            assert.equal(problems({ values, hasSecret: () => false }).length, 2);
        });

        it("are secret Outputs for the components, and nothing else is", async () => {
            const { sealed, plain } = parseConfig({
                values: { openpectus: { ...values.openpectus, hostname: "pectus" } },
                hasSecret: () => true,
            });
            const secret = sealed.openpectus!.engineSecret as unknown as pulumi.Output<string>;
            assert.equal(await pulumi.isSecret(secret), true);
            assert.equal(await valueOf(secret), "very-secret");
            assert.equal(await pulumi.isSecret(sealed.openpectus!.sentry!.dsn as unknown as pulumi.Output<string>), true);
            assert.equal(sealed.openpectus!.hostname, "pectus");
            assert.equal(plain.openpectus!.engineSecret, "very-secret");
        });

        it("are told from values that are encrypted for nothing", () => {
            const source = { values: { openpectus: { hostname: "pectus" } }, written: { openpectus: { hostname: { secure: "v1:xyz" } } } };
            assert.deepEqual(problems({ ...source, hasSecret: () => true }), [
                "warning openpectus.hostname: it is encrypted in the file, but is used in plain: remove it if nobody may see it",
            ]);
        });
    });

    it("reports every problem of form, rules, hosts and clashes at once", () => {
        const source = plainFile({
            prefix: "My Lab",
            colour: "red",
            hosts: { plant: { docker: { host: "tcp://plant:2376" } }, spare: {} },
            openpectus: {
                host: "mars",
                memory: "much",
                engineSecret: "in-the-clear",
                image: "ghcr.io/open-pectus/open-pectus:main",
                azure: {},
                edge: { bindAddress: "0.0.0.0", readTimeoutSeconds: 60, httpPort: 8300 },
                publish: {},
                backup: { keep: 0 },
                engines: { r1: { restart: "on-failure" }, r2: { hostname: "r1" } },
            },
        });
        const { plain, problems: form } = parseConfig(source);
        const message = report([...form, ...checkConfig(plain)])!;
        const paths = message
            .split("\n")
            .slice(1)
            .map((line) => line.trim().split(": ")[0]);
        assert.deepEqual(paths.sort(), [
            "colour",
            "hosts.plant.docker.tls",
            "hosts.spare",
            "openpectus.azure.applicationClientId",
            "openpectus.azure.directoryTenantId",
            "openpectus.backup.keep",
            "openpectus.edge.domain",
            "openpectus.edge.readTimeoutSeconds",
            "openpectus.edge.tls",
            "openpectus.engineSecret",
            "openpectus.engines.r1.restart",
            "openpectus.engines.r2.hostname",
            "openpectus.host",
            "openpectus.image",
            "openpectus.memory",
            "openpectus.publish.port",
            "openpectus.version",
            "prefix",
        ]);
        assert.match(message, /^18 problems in the configuration; nothing was changed:/);
        assert.ok(!message.includes("in-the-clear"));
    });
});
