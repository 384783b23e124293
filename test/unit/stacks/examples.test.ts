import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe as text } from "../../../components/problem";
import { parseConfig } from "../../../stacks/config";
import { checkConfig } from "../../../stacks/rules";
import { checkYaml } from "../../../stacks/yaml-check";
import { stackFile } from "../../golden/plan";

const root = join(__dirname, "../../..");

/** Folder and environment -> what is still to be done there, as the comments of the file say. */
const FILES: Record<string, { folder: string; name: string; said?: string[] }> = {
    "Pulumi.dev.yaml": { folder: "", name: "dev" },
    "Pulumi.prod.yaml": {
        folder: "",
        name: "prod",
        said: [
            "error hosts.pectus.docker.tls.directory: ",
            "warning openpectus.azure.applicationClientId: it is a placeholder",
            "warning openpectus.azure.directoryTenantId: it is a placeholder",
        ],
    },
    "examples/Pulumi.lightning.yaml": { folder: "examples", name: "lightning" },
    "examples/Pulumi.lightning-prod.yaml": {
        folder: "examples",
        name: "lightning-prod",
        said: [
            "error lightning.mail.smtp: a mail server needs username, password and relay, but password is missing: ",
            "error lightning.web.image: ",
            "error lightning.workers.image: ",
        ],
    },
};

describe("the environments that can be copied", () => {
    before(() =>
        pulumi.runtime.setMocks(
            { call: ({ inputs }) => inputs, newResource: ({ name, inputs }) => ({ id: name, state: inputs }) },
            "groundwork",
            "dev",
        ),
    );

    it("are all looked at here", () => {
        const files = ["", "examples/"].flatMap((folder) =>
            readdirSync(join(root, folder)).flatMap((file) => (/^Pulumi\..+\.yaml$/.test(file) ? [folder + file] : [])),
        );
        assert.deepEqual(files.sort(), Object.keys(FILES).sort());
    });

    for (const [file, { folder, name, said = [] }] of Object.entries(FILES)) {
        it(`${file} has no mistakes and deserves no warnings but for what it tells to replace`, () => {
            const values = stackFile(name, folder) as Record<string, unknown>;
            const { plain, problems } = parseConfig({ values, written: values, hasSecret: () => false });
            const found = [...checkYaml(readFileSync(join(root, file)), file), ...problems, ...checkConfig(plain)];
            const lines = found.map((problem) => `${problem.level} ${text(problem)}`).sort();
            assert.equal(lines.length, said.length, lines.join("\n"));
            said.forEach((start, index) => assert.ok(lines[index]!.startsWith(start), lines.join("\n")));
        });

        it(`${file} hides no settings in comments, which a rewrite by the CLI would move`, () => {
            const block = /^ *# (?:[\w-]+:)?[\w-]+:$/m.exec(readFileSync(join(root, file), "utf8"));
            assert.equal(block, null, String(block));
        });
    }
});
