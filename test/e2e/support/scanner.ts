/** Looks for every secret that a stack knows in every place where none may be read. */
import { createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Docker } from "./docker";
import { run } from "./process";

/** What is scanned: a `Stack` or a `Checkout`. */
export interface Subject {
    project: string;
    name: string;
    docker: Docker;
    stateDirectory: string;
    /** A git checkout. */
    path: string;
    state(options: { showSecrets: boolean }): Promise<Parameters<typeof secretsOf>[0]>;
}

export interface ScanReport {
    /** How many different secrets were looked for. */
    known: number;
    /** Where which secret was found, without its value: `docker inspect web: demo-password result (base64)`. */
    found: string[];
}

export interface Secret {
    value: string | Buffer;
    /** Resource and property that hold it. */
    origin: string;
}

/** Shorter texts are found everywhere by chance; nothing that is generated is that short. */
const MINIMUM_LENGTH = 8;
/** The engine marks a secret in an exported state with this key. */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";
/** Bytes; with fewer, chance would find it. */
const PIECE = 15;
const SECRET_FILES = /^\/run\/(secrets|groundwork\/environment)\//;

/** `texts`: further places, e.g. what a preview printed. `allowed`: documented exceptions among the findings. */
export async function findSecrets(subject: Subject, texts: Record<string, string> = {}, allowed?: RegExp): Promise<ScanReport> {
    const secrets = secretsOf(await subject.state({ showSecrets: true }));
    const places = { ...texts, ...(await dockerPlaces(subject)), ...filesIn(subject.stateDirectory), ...(await checkout(subject.path)) };
    const found = Object.entries(places).flatMap(([place, text]) => hits(secrets, place, text));
    return { known: secrets.length, found: found.filter((hit) => !allowed?.test(hit)) };
}

/** The secrets in a state that was exported with `--show-secrets`. */
export function secretsOf(state: { deployment: { resources: { urn: string; inputs?: unknown; outputs?: unknown }[] } }): Secret[] {
    const secrets = new Map<string, Secret>();
    const add = (text: string, origin: string) => {
        for (const value of confidentialParts(text)) {
            const key = Buffer.from(value as string).toString("hex");
            if (!secrets.has(key)) secrets.set(key, { value, origin });
        }
    };
    for (const { urn, inputs, outputs } of state.deployment.resources) {
        const name = urn.split("::").at(-1)!;
        walk(inputs, `${name} inputs`, add);
        walk(outputs, `${name} outputs`, add);
    }
    return [...secrets.values()];
}

function walk(node: unknown, path: string, add: (text: string, origin: string) => void): void {
    if (typeof node !== "object" || node === null) return;
    if (SECRET_MARK in node) return secretValue(JSON.parse((node as unknown as { plaintext: string }).plaintext), path, add);
    for (const [key, value] of Object.entries(node)) walk(value, `${path} ${key}`, add);
}

/**
 * A secret that is a text is one. When one element of a list is secret, the engine hides the whole list: of such a
 * list, and only of that, the files that carry secrets into a container count.
 */
function secretValue(value: unknown, path: string, add: (text: string, origin: string) => void): void {
    if (typeof value === "string") return add(value, path);
    if (typeof value !== "object" || value === null) return;
    const { file, content } = value as { file?: unknown; content?: unknown };
    if (typeof file === "string" && typeof content === "string" && SECRET_FILES.test(file)) add(content, `${path} ${file}`);
    for (const [key, inner] of Object.entries(value)) {
        if (typeof inner === "object") secretValue(inner, `${path} ${key}`, add);
    }
}

/**
 * Of a private key only the numbers that make it private count (the rest is its public key), in pieces, because a line
 * end may cut one of them on the way. Certificates are public.
 */
export function confidentialParts(text: string): (string | Buffer)[] {
    if (!text.includes("-----BEGIN")) return text.length >= MINIMUM_LENGTH ? [text] : [];
    // The state also holds the configuration, as JSON, where a line end is written out.
    const lines = text.replaceAll("\\n", "\n");
    return [...lines.matchAll(/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g)]
        .filter(([, kind]) => !kind.startsWith("OPENSSH")) // another form of a key that is known as PEM, too
        .flatMap(([pem]) => pieces(privateNumber(pem)));
}

function privateNumber(pem: string): Buffer {
    const { p, d } = createPrivateKey(pem).export({ format: "jwk" });
    return Buffer.from((p ?? d)!, "base64url");
}

function pieces(number: Buffer): Buffer[] {
    const starts = Array.from({ length: Math.floor(number.length / PIECE) }, (_, index) => index * PIECE);
    return starts.map((start) => number.subarray(start, start + PIECE));
}

function hits(secrets: Secret[], place: string, text: string): string[] {
    return secrets.flatMap(({ value, origin }) =>
        Object.entries(encodings(value))
            .filter(([, forms]) => forms.some((form) => text.includes(form)))
            .map(([encoding]) => `${place}: ${origin} (${encoding})`),
    );
}

/** The forms in which a secret may be lying about. */
export function encodings(value: string | Buffer): Record<string, string[]> {
    const bytes = Buffer.from(value as string);
    const anywhere = { base64: [0, 1, 2].map((offset) => base64Inside(bytes, offset)), hexadecimal: [bytes.toString("hex")] };
    if (typeof value !== "string") return anywhere;
    const encoded = encodeURIComponent(value);
    return { ...anywhere, plain: [value, JSON.stringify(value).slice(1, -1)], "URL-encoded": encoded === value ? [] : [encoded] };
}

/** What a longer text shows in base64 when the value begins `offset` bytes after a group of three: only whole groups. */
function base64Inside(bytes: Buffer, offset: number): string {
    const rest = bytes.subarray((3 - offset) % 3);
    return rest.subarray(0, rest.length - (rest.length % 3)).toString("base64");
}

async function dockerPlaces(subject: Subject): Promise<Record<string, string>> {
    const places: Record<string, string> = {};
    for (const [kind, names] of Object.entries(await subject.docker.objectsOf(subject))) {
        for (const name of names) {
            places[`docker ${kind} inspect ${name}`] = await subject.docker.cli(kind, "inspect", name);
            if (kind === "container") places[`docker logs ${name}`] = await subject.docker.logs(name);
        }
    }
    return places;
}

/** State, its backups and its history. */
function filesIn(directory: string): Record<string, string> {
    const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((file) => statSync(join(directory, file)).isFile());
    return Object.fromEntries(files.map((file) => [`state ${file}`, readFileSync(join(directory, file), "utf8")]));
}

/** Every file that is, or could be, committed. */
async function checkout(path: string): Promise<Record<string, string>> {
    const listed = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: path });
    const files = listed.split("\0").filter((file) => file && statSync(join(path, file), { throwIfNoEntry: false })?.isFile());
    return Object.fromEntries(files.map((file) => [`checkout ${file}`, readFileSync(join(path, file), "latin1")]));
}
