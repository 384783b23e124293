// Posts, or renews, one comment of a pull request: what its workflow `plan` or `preview` has printed.
//
//     node .github/comment.mjs <directory with plan.txt or preview.txt>
//
// That text is written by code that nobody has read yet. It becomes a code block and nothing else: it chooses neither the pull request nor
// which file is read, cannot leave its block, and is cut to what a comment can hold. Everything else comes from GitHub's own event.
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

const LONGEST = 60_000; // GitHub takes 65,536 characters
const LONGEST_FENCE = 100; // it has to be longer than any row of backticks inside
const WHAT = {
    plan: "What the program asks for, compared with the main branch; without state and secrets",
    preview: "Preview of production, against its state",
};

const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_EVENT_PATH: eventPath, GITHUB_TOKEN: token } = process.env;
const { workflow_run: run } = JSON.parse(readFileSync(eventPath, "utf8"));

/**
 * Whether the run is what its name says. The pull request of a fork brings workflows of its own, of any name and content. Its `plan` says
 * only what the code of that fork prints, from whatever file. A `preview` speaks about production, so no fork can have made it.
 */
function isGenuine() {
    if (!Object.hasOwn(WHAT, run.name) || run.path !== `.github/workflows/${run.name}.yml`) return false;
    return run.name === "plan" || run.head_repository.full_name === repository;
}

async function github(path, { method = "GET", body } = {}) {
    const headers = { accept: "application/vnd.github+json", authorization: `Bearer ${token}`, "user-agent": repository };
    const response = await fetch(`${api}/repos/${repository}/${path}`, { method, headers, body: body && JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
}

/** The open pull request whose newest commit the run was for. The event lists none for forks, hence the question. */
async function pullRequest() {
    const head = encodeURIComponent(`${run.head_repository.owner.login}:${run.head_branch}`);
    const open = await github(`pulls?state=open&per_page=100&head=${head}`);
    return open.find((pull) => pull.head.sha === run.head_sha);
}

/**
 * What was printed, without characters that nobody sees, among them those that turn the direction of text; undefined if there is no such
 * file. A link could lead to a file of this machine.
 */
function printed(file) {
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (!found?.isFile()) return undefined;
    return readFileSync(file, "utf8")
        .replaceAll("\r", "")
        .replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, "")
        .replaceAll(/`+/g, (ticks) => ticks.slice(0, LONGEST_FENCE - 1));
}

function comment(text) {
    const cut = text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}\n… the rest is in the log of the run` : text;
    const fence = "`".repeat(Math.max(3, ...[...cut.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
    const result = run.conclusion === "success" ? "" : " **It failed.**";
    return [
        marker(),
        `${WHAT[run.name]} ([${run.head_sha.slice(0, 12)}](${run.html_url})).${result}`,
        `<details open><summary>${run.name}</summary>\n`,
        `${fence}diff\n${cut.trimEnd()}\n${fence}\n`,
        "</details>",
    ].join("\n");
}

const marker = () => `<!-- groundwork: ${run.name} -->`;

async function main(directory) {
    if (!isGenuine()) throw new Error(`no comment is made of the workflow ${run.name} in ${run.path} of ${run.head_repository.full_name}`);
    const text = printed(join(directory, `${run.name}.txt`));
    if (text === undefined) return "nothing was printed";
    const pull = await pullRequest();
    if (!pull) return `no open pull request ends with ${run.head_sha}`;
    const comments = await github(`issues/${pull.number}/comments?per_page=100`);
    const before = comments.find(({ user, body }) => user.type === "Bot" && body.startsWith(marker()));
    const body = { body: comment(text) };
    if (before) await github(`issues/comments/${before.id}`, { method: "PATCH", body });
    else await github(`issues/${pull.number}/comments`, { method: "POST", body });
    return `${before ? "renewed" : "posted"} at pull request ${pull.number}`;
}

console.log(await main(process.argv[2]));
