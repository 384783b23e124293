import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const script = join(__dirname, "../../../.github/comment.mjs");

interface Call {
    call: string;
    body?: { body: string };
}

/** The script as the workflow runs it, against the few answers of GitHub that it needs. */
describe(".github/comment.mjs", () => {
    let directory: string;
    let server: Server;
    let calls: Call[];
    let comments: object[];

    const pulls = [
        { number: 41, head: { sha: "0".repeat(40) } },
        { number: 42, head: { sha: "a".repeat(40) } },
    ];

    beforeEach(async () => {
        directory = mkdtempSync(join(tmpdir(), "groundwork-comment-"));
        mkdirSync(join(directory, "artifact"));
        [calls, comments] = [[], []];
        server = createServer((request, response) => {
            const chunks: Buffer[] = [];
            request.on("data", (chunk: Buffer) => chunks.push(chunk));
            request.on("end", () => {
                const text = Buffer.concat(chunks).toString();
                calls.push({ call: `${request.method} ${request.url}`, ...(text && { body: JSON.parse(text) }) });
                const answer = request.url!.includes("/pulls?") ? pulls : request.method === "GET" ? comments : {};
                response.writeHead(request.headers.authorization === "Bearer token" ? 200 : 401).end(JSON.stringify(answer));
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    afterEach(async () => {
        await new Promise((resolve) => server.close(resolve));
        rmSync(directory, { recursive: true });
    });

    const artifact = (name: string) => join(directory, "artifact", name);

    async function run(event: object = {}): Promise<{ code: number | null; output: string }> {
        const stranger = { owner: { login: "stranger" }, full_name: "stranger/groundwork" };
        const head = { head_sha: "a".repeat(40), head_branch: "a&branch=x", head_repository: stranger };
        const workflow_run = {
            name: "plan",
            path: ".github/workflows/plan.yml",
            conclusion: "success",
            html_url: "https://github.invalid/run",
            ...head,
            ...event,
        };
        writeFileSync(join(directory, "event.json"), JSON.stringify({ workflow_run }));
        const env = {
            PATH: process.env.PATH,
            GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            GITHUB_REPOSITORY: "owner/groundwork",
            GITHUB_EVENT_PATH: join(directory, "event.json"),
            GITHUB_TOKEN: "token",
        };
        const child = spawn(process.execPath, [script, join(directory, "artifact")], { env });
        const chunks: Buffer[] = [];
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
        return { code, output: Buffer.concat(chunks).toString() };
    }

    it("posts what was printed at the pull request whose commit it was, also of a fork", async () => {
        writeFileSync(artifact("plan.txt"), "prod: another plan\n-      memory: 1024\n+      memory: 2048\n");
        assert.deepEqual(await run(), { code: 0, output: "posted at pull request 42\n" });
        assert.deepEqual(
            calls.map(({ call }) => call),
            [
                "GET /repos/owner/groundwork/pulls?state=open&per_page=100&head=stranger%3Aa%26branch%3Dx",
                "GET /repos/owner/groundwork/issues/42/comments?per_page=100",
                "POST /repos/owner/groundwork/issues/42/comments",
            ],
        );
        const { body } = calls[2]!.body!;
        assert.match(body, /^<!-- groundwork: plan -->\n/);
        assert.ok(body.includes("```diff\nprod: another plan\n-      memory: 1024\n+      memory: 2048\n```\n"), body);
        assert.doesNotMatch(body, /failed/);
    });

    it("renews its own comment, and no other one", async () => {
        comments = [
            { id: 1, user: { type: "User" }, body: "<!-- groundwork: plan -->\nfrom a person" },
            { id: 2, user: { type: "Bot" }, body: "<!-- groundwork: preview -->\n" },
            { id: 3, user: { type: "Bot" }, body: "<!-- groundwork: plan -->\n" },
        ];
        writeFileSync(artifact("plan.txt"), "1 problem in the configuration");
        assert.equal((await run({ conclusion: "failure" })).output, "renewed at pull request 42\n");
        assert.equal(calls[2]!.call, "PATCH /repos/owner/groundwork/issues/comments/3");
        assert.match(calls[2]!.body!.body, /\*\*It failed\.\*\*/);
    });

    it("keeps hostile text in its block, and within what a comment can hold", async () => {
        const hostile = "`````\n</details> @everyone\r\u001b[31m\u0000 ![x](https://evil.invalid)\n";
        writeFileSync(artifact("plan.txt"), hostile + "x".repeat(100_000));
        assert.equal((await run()).code, 0);
        const { body } = calls[2]!.body!;
        assert.ok(body.length < 65_536);
        const [, inside] = body.split("\n``````diff\n");
        assert.ok(inside!.startsWith("`````\n</details> @everyone[31m ![x](https://evil.invalid)\nxxx"), inside!.slice(0, 100));
        assert.ok(inside!.endsWith("\n… the rest is in the log of the run\n``````\n\n</details>"), inside!.slice(-100));
    });

    it("takes away what nobody sees, and turns no text around", async () => {
        writeFileSync(artifact("plan.txt"), "a\u202eb\u2066c\u200bd\ufeffe\u{e0041}f\tg\n");
        assert.equal((await run()).code, 0);
        assert.ok(calls[2]!.body!.body.includes("```diff\nabcdef\tg\n```\n"), calls[2]!.body!.body);
    });

    it("stays within what a comment can hold, however many backticks it must fence", async () => {
        for (const text of ["`".repeat(25_000), "`".repeat(100_000), "`".repeat(50) + "x".repeat(100_000)]) {
            calls = [];
            writeFileSync(artifact("plan.txt"), text);
            assert.equal((await run()).code, 0);
            const { body } = calls[2]!.body!;
            assert.ok(body.length < 65_536, `${body.length}`);
            const [, fence, inside] = /\n(`+)diff\n([^]*)\n\1\n/.exec(body)!;
            assert.ok(!inside!.includes(fence!), "the text leaves its block");
        }
    });

    it("speaks of production only with the workflow of this repository", async () => {
        writeFileSync(artifact("preview.txt"), "nothing changes");
        const own = {
            name: "preview",
            path: ".github/workflows/preview.yml",
            head_repository: { owner: { login: "owner" }, full_name: "owner/groundwork" },
        };
        const { head_repository: _, ...ofFork } = own;
        const forged = [ofFork, { ...own, path: ".github/workflows/mine.yml" }, { ...own, path: ".github/workflows/preview.yml@x.yml" }];
        for (const event of forged) {
            const { code, output } = await run(event);
            assert.notEqual(code, 0, output);
            assert.match(output, /no comment is made of the workflow preview in /);
        }
        assert.deepEqual(calls, []);
        assert.equal((await run(own)).output, "posted at pull request 42\n");
    });

    it("takes a plan from no other file", async () => {
        writeFileSync(artifact("plan.txt"), "nothing changes");
        assert.notEqual((await run({ path: ".github/workflows/mine.yml" })).code, 0);
        assert.deepEqual(calls, []);
    });

    it("does not follow a link out of what was uploaded", async () => {
        symlinkSync(join(directory, "event.json"), artifact("plan.txt"));
        assert.deepEqual(await run(), { code: 0, output: "nothing was printed\n" });
        assert.deepEqual(calls, []);
    });

    it("is silent about commits that are no longer the newest, and about other workflows", async () => {
        writeFileSync(artifact("plan.txt"), "text");
        assert.match((await run({ head_sha: "b".repeat(40) })).output, /^no open pull request ends with b/);
        assert.notEqual((await run({ name: "constructor" })).code, 0);
        assert.ok(calls.every(({ call }) => call.startsWith("GET ")));
    });
});
