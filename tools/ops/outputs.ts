import { environment, setting } from "./environment";
import { secretPaths, stackOutputs, valueAt } from "./stack-outputs";
import { run, Stop } from "./stop";
import { verb } from "./verb";

/** The outputs of the stack as JSON, secrets hidden; with `NAME` the text of a single one, such as a certificate. */
async function outputs(): Promise<void> {
    const all = await stackOutputs(environment());
    const name = setting("NAME");
    if (!name) {
        console.log(JSON.stringify(all, null, 4));
        return;
    }
    if (secretPaths(all).some((path) => path.join(".") === name))
        throw new Stop(`${name} is secret: use ${verb("secret", { NAME: name })}`, 2);
    const value = valueAt(all, name.split("."));
    if (value === undefined) throw new Stop(`there is no output ${name}: ${verb("outputs")} shows them all`, 2);
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 4);
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

if (require.main === module) run(outputs);
