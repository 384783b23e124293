import * as pulumi from "@pulumi/pulumi";

/** The verbs of the Makefile that act on one environment. */
export type Verb =
    "up" | "preview" | "outputs" | "secret" | "status" | "logs" | "exec" | "backup" | "backups" | "restore" | "down" | "pulumi";

/** What is set for a verb, e.g. `{ SYSTEM: "openpectus" }`. */
export type VerbSettings = Record<string, string>;

/**
 * What a person types in the checkout. It always names its environment, dev too: without it, `make` takes the one that the shell
 * happens to name. The linter refuses messages that spell such a command out.
 */
export function makeCommand(stack: string, verb: Verb, settings: VerbSettings = {}): string {
    const words = Object.entries({ STACK: stack, ...settings }).map(([name, value]) => `${name}=${shellWord(value)}`);
    return ["make", verb, ...words].join(" ");
}

/** The project of this checkout. */
const PROJECT = "groundwork";

/** What a person runs: the verb in this checkout, and `elsewhere` in a project of their own, whose environments the Makefile does not know. */
export function personCommand(verb: Verb, settings: VerbSettings, elsewhere: string): string {
    return pulumi.getProject() === PROJECT ? makeCommand(pulumi.getStack(), verb, settings) : elsewhere;
}

/** Quoted for a POSIX shell, where it needs that. `<file>` is for a person to replace. */
export function shellWord(value: string): string {
    return /^[\w.,:/@%+=<>-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
