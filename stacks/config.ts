import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Problem } from "../components/problem";
import { lightningSchema } from "../components/systems/lightning";
import { openPectusSchema } from "../components/systems/openpectus";
import { hostsSchema } from "./hosts";
import { lenientParse } from "./lenient";
import { checkMisplaced } from "./misplaced";
import { checkEncryption, seal, type Written } from "./secrets";
import { checkYaml, readYaml } from "./yaml-check";

/** The whole configuration of an environment: every block that a config file may have. */
export const configSchema = z.strictObject({
    prefix: z
        .string()
        .describe(
            "Start of the name of every container, volume and network. Default: `<project>-<stack>`. A change replaces everything; volumes " +
                "are then new and empty (see `remove`).",
        )
        .optional(),
    adopt: z
        .array(z.string())
        .describe(
            "Volumes (by name) and directories of the host (by path) that may be taken over although another state made them, e.g. after a " +
                "state was lost. Default: none. A change changes nothing that is deployed.",
        )
        .optional(),
    hosts: hostsSchema
        .describe(
            "The machines that run containers. The one named `default` has what names no host. Default: the Docker Engine of this machine.",
        )
        .optional(),
    openpectus: openPectusSchema
        .describe("Open Pectus: an aggregator and its engines. It is deployed when this block is there, an empty one (`{}`), too.")
        .optional(),
    lightning: lightningSchema
        .describe(
            "OpenFn Lightning: web application, workers and database. It is deployed when this block is there, an empty one (`{}`), too.",
        )
        .optional(),
    remove: z
        .array(z.string())
        .describe(
            "What is deployed and shall go: systems (`openpectus`, `lightning`) and volumes, by name. A configuration without the block of a deployed " +
                "system is refused unless the system stands here, and so is one that would delete a volume: with another prefix or host, with a " +
                "directory in its place, without the block that it belongs to. Protected data stays protected. Delete the name once it is gone. Default: none.",
        )
        .optional(),
});
export type Config = z.infer<typeof configSchema>;
/** What every system gets. */
export type Common = Pick<Config, "prefix" | "adopt">;

/** The configuration as the engine hands it over, and as it stands in the file. */
export interface ConfigSource extends Written {
    /** Block -> value, secrets decrypted. */
    values: Record<string, unknown>;
    /** All keys of the stack, those of other namespaces included: `groundwork:openpectus`. */
    keys?: string[];
    /** What stands at the left margin of the file. */
    topLevel?: string[];
    /** What is wrong with the text of the file. */
    text?: Problem[];
}

/** What could be understood, and everything that is wrong with the form of the rest. */
export interface ParsedConfig {
    /** Values in plain, for the rules. */
    plain: Config;
    /** The same with every secret as a secret, for the components. */
    sealed: Config;
    problems: Problem[];
}

/** Checks the form of the whole configuration: unknown keys, types, secrets in plain text. What values mean is for the rules. */
export function parseConfig(source: ConfigSource): ParsedConfig {
    const { value: plain, problems } = lenientParse(configSchema, source.values);
    const misplaced = checkMisplaced(pulumi.getProject(), Object.keys(configSchema.shape), source);
    return {
        plain,
        sealed: seal(configSchema, plain),
        problems: [...(source.text ?? []), ...misplaced, ...problems, ...checkEncryption(configSchema, plain, source)],
    };
}

/** Reads the stack's configuration. Nothing else does. */
export function readConfig(): ConfigSource {
    const prefix = `${pulumi.getProject()}:`;
    const all = pulumi.runtime.allConfig();
    const entries = Object.entries(all).filter(([key]) => key.startsWith(prefix));
    const values = Object.fromEntries(entries.map(([key, text]) => [key.slice(prefix.length), parseBlock(text)]));
    const { file, text } = readFile();
    return {
        values,
        text,
        keys: Object.keys(all),
        topLevel: file && Object.keys(file),
        written: file && blocksOf(file, prefix),
        hasSecret: (block) => secretKeys().includes(prefix + block),
    };
}

/** The engine hands blocks over as JSON, single values as text. */
function parseBlock(text: string): unknown {
    if (!/^\s*[[{]/.test(text)) return text;
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

/** Names of the blocks with something encrypted in them. The SDK knows them too, but its types do not say so. */
function secretKeys(): string[] {
    return JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[];
}

/** The file itself: the engine tells neither what stands outside `config`, nor which value of a block is encrypted. */
function readFile(): { file?: Record<string, unknown>; text?: Problem[] } {
    const { GROUNDWORK_CONFIG_FILE, PULUMI_OPTION_CONFIG_FILE } = process.env;
    const path = resolve(GROUNDWORK_CONFIG_FILE ?? PULUMI_OPTION_CONFIG_FILE ?? `Pulumi.${pulumi.getStack()}.yaml`);
    if (!existsSync(path)) return {};
    const content = readFileSync(path);
    const text = checkYaml(content, basename(path));
    if (text.some(({ level }) => level === "error")) return { text };
    return { file: (readYaml(content.toString()) ?? {}) as Record<string, unknown>, text };
}

function blocksOf({ config }: Record<string, unknown>, prefix: string): Record<string, unknown> {
    const ours = Object.entries(config ?? {}).filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(ours.map(([key, value]) => [key.slice(prefix.length), value as unknown]));
}
