import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import type { Problem } from "../components/problem";
import { lightningSchema } from "../components/systems/lightning";
import { openPectusSchema } from "../components/systems/openpectus";
import { hostsSchema } from "./hosts";
import { lenientParse } from "./lenient";
import { checkEncryption, seal, type Written } from "./secrets";

/** The whole configuration of an environment: every block that a config file may have. */
export const configSchema = z.strictObject({
    /** Start of every physical name. Default: `<project>-<stack>`. */
    prefix: z.string().optional(),
    /**
     * Volumes (by name) and directories of the host (by path) that may be taken over although another state made them, e.g. after a state
     * was lost. Default: none.
     */
    adopt: z.array(z.string()).optional(),
    hosts: hostsSchema.optional(),
    openpectus: openPectusSchema.optional(),
    lightning: lightningSchema.optional(),
});
export type Config = z.infer<typeof configSchema>;
/** What every system gets. */
export type Common = Pick<Config, "prefix" | "adopt">;

/** The configuration as the engine hands it over, and as it stands in the file. */
export interface ConfigSource extends Written {
    /** Block -> value, secrets decrypted. */
    values: Record<string, unknown>;
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
    return { plain, sealed: seal(configSchema, plain), problems: [...problems, ...checkEncryption(configSchema, plain, source)] };
}

/** Reads the stack's configuration. Nothing else does. */
export function readConfig(): ConfigSource {
    const prefix = `${pulumi.getProject()}:`;
    const entries = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(prefix));
    const values = Object.fromEntries(entries.map(([key, text]) => [key.slice(prefix.length), parseBlock(text)]));
    return { values, written: readFile(prefix), hasSecret: (block) => secretKeys().includes(prefix + block) };
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

/** Only to see which values are encrypted: the engine tells that of whole blocks at best. */
function readFile(prefix: string): Record<string, unknown> | undefined {
    const { GROUNDWORK_CONFIG_FILE, PULUMI_OPTION_CONFIG_FILE } = process.env;
    const file = resolve(GROUNDWORK_CONFIG_FILE ?? PULUMI_OPTION_CONFIG_FILE ?? `Pulumi.${pulumi.getStack()}.yaml`);
    if (!existsSync(file)) return undefined;
    const { config } = (parseYaml(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
    const ours = Object.entries(config ?? {}).filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(ours.map(([key, value]) => [key.slice(prefix.length), value]));
}
