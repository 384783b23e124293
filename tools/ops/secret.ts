import { environment, setting } from "./environment";
import { secretPaths, stackOutputs, valueAt } from "./stack-outputs";
import { run, Stop } from "./stop";
import { verb } from "./verb";

/** One secret output on stdout, and nothing else, so that it can be piped. */
async function secret(): Promise<void> {
    const env = environment();
    const paths = secretPaths(await stackOutputs(env));
    const name = setting("NAME");
    const path = paths.find((candidate) => candidate.join(".") === name);
    if (!path) throw new Stop(unknown(name, paths), 2);
    const value = valueAt(await stackOutputs(env, { showSecrets: true }), path);
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 4);
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

export function unknown(name: string | undefined, paths: string[][]): string {
    if (paths.length === 0) return `this stack has no secret outputs; ${verb("up")} creates them`;
    const names = paths.map((path) => `NAME=${path.join(".")}`).join(", ");
    return name ? `there is no secret ${name}: choose one of ${names}` : `which secret? Choose one of ${names}`;
}

if (require.main === module) run(secret);
