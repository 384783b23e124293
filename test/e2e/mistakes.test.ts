import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, Checkout } from "./support/checkout";
import { goodBlocks, goodFile, PLACES, SETTINGS, type SettingMistake, type Surroundings, SYNTAX } from "./support/mistakes";
import type { Result } from "./support/process";
import { smallImage } from "./support/small-image";
import { freePort } from "./support/wait";

/** Rows that touch different settings: one run answers all of them. */
function together(rows: Record<string, SettingMistake>): Record<string, SettingMistake>[] {
    const runs: Record<string, SettingMistake>[] = [];
    for (const [title, row] of Object.entries(rows)) {
        const run = runs.find((others) => !Object.values(others).some((other) => meet(other, row)));
        if (run) run[title] = row;
        else runs.push({ [title]: row });
    }
    return runs;
}

/** Whether two rows touch one block: rules look at blocks. */
function meet(one: SettingMistake, other: SettingMistake): boolean {
    if (one.alone || other.alone) return true;
    const blocks = ({ set }: SettingMistake) => Object.keys(set).map((path) => `${path.split(".").slice(0, 3).join(".")}.`);
    return blocks(one).some((a) => blocks(other).some((b) => a.startsWith(b) || b.startsWith(a)));
}

/** Sets a value deep inside of blocks. */
function put(blocks: Block, path: string, value: unknown): void {
    const keys = path.split(".");
    const last = keys.pop()!;
    const parent = keys.reduce((at, key) => (at[key] ??= {}) as Block, blocks);
    parent[last] = value;
}

/** What a state says of resources, without the times at which it was written. A refused update encrypts the same secrets once more. */
function resourcesOf(state: string): unknown {
    const decided = (key: string, value: unknown) => (key === "ciphertext" ? "[secret]" : value);
    const { checkpoint } = JSON.parse(state, decided) as { checkpoint: { latest: { resources: Record<string, unknown>[] } } };
    return checkpoint.latest.resources.map(({ modified: _, ...resource }) => resource);
}

/** On one line of its own. */
function said(output: string, words: RegExp): void {
    const lines = output.split("\n").map((line) => line.trim());
    assert.ok(
        lines.some((line) => words.test(line)),
        `${words} is not said:\n${output}`,
    );
}

describe("the mistakes of a person who edits the configuration", function () {
    let checkout: Checkout;
    let surroundings: Surroundings;
    let untouched: unknown;

    before(async () => {
        checkout = await Checkout.create("mistakes");
        const ports = await Promise.all(Array.from({ length: 4 }, freePort));
        surroundings = { project: checkout.project, ports, image: await smallImage("1") };
        write(goodFile(surroundings));
        const { code, output } = await checkout.update();
        assert.equal(code, 0, output);
        untouched = await everything();
    });
    after(async () => checkout?.remove());

    const write = (content: string | Buffer) => writeFileSync(join(checkout.path, "Pulumi.dev.yaml"), content);

    /** The state, and what is on the machine. */
    async function everything(): Promise<unknown> {
        const objects = await checkout.docker.objectsOf(checkout);
        const ids = objects.container.map(async (name) => (await checkout.docker.inspect("container", name)).Id as string);
        const folder = join(checkout.stateDirectory, "state", ".pulumi", "stacks", checkout.project);
        const stacks = readdirSync(folder).filter((file) => file.endsWith(".json"));
        const resources = stacks.map((file) => [file, resourcesOf(readFileSync(join(folder, file), "utf8"))]);
        return { objects, containers: await Promise.all(ids), resources };
    }

    async function refuse({ code, stdout, stderr }: Result, ...says: RegExp[]): Promise<void> {
        const output = stdout + stderr;
        assert.notEqual(code, 0, output);
        for (const words of says) said(output, words);
        assert.doesNotMatch(output, /^\s+at .*:\d+:\d+\)?$/m, "a stack trace");
        assert.doesNotMatch(output, /hunter2/, "a secret");
        assert.deepEqual(await everything(), untouched, "something was changed");
    }

    describe("in the text", () => {
        for (const [title, { edit, says }] of Object.entries(SYNTAX)) {
            it(title, async () => {
                write(edit(goodFile(surroundings), checkout.project));
                const place = /^Pulumi\.dev\.yaml:\d+:\d+: .+: .+$/;
                await refuse(await checkout.tryMake("preview"), place, ...says);
            });
        }

        it("stop every verb that would read the file, and `npm run plan`", async () => {
            const { edit, says } = SYNTAX["a tab"]!;
            write(edit(goodFile(surroundings), checkout.project));
            for (const verb of ["up", "down", "status", "outputs"]) await refuse(await checkout.tryMake(verb, { YES: "yes" }), ...says);
            await refuse(await checkout.run("npm run --silent plan -- --stack dev"), ...says);
        });
    });

    describe("in the places of things", () => {
        for (const [title, { edit, says }] of Object.entries(PLACES)) {
            it(title, async () => {
                write(edit(goodFile(surroundings), checkout.project));
                await refuse(await checkout.preview(), ...says);
            });
        }

        it("another name for the environment", async () => {
            const says = /there is no environment "dve": \S+Pulumi\.dve\.yaml does not exist/;
            const fix = /^name another one with STACK=\.\.\. \(dev prod\), or copy a file from examples\/ to that name$/;
            await refuse(await checkout.tryMake("preview", { STACK: "dve" }), says, fix);
        });

        it("a host that does not answer", async () => {
            const blocks = goodBlocks(surroundings);
            const host = "ssh://nobody@127.0.0.1:9";
            checkout.configure({
                ...blocks,
                hosts: { ...blocks.hosts, gone: { docker: { host } } },
                lightning: { ...blocks.lightning, host: "gone" },
            });
            await refuse(
                await checkout.update(),
                /hosts\.gone: the Docker Engine at ssh:\S+ does not answer: .*: start it, or correct its address/,
            );
        });
    });

    for (const [index, rows] of together(SETTINGS).entries()) {
        describe(`in settings, file ${index + 1}`, () => {
            let output: string;

            it("are all refused", async () => {
                const blocks = structuredClone(goodBlocks(surroundings));
                for (const { set } of Object.values(rows)) for (const [path, value] of Object.entries(set)) put(blocks, path, value);
                checkout.configure(blocks);
                const result = await checkout.preview();
                output = result.output;
                await refuse(result);
            });

            for (const [title, { says }] of Object.entries(rows)) it(title, () => said(output, says));
        });
    }
});
