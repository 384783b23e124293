import assert from "node:assert/strict";
import YAML from "yaml";
import { blocksOf, type Block } from "../../support/pages";
import type { Block as Settings, Checkout } from "./checkout";

/** What stands on a page for what only this machine knows, e.g. the name of a backup. */
export type Replace = (text: string) => string | Promise<string>;

/**
 * A test for each block of a page, in its order: commands are run, configuration is put into the environment's file. What the page before
 * has taken down or changed is brought back first.
 */
export function follow(page: string, checkout: () => Checkout, replace: Replace = (text) => text): void {
    describe(page, function () {
        this.bail(true);

        let configuration: Settings;

        before(async () => {
            configuration = checkout().configuration();
            await checkout().make("up");
        });
        after(() => checkout().configure(configuration));

        for (const block of blocksOf(page).filter(({ notRun }) => notRun === undefined))
            it(`${block.line}: ${block.text.split("\n")[0]}`, async () => apply(checkout(), { ...block, text: await replace(block.text) }));
    });
}

async function apply(checkout: Checkout, { language, text }: Block): Promise<void> {
    const named = text.replaceAll("groundwork-dev", checkout.prefix).replaceAll("groundwork:", `${checkout.project}:`);
    if (language === "yaml") return configure(checkout, named);
    assert.equal(language, "sh");
    const { code, stdout, stderr } = await checkout.run(["set -eo pipefail", ...named.split("\n").map(asTyped)].join("\n"));
    assert.equal(code, 0, stdout + stderr);
}

/** A person answers questions, sits at a terminal, and has seen enough after a while. */
function asTyped(line: string): string {
    const [, command, remark] = /^(.*?)( +#.*)?$/.exec(line)!;
    if (/\bFOLLOW=yes\b/.test(command!)) return `timeout --signal=INT 5 ${command} || [ $? -gt 0 ]`;
    if (/^make exec (?!.*CMD=)/.test(command!)) return `echo exit | script --quiet --return --command '${command}' /dev/null`;
    const answered = command!.replace(/^make (up|down|restore)\b/, "$& YES=yes").replace(/\bpulumi (up|destroy)\b/, "$& --yes");
    return answered + (remark ?? "");
}

/** Keys of the page win over those of the environment; lists are replaced. */
function configure(checkout: Checkout, text: string): void {
    const parsed = YAML.parse(text) as Settings;
    const blocks = Object.entries((parsed.config ?? parsed) as Settings).map(([key, value]) => [key.split(":")[1], value] as const);
    checkout.configure(merge(checkout.configuration(), Object.fromEntries(blocks)));
}

function merge(into: Settings, from: Settings): Settings {
    const isMap = (value: unknown): value is Settings => typeof value === "object" && value !== null && !Array.isArray(value);
    const entries = Object.entries(from).map(([key, value]) => [key, isMap(value) && isMap(into[key]) ? merge(into[key], value) : value]);
    return { ...into, ...(Object.fromEntries(entries) as Settings) };
}
