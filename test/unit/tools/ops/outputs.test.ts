import assert from "node:assert/strict";
import { nextSteps } from "../../../../tools/ops/next-steps";
import { unknown } from "../../../../tools/ops/secret";
import { secretPaths, valueAt } from "../../../../tools/ops/stack-outputs";

const HIDDEN = {
    openpectus: {
        url: "https://localhost:8443",
        caCertificate: "-----BEGIN CERTIFICATE-----\n",
        engineSecret: "[secret]",
        engineSetupLinux: "[secret]",
        engines: ["reactor-1"],
        restoreCommand: "make restore STACK=prod SYSTEM=openpectus FILE=<file>",
    },
};

describe("secret outputs", () => {
    it("are found at any depth", () => {
        assert.deepEqual(
            secretPaths(HIDDEN).map((path) => path.join(".")),
            ["openpectus.engineSecret", "openpectus.engineSetupLinux"],
        );
        assert.deepEqual(secretPaths({ all: "[secret]" }), [["all"]]);
        assert.equal(valueAt({ a: { b: "x" } }, ["a", "b"]), "x");
        assert.equal(valueAt({ a: "x" }, ["b", "c"]), undefined);
    });

    it("are listed when the name is not known", () => {
        assert.equal(unknown("x", [["a", "b"]]), "there is no secret x: choose one of NAME=a.b");
        assert.match(unknown(undefined, [["a"]]), /Choose one of NAME=a/);
        assert.match(unknown("x", []), /no secret outputs/);
    });
});

describe("next steps", () => {
    const { STACK } = process.env;
    let text: string;

    before(() => {
        process.env.STACK = "prod";
        text = nextSteps(HIDDEN).join("\n");
    });
    after(() => {
        if (STACK === undefined) delete process.env.STACK;
        else process.env.STACK = STACK;
    });

    it("name the address, the certificate, every secret and the way back", () => {
        assert.match(text, /^openpectus: https:\/\/localhost:8443$/m);
        assert.match(text, /make outputs STACK=prod NAME=openpectus\.caCertificate > openpectus-ca\.pem$/m);
        assert.match(text, /curl --cacert openpectus-ca\.pem https:\/\/localhost:8443\/version$/m);
        assert.match(text, /make secret STACK=prod NAME=openpectus\.engineSecret$/m);
        assert.match(text, /make secret STACK=prod NAME=openpectus\.engineSetupLinux$/m);
        assert.match(text, /make backup STACK=prod SYSTEM=openpectus; make restore STACK=prod SYSTEM=openpectus FILE=<file>$/m);
        assert.match(text, /make backups STACK=prod SYSTEM=openpectus$/m);
        assert.match(text, /make down STACK=prod$/m);
    });

    it("name the environment in every command", () => {
        const commands = text.match(/\bmake \w+.*?(?=\bmake|$)/gm) ?? [];
        assert.ok(commands.length >= 8);
        for (const command of commands) assert.match(command, /^make \w+ STACK=prod\b/);
    });

    it("speak of no authority where the certificate is a public one", () => {
        const plain = nextSteps({ openpectus: { url: "https://pectus.example.org/" } }).join("\n");
        assert.match(plain, /curl https:\/\/pectus\.example\.org\/version$/m);
        assert.doesNotMatch(plain, /ca\.pem/);
    });

    it("say what to do when nothing is deployed", () => {
        assert.match(nextSteps({}).join("\n"), /Nothing is deployed/);
    });
});
