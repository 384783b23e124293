import { error, type Problem } from "../../../problem";
import type { LightningSettings } from "../args";
import { notRendered, webVariables, workerVariables, type LightningVariable } from "../variables";

type Extra = { extraEnv?: Record<string, unknown>; extraSecretEnv?: Record<string, unknown> } | undefined;

/** R17, R31 and R38 for what people add: nothing is said twice, nothing is empty, and nobody gets what is another program's. */
export function checkExtra({ web, workers }: LightningSettings, path: string): Problem[] {
    return [...checkVariables(web, "web", `${path}.web`), ...checkVariables(workers, "worker", `${path}.workers`)];
}

function checkVariables(block: Extra, program: LightningVariable["program"], path: string): Problem[] {
    const entries = (["extraEnv", "extraSecretEnv"] as const).flatMap((key) =>
        Object.entries(block?.[key] ?? {}).map(([name, value]) => ({ at: `${path}.${key}.${name}`, name, value })),
    );
    const twice = Object.keys(block?.extraEnv ?? {}).filter((name) => name in (block?.extraSecretEnv ?? {}));
    return [
        ...entries.flatMap(({ at, name, value }) => checkVariable(name, value, program, at)),
        ...twice.map((name) => error(`${path}.extraEnv.${name}`, "extraSecretEnv has it, too", "remove one of them")),
    ];
}

function checkVariable(name: string, value: unknown, program: LightningVariable["program"], at: string): Problem[] {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return [error(at, `"${name}" is not a name of a variable`, "use letters, digits and _")];
    if (typeof value === "string" && value.trim() === "") {
        return [error(at, "Lightning stops on an empty value", "give one, or remove the variable")];
    }
    const [own, other] = program === "web" ? [webVariables, workerVariables] : [workerVariables, webVariables];
    const row = own.find((candidate) => candidate.name === name);
    if (row) return [error(at, ownedBy(row), row.setting ? `use ${row.setting} instead` : "remove it")];
    if (name in notRendered) return [error(at, notRendered[name]!, "remove it")];
    const foreign = other.find((candidate) => candidate.name === name && isForeign(candidate));
    return foreign ? [error(at, foreignTo(foreign), foreign.setting ? `use ${foreign.setting} instead` : "remove it")] : [];
}

/** Web reads some variables of a worker's, too, such as OPENFN_ADAPTORS_REPO: those with the worker's name are the worker's alone. */
function isForeign({ program, name }: LightningVariable): boolean {
    return program === "web" || name.startsWith("WORKER_");
}

function ownedBy({ name, setting }: LightningVariable): string {
    if (name === "LISTEN_ADDRESS") return "in a container it must be 0.0.0.0, which it always is";
    return setting ? "this variable has a setting of its own" : "this variable is always set, and to the one right value";
}

function foreignTo({ program, kind }: LightningVariable): string {
    if (program === "worker") return "web does not read it, workers do";
    return kind === "secret environment"
        ? "it is web's alone: workers run code that people write, and must not have it"
        : "workers do not read it, web does";
}
