import type { Environment } from "./environment";
import { capture, lastLine } from "./pulumi";
import { isSecret } from "./state";
import { Stop } from "./stop";

export type Outputs = Record<string, unknown>;

/** How the CLI writes a value that is secret. */
const HIDDEN = "[secret]";

/** With `showSecrets` the result must not be printed as a whole. */
export async function stackOutputs({ stack }: Environment, options: { showSecrets?: boolean } = {}): Promise<Outputs> {
    const secrets = options.showSecrets ? ["--show-secrets"] : [];
    const { code, stdout, stderr } = await capture(["stack", "output", "--json", "--stack", stack, ...secrets]);
    if (code !== 0) throw new Stop(`the outputs of stack ${stack} cannot be read: ${lastLine(stderr)}`);
    return JSON.parse(stdout) as Outputs;
}

/** The paths, such as `openpectus.engineSecret`, at which the hidden form of the outputs hides something. */
export function secretPaths(hidden: unknown, path: string[] = []): string[][] {
    if (hidden === HIDDEN) return [path];
    if (typeof hidden !== "object" || hidden === null) return [];
    return Object.entries(hidden).flatMap(([key, value]) => secretPaths(value, [...path, key]));
}

export function valueAt(outputs: unknown, path: string[]): unknown {
    return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], outputs);
}

/** Outputs of an exported state in their hidden form. */
export function hide(outputs: unknown): unknown {
    if (isSecret(outputs)) return HIDDEN;
    if (Array.isArray(outputs)) return outputs.map(hide);
    if (typeof outputs !== "object" || outputs === null) return outputs;
    return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, hide(value)]));
}
