import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import YAML from "yaml";
import packageJson from "../../../package.json";

interface Job {
    if?: string;
    needs?: string;
    environment?: string;
    permissions?: Record<string, string>;
    steps: { name?: string; run?: string; uses?: string; with?: Record<string, unknown>; env?: Record<string, string> }[];
}

interface Workflow {
    on: Record<string, unknown>;
    permissions: Record<string, string>;
    jobs: Record<string, Job>;
}

const root = join(__dirname, "../../..");
const folder = join(root, ".github", "workflows");
const texts = Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
const workflow = (file: string) => YAML.parse(texts[file]!) as Workflow;

describe("GitHub workflows", () => {
    it("name every action by the hash of a commit, with its version beside it", () => {
        const uses = Object.entries(texts).flatMap(([file, text]) =>
            text
                .split("\n")
                .filter((line) => /^\s*(- )?uses:/.test(line))
                .map((line) => ({ file, line: line.trim() })),
        );
        assert.ok(uses.length >= 10);
        const floating = uses.filter(({ line }) => !/^(- )?uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line));
        assert.deepEqual(floating, []);
    });

    it("name the same commit for the same action", () => {
        const pins = [
            ...Object.values(texts)
                .join("\n")
                .matchAll(/uses: (\S+)@(\S+) # (\S+)/g),
        ].map(([, action, hash]) => ({ action, hash }));
        for (const { action, hash } of pins) for (const other of pins) if (other.action === action) assert.equal(other.hash, hash, action);
    });

    it("run `make check` and `make test`", () => {
        for (const verb of ["check", "test"]) assert.match(texts["ci.yml"]!, new RegExp(`run: make ${verb}$`, "m"));
        for (const [, file] of Object.values(texts)
            .join("\n")
            .matchAll(/node-version-file: (\S+)/g))
            assert.ok(existsSync(join(root, file!)), file);
    });

    it("hand over no secret, no certificate and no token that may write where code of a pull request runs", () => {
        for (const [file, text] of Object.entries(texts)) {
            assert.doesNotMatch(text, /secrets\.|pull_request_target|\.pem|DOCKER_CERT_PATH/i, file);
            const { on, permissions, jobs } = workflow(file);
            if (!("pull_request" in on)) continue;
            for (const job of Object.values(jobs)) {
                const granted = Object.entries({ ...permissions, ...job.permissions }).filter(([, level]) => level === "write");
                // The identity that opens the state: only after a reviewer has said yes.
                assert.deepEqual(granted, job.environment === "preview" ? [["id-token", "write"]] : [], file);
                for (const { uses, with: inputs } of job.steps) {
                    if (uses?.startsWith("actions/checkout@")) assert.equal(inputs?.["persist-credentials"], false, file);
                }
            }
        }
    });

    it("plan for everybody, without an environment", () => {
        const { jobs } = workflow("plan.yml");
        assert.deepEqual(Object.keys(jobs), ["plan"]);
        assert.equal(jobs.plan!.if, undefined);
        assert.equal(jobs.plan!.environment, undefined);
        assert.match(
            jobs.plan!.steps.map(({ run }) => run).join("\n"),
            /npm run --silent types && npm run --silent plan -- --against HEAD\^1/,
        );
    });

    it("preview the state after it is known that the environment asks a reviewer, and never for forks", () => {
        const { permissions, jobs } = workflow("preview.yml");
        assert.deepEqual(permissions, {});
        assert.match(jobs.reviewer!.if!, /head\.repo\.full_name == github\.repository/);
        assert.match(jobs.reviewer!.steps.map(({ run }) => run).join("\n"), /required_reviewers/);
        assert.deepEqual([jobs.preview!.needs, jobs.preview!.environment], ["reviewer", "preview"]);
        assert.equal(
            jobs.preview!.steps.find(({ uses }) => uses?.startsWith("pulumi/actions@"))!.with!["pulumi-version"],
            packageJson.devDependencies["@pulumi/pulumi"],
        );
    });

    it("comment with the script of the main branch", () => {
        const { on, permissions, jobs } = workflow("comment.yml");
        assert.deepEqual(on, { workflow_run: { workflows: ["plan", "preview"], types: ["completed"] } });
        assert.deepEqual(permissions, {});
        const [checkout] = jobs.comment!.steps;
        assert.equal(checkout!.with!.ref, "${{ github.event.repository.default_branch }}");
        const commands = jobs.comment!.steps.map(({ run }) => run).filter(Boolean);
        assert.deepEqual(commands, ['node .github/comment.mjs "$RUNNER_TEMP/comments"']);
        assert.doesNotMatch(texts["comment.yml"]!, /run:.*\$\{\{|npm|make/);
    });

    it("put no text of a pull request into a script", () => {
        for (const [file, { jobs }] of Object.keys(texts).map((file) => [file, workflow(file)] as const)) {
            for (const { run } of Object.values(jobs).flatMap(({ steps }) => steps)) assert.doesNotMatch(run ?? "", /\$\{\{/, file);
        }
    });
});
