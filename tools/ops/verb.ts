import { makeCommand, type Verb, type VerbSettings } from "../../components/make-command";
import { stackName } from "./environment";

/** A verb for the same environment, as a message quotes it: `` `make logs STACK=dev ROLE=edge` ``. */
export function verb(name: Verb, settings?: VerbSettings): string {
    return `\`${command(name, settings)}\``;
}

/** The same without the backticks, for lines of commands. */
export function command(name: Verb, settings?: VerbSettings): string {
    return makeCommand(stackName(), name, settings);
}
