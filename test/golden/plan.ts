import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import lock from "../../images.lock.json";
import { report } from "../../components/problem";
import { parseConfig, type Config } from "../../stacks/config";
import { checkConfig, images, volumes } from "../../stacks/rules";
import { pinned } from "../support/pinned";
import { record, UNKNOWN, type Requested } from "../unit/components/recorder";

/** What a run is asked for: the configuration of a stack file, and which kind of run. */
export interface Scenario {
    stack: string;
    config: Config;
    preview: boolean;
}

export interface Plan {
    requested: Requested[];
    outputs: unknown;
    /** `<host> <reference>` of every image that the rules say is used. */
    images: string[];
    /** `<host> <logical name>` of every volume that the rules say is kept. */
    volumes: string[];
}

/** The blocks of a committed stack file, by name. */
export function stackFile(name: string, folder = ""): Config {
    const file = join(__dirname, "../..", folder, `Pulumi.${name}.yaml`);
    const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("groundwork:", ""), value])) as Config;
}

/** Plays a whole run of the program, rules included, against the mocked engine. */
export function plan({ config, ...run }: Scenario): Promise<Plan> {
    return play(run, () => {
        const { plain, sealed, problems } = parseConfig({ values: config as Record<string, unknown>, hasSecret: () => true });
        assert.equal(report([...problems, ...checkConfig(plain)]), undefined);
        return sealed;
    });
}

/** Deploys on the mocked engine what `read` gives, which is called once the mocks are there. */
export async function play({ stack, preview }: Omit<Scenario, "config">, read: () => Config): Promise<Plan> {
    const { requested } = await record({ project: "groundwork", stack, preview });
    // Imported after the mocks are there: resources may be made on import.
    const { deployEnvironment } = await import("../../stacks/environment");
    const config = read();
    const outputs = await shown(deployEnvironment(config));
    await pulumi.runtime.disconnect();
    return {
        requested,
        outputs,
        images: images(config).map(({ host, reference }) => `${host} ${reference}`),
        volumes: volumes(config).map(({ host, name }) => `${host} ${name}`),
    };
}

/** Outputs as `pulumi stack output` shows them. */
async function shown(value: unknown): Promise<unknown> {
    if (pulumi.Output.isInstance(value)) {
        const output = value as unknown as { isKnown: Promise<boolean>; promise(): Promise<unknown> };
        const inner = await output.promise();
        if (await pulumi.isSecret(value)) return "[secret]";
        return (await output.isKnown) ? shown(inner) : "[unknown]";
    }
    if (Array.isArray(value)) return Promise.all(value.map(shown));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(await Promise.all(entries.map(async ([key, inner]) => [key, await shown(inner)] as const)));
}

/** Compares with `test/golden/<name>.yaml`; `UPDATE_GOLDEN=1` rewrites it. */
export function assertGolden(name: string, plan: Plan): void {
    const file = join(__dirname, `${name}.yaml`);
    const text = withoutImageHashes(render(plan));
    if (process.env.UPDATE_GOLDEN === "1" || !existsSync(file)) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"), `${name}.yaml differs; if the new plan is right, run with UPDATE_GOLDEN=1`);
}

