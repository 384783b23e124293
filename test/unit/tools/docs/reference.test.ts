import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDeclarations } from "../../../../tools/docs/interfaces";
import { proseOf } from "../../../../tools/docs/prose";
import { type Page, renderPage } from "../../../../tools/docs/reference";

const source = `
import * as pulumi from "@pulumi/pulumi";
/** Settings of a {@link Thing}. */
export interface ThingArgs extends Base {
    /** How many. Default: 1. */
    count?: pulumi.Input<number>;
    /** Either a|b. */
    parts: Record<string, Part>;
}
interface Hidden { x: string }
/** One part. */
export interface Part { /** Its name. */ name: string }
/** A thing. */
export class Thing extends pulumi.ComponentResource {
    /** Where it is. */
    readonly url: pulumi.Output<string>;
    private readonly inner: string = "";
}
`;

describe("reference documentation", () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-docs-"));
    const file = join(directory, "args.ts");
    writeFileSync(file, source);
    after(() => rmSync(directory, { recursive: true }));

    it("reads exported interfaces with comments, and outputs of components", () => {
        const { interfaces, components } = readDeclarations(file);
        assert.deepEqual(
            interfaces.map(({ name }) => name),
            ["ThingArgs", "Part"],
        );
        assert.deepEqual(interfaces[0].properties[0], { name: "count", type: "number", required: false, comment: "How many. Default: 1." });
        assert.deepEqual(components[0].properties, [{ name: "url", type: "string", required: true, comment: "Where it is." }]);
    });

    it("tells programs of arguments, of the types in them and of outputs, with links between them", () => {
        const { interfaces, components } = readDeclarations(file);
        const page: Page = {
            name: "thing",
            title: "Thing",
            summary: "Things.",
            sources: ["args.ts"],
            components: [{ outputs: components[0]!, types: interfaces }],
            variables: { main: [{ name: "COUNT", kind: "environment", setting: "count", default: "none", description: "How many." }] },
        };
        const text = renderPage(page, { pages: [page], blockOf: new Map(), interfaces: new Map() });
        assert.match(text, /^## Component Thing$/m);
        assert.match(text, /\| `count` \| `number` \| How many\. Default: 1\. \|/);
        assert.match(text, /\| `parts` \| \[Part\]\(#part\) by name, \*\*required\*\* \| Either a\\\|b\. \|/);
        assert.match(text, /^### Outputs of Thing$/m);
        assert.match(text, /\| `COUNT` \| environment \| `count` \| none \| How many\. \|/);
    });

    it("takes default and change out of a comment, and knows where a sentence ends", () => {
        assert.deepEqual(
            proseOf("Version, e.g. `0.1.5`. Secret. Default with TLS: the edge's `a. b`. A change replaces it; data stays. Keep it for ever."),
            { text: "Version, e.g. `0.1.5`. Keep it for ever.", default: "with TLS: the edge's `a. b`", change: "Replaces it; data stays." },
        );
        assert.deepEqual(proseOf("A change of any of them runs it."), {
            text: "A change of any of them runs it.",
            default: undefined,
            change: undefined,
        });
    });
});
