import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { Stop } from "./stop";

/** What the verbs learn from their surroundings: the checkout they run in and the variables that `make` hands over. */
export interface Environment {
    project: string;
    stack: string;
}

export function environment(): Environment {
    return { project: projectName(), stack: stackName() };
}

export function stackName(): string {
    return setting("STACK") ?? "dev";
}

/** A variable of the command line, such as `SYSTEM=openpectus`; undefined when absent or empty. */
export function setting(name: string): string | undefined {
    const value = process.env[name]?.trim();
    return value === "" ? undefined : value;
}

/** `yes` means yes; everything else is a typing error better found than guessed. */
export function flag(name: string): boolean {
    const value = setting(name);
    if (value !== undefined && value !== "yes" && value !== "no")
        throw new Stop(`${name}=${value} is not understood: write ${name}=yes or leave it out`, 2);
    return value === "yes";
}

function projectName(): string {
    let text: string;
    try {
        text = readFileSync("Pulumi.yaml", "utf8");
    } catch {
        throw new Stop("there is no Pulumi.yaml here: run this from the checkout's root folder");
    }
    return (parse(text) as { name: string }).name;
}
