import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { describe as text } from "../../../components/problem";
import { parseConfig } from "../../../stacks/config";
import { checkConfig } from "../../../stacks/rules";
import { type Mistake, mistakes } from "./lightning-mistakes";

/** Form and rules, as the program looks at them. Without protection the backup has nothing to warn about. */
function problemsOf({ yaml, inTheClear }: Mistake): string[] {
    const file = parse(yaml) as Record<string, Record<string, unknown>>;
    const values = { ...file, lightning: { dataProtection: false, ...file.lightning } };
    const { plain, problems } = parseConfig({ values, ...(inTheClear && { written: file }), hasSecret: () => !inTheClear });
    return [...problems, ...checkConfig(plain)].map((problem) => `${problem.level} ${text(problem)}`);
}

describe("configurations of Lightning with mistakes", () => {
    before(() =>
        pulumi.runtime.setMocks(
            { call: ({ inputs }) => inputs, newResource: ({ name, inputs }) => ({ id: name, state: inputs }) },
            "groundwork",
            "dev",
        ),
    );

    for (const mistake of mistakes) {
        it(mistake.title, () => assert.deepEqual(problemsOf(mistake), mistake.problems));
    }

    it("are twenty or more, five or more of them with several at once", () => {
        const several = mistakes.filter(({ problems }) => problems.filter((problem) => problem.startsWith("error ")).length > 1);
        assert.ok(mistakes.length >= 20 && several.length >= 5, `${mistakes.length}, ${several.length}`);
    });
});
