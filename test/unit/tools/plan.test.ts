import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { planOf } from "../../../tools/plan/plan";

describe("npm run plan", function () {
    this.timeout(30_000);
    let directory: string;

    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "groundwork-plan-test-"));
        writeFileSync(join(directory, "Pulumi.yaml"), "name: plant\n");
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    function plan(openpectus: object, hosts: object = {}): Promise<string> {
        const config = { "plant:hosts": hosts, "plant:openpectus": openpectus, "other:key": "value" };
        writeFileSync(join(directory, "Pulumi.prod.yaml"), stringify({ config }));
        return planOf("prod", directory);
    }

    it("shows what is asked for without the key, and says what it could not look at", async () => {
        const key = { secure: "v1:b2Zm:Y2lwaGVydGV4dA==" };
        const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        const tls = { ca: pem, certificate: pem, key };
        const text = await plan(
            { engineSecret: key, sentry: { dsn: key }, memory: 2048 },
            { plant: { docker: { host: "tcp://plant:2376", tls } } },
        );
        assert.match(
            text,
            /^# prod\n# encrypted, and taken for right: hosts\.plant\.docker\.tls\.key, openpectus\.engineSecret, openpectus\.sentry\.dsn\n/,
        );
        assert.match(text, /\n {6}memory: 2048\n/);
        assert.doesNotMatch(text, /v1:|Y2lwaGVy/);
    });

    it("takes a block that is encrypted as a whole for right", async () => {
        assert.match(await plan({ sentry: { secure: "v1:b2Zm:Y2lwaGVydGV4dA==" } }), /taken for right: openpectus\.sentry\n/);
    });

    it("refuses what an update would refuse, a secret in plain text included", async () => {
        await assert.rejects(plan({ engineSecret: "in plain text", memory: 1, memroy: 2, data: { hostPath: "data" } }), (error: Error) => {
            assert.match(error.message, /^4 problems in the configuration; nothing was changed:\n/);
            for (const path of ["engineSecret", "memory", "memroy", "data.hostPath"])
                assert.match(error.message, new RegExp(`openpectus\\.${path}: `));
            assert.doesNotMatch(error.message, /in plain text:/);
            return true;
        });
    });

    it("refuses a configuration of another project", async () => {
        await plan({});
        writeFileSync(join(directory, "Pulumi.yaml"), "name: lab\n");
        await assert.rejects(planOf("prod", directory), /has nothing for this project: its keys must begin with "lab:"/);
    });

    it("names mistakes in the text with file, line and column", async () => {
        const text = "config:\n  plant:openpectus:\n    memory: 512\n    memory: 1024\n\thostname: X\n";
        writeFileSync(join(directory, "Pulumi.prod.yaml"), text);
        await assert.rejects(planOf("prod", directory), (error: Error) => {
            assert.match(
                error.message,
                /^2 problems .*\n {2}Pulumi\.prod\.yaml:4:5: .*line 3 already: .*[^]*\n {2}Pulumi\.prod\.yaml:5:1: a tab /,
            );
            return true;
        });
    });

    it("names an environment that is not there", () => assert.rejects(planOf("nope", directory), /there is no environment "nope"/));
});
