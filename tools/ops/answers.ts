import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

/** What came of a look at an address: nothing to say, something that may well be right, or something that is not. */
export type Verdict = { level: "well" } | { level: "warning" | "error"; text: string };

/** Milliseconds for one answer, and for a program behind a proxy that has just been started. */
const DEADLINE = 10_000;
const PATIENCE = 15_000;

/** Whether an address answers as its users need it. `ca`: the only authority that may have signed its certificate; else the public ones. */
export async function answers(url: string, ca?: string, patience = PATIENCE): Promise<Verdict> {
    for (const end = Date.now() + patience; ; await sleep(500)) {
        const verdict = await status(url, ca).then(judge, (problem: NodeJS.ErrnoException) => explain(problem, ca));
        if (verdict.level !== "error" || Date.now() > end) return verdict;
    }
}

/** Every answer that is not an accident of the server counts: a redirect, a login, a refusal. */
function judge(code: number): Verdict {
    return code < 500 ? { level: "well" } : { level: "error", text: `it answers with HTTP status ${code}` };
}

const UNKNOWN_NAME = ["ENOTFOUND", "EAI_AGAIN"];
/** The certificate may be one of an authority that browsers know and this program does not. */
const UNKNOWN_AUTHORITY = [
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

function explain({ code = "", message }: NodeJS.ErrnoException, ca: string | undefined): Verdict {
    if (UNKNOWN_NAME.includes(code))
        return { level: "warning", text: "its name leads nowhere from here, so nobody looked whether it answers" };
    if (UNKNOWN_AUTHORITY.includes(code) && ca === undefined)
        return { level: "warning", text: `it answers, but its certificate is not trusted here: ${message}` };
    return { level: "error", text: `it does not answer: ${message || code}` };
}

function status(url: string, ca: string | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
        const send = url.startsWith("https:") ? httpsRequest : httpRequest;
        const outgoing = send(url, { ca, agent: false, timeout: DEADLINE }, (incoming) => {
            incoming.destroy();
            resolve(incoming.statusCode ?? 0);
        });
        outgoing.on("timeout", () => outgoing.destroy(new Error(`nothing came within ${DEADLINE / 1000} s`)));
        // Tried under several addresses, one name has several reasons.
        outgoing.on("error", (problem: Error & { errors?: Error[] }) => reject(problem.errors?.[0] ?? problem));
        outgoing.end();
    });
}