/** What holds for every plan of every system. */
export function assertSound({ requested, images: used, volumes: kept }: Plan): void {
    const hostOf = ({ provider }: Requested) => provider?.replace(/^host-/, "") ?? "default";
    const remote = requested.filter(({ type }) => type === "docker:index/remoteImage:RemoteImage");
    const fetched = remote.map((image) => `${hostOf(image)} ${image.inputs.name as string}`);
    assert.deepEqual([...new Set(fetched)].sort(), [...new Set(used)].sort(), "what is looked at before an update is not what it fetches");
    const made = requested.filter(({ type }) => type === "docker:index/volume:Volume").map((volume) => `${hostOf(volume)} ${volume.name}`);
    assert.deepEqual(made.sort(), kept.sort(), "what is said to be kept is not what is made");
    for (const { name, inputs } of requested) {
        const text = JSON.stringify({ ...inputs, __provider: "" });
        assert.doesNotMatch(text, /undefined|\[object Object\]|Calling \[/, `an input of ${name} holds text that came from no value`);
    }
    const secrets = new Set(requested.flatMap(({ inputs }) => secretTexts(inputs)).filter((secret) => secret.length >= 6 && secret !== UNKNOWN));
    for (const { name, inputs } of requested) {
        const plain = JSON.stringify(withoutSecrets(inputs));
        for (const secret of secrets) {
            assert.ok(!plain.includes(JSON.stringify(secret).slice(1, -1)), `a secret stands in a plain input of ${name}`);
        }
    }
    const names = requested.map(({ type, name }) => `${type} ${name}`);
    assert.equal(new Set(names).size, names.length, "two resources have the same type and name");
}

/** A plan as text, secrets hidden. */
export function render({ requested, outputs }: Plan): string {
    const resources = requested.filter(({ type }) => type !== "pulumi:pulumi:Stack");
    const counts: Record<string, number> = {};
    for (const { type } of resources) counts[type] = (counts[type] ?? 0) + 1;
    const byName = [...resources].sort((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1));
    const document = { counts: sorted(counts), resources: byName.map(readable), outputs: visible(outputs) };
    return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

function readable({ name, type, parent, provider, dependsOn, replaceWith, protect, retainOnDelete, inputs }: Requested): object {
    return {
        name,
        type,
        ...(parent && { parent }),
        ...(provider && { provider }),
        ...(dependsOn.length > 0 && { dependsOn }),
        ...(replaceWith.length > 0 && { replaceWith }),
        ...(protect && { protect }),
        ...(retainOnDelete && { retainOnDelete }),
        inputs: sorted(visible(inputs) as Record<string, unknown>),
    };
}

/** Secrets hidden, and noise left out: hashes, and the code of dynamic resources. */
function visible(value: unknown, key = ""): unknown {
    if (isSecret(value)) return Array.isArray(value.secret) && value.secret.every(isUpload) ? visible(value.secret) : "[secret]";
    if (isUpload(value) && isSecretFile(value)) return { ...value, content: "[secret]" };
    if (key === "__provider") return "[code]";
    if (typeof value === "string" && value.startsWith("-----BEGIN CERTIFICATE-----")) return "[certificate]";
    if (typeof value === "string" && /^(\w+=[0-9a-f]{10}( |$))+$/.test(value)) return `hash of ${value.replaceAll(/=[0-9a-f]{10}/g, "")}`;
    if (typeof value === "string" && /^[0-9a-f]{24}$/.test(value)) return "[mark of this state]";
    if (Array.isArray(value)) return value.map((item) => visible(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, visible(inner, name)]));
}

/** The pinned images move on more often than what is done with them. */
function withoutImageHashes(text: string): string {
    const locked = Object.entries(lock).map(([role, entry]: [string, { image: string; digest?: string }]) => [role, entry.digest ?? entry.image]);
    return [...locked, ...Object.entries(pinned)].reduce((result, [role, reference]) => {
        const short = createHash("sha256").update(reference).digest("hex").slice(0, 8);
        return result.replaceAll(reference, `<image of ${role}>`).replaceAll(`-image-${short}`, `-image-<${role}>`);
    }, text);
}

/** Texts that are secret themselves, or the content of a file that is. */
function secretTexts(value: unknown): string[] {
    if (isSecret(value)) return typeof value.secret === "string" ? [value.secret] : secretTexts(value.secret);
    if (isUpload(value) && isSecretFile(value) && typeof value.content === "string") return [value.content];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(secretTexts) : [];
}

interface Upload {
    file: string;
    content: unknown;
}

function isUpload(value: unknown): value is Upload {
    return typeof value === "object" && value !== null && "file" in value && "content" in value;
}

/** A list with one secret in it is secret as a whole; in the list of files it is the place that tells which content is. */
function isSecretFile({ file }: Upload): boolean {
    return file.startsWith("/run/secrets/") || file.startsWith("/run/groundwork/environment/");
}

function withoutSecrets(value: unknown): unknown {
    if (isSecret(value)) return undefined;
    if (Array.isArray(value)) return value.map(withoutSecrets);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}

function isSecret(value: unknown): value is { secret: unknown } {
    return typeof value === "object" && value !== null && Object.keys(value).length === 1 && "secret" in value;
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
    return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
