import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { report, type Problem } from "../../components/problem";
import { parseConfig, type Config } from "../../stacks/config";
import { checkConfig } from "../../stacks/rules";
import { pathText } from "../../stacks/schema-walk";
import { encryptedPaths, isSecure } from "../../stacks/secrets";
import { readYaml, refuseYaml } from "../../stacks/yaml-check";
import { play, render } from "../../test/golden/plan";
import { Refusal } from "../images/refusal";

/** Stands for a value that only the key of the state opens. */
const PLACEHOLDER = "[secret]";

/** What the program asks for with the configuration of a stack, as text. Nothing is decrypted, and no Docker Engine is asked. */
export async function planOf(stack: string, directory: string): Promise<string> {
    const written = writtenBlocks(stack, directory);
    const encrypted = encryptedPaths(written).map(pathText);
    const plan = await play({ stack, preview: true }, () => checked(written, encrypted));
    const note = encrypted.length > 0 ? `# encrypted, and taken for right: ${encrypted.join(", ")}\n` : "";
    return `# ${stack}\n${note}${render(plan)}`;
}

/** Block -> value as it stands in the file. */
function writtenBlocks(stack: string, directory: string): Record<string, unknown> {
    const file = join(directory, `Pulumi.${stack}.yaml`);
    if (!existsSync(file)) throw new Refusal(`there is no environment "${stack}": ${file} does not exist`);
    const { name } = readYaml(readFileSync(join(directory, "Pulumi.yaml"), "utf8")) as { name: string };
    const content = readFileSync(file);
    const message = refuseYaml(content, basename(file));
    if (message) throw new Refusal(message);
    const { config } = (readYaml(content.toString()) ?? {}) as { config?: Record<string, unknown> };
    const ours = Object.entries(config ?? {}).filter(([key]) => key.startsWith(`${name}:`));
    if (ours.length === 0) throw new Refusal(`${file} has nothing for this project: its keys must begin with "${name}:"`);
    return Object.fromEntries(ours.map(([key, value]) => [key.slice(name.length + 1), value]));
}

/** All rules, except that nothing is said about what cannot be read. */
function checked(written: Record<string, unknown>, encrypted: string[]): Config {
    const values = hidden(written) as Record<string, unknown>;
    const { plain, sealed, problems: form } = parseConfig({ values, written, hasSecret: () => false });
    const about = ({ path }: Problem, secret: string) => path === secret || path.startsWith(`${secret}.`);
    const problems = [...form, ...checkConfig(plain)].filter((problem) => !encrypted.some((secret) => about(problem, secret)));
    const message = report(problems);
    if (message) throw new Refusal(message);
    return sealed;
}

function hidden(value: unknown): unknown {
    if (isSecure(value)) return PLACEHOLDER;
    if (Array.isArray(value)) return value.map(hidden);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hidden(inner)]));
}
