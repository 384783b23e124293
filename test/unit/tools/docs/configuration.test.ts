import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import * as published from "../../../../components/classes";
import { configSchema } from "../../../../stacks/config";
import { anchors, tables } from "./markdown";

const folder = join(__dirname, "..", "..", "..", "..", "docs", "reference");
const pages = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));

interface Node {
    type?: string;
    secret?: boolean;
    properties?: Record<string, Node>;
    additionalProperties?: Node | boolean;
    items?: Node;
}

/** Every key of the configuration as a person writes it, `<name>` for what they name themselves. The generator walks the schema otherwise. */
function keysOf(node: Node, path: string): [string, Node][] {
    const { additionalProperties: named } = node;
    if (typeof named === "object") return keysOf(named, `${path}.<name>`);
    const below = Object.entries(node.properties ?? {}).flatMap(([key, inner]) => keysOf(inner, path ? `${path}.${key}` : key));
    return path === "" ? below : [[path, node], ...below];
}

const keys = new Map(keysOf(z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }) as Node, ""));

/** The rows that tell of keys, by key. */
function rows(): Map<string, string[][]> {
    const found = new Map<string, string[][]>();
    for (const { heading, rows: all } of [...pages.values()].flatMap(tables)) {
        if (heading[0] !== "Key") continue;
        for (const row of all) {
            const key = row[0]!.replace(/^`|`$/g, "");
            found.set(key, [...(found.get(key) ?? []), row]);
        }
    }
    return found;
}

describe("docs/reference", () => {
    it("has one row for every key of the configuration, and none for anything else", () => {
        assert.ok(keys.size > 200, "the schema has keys");
        const found = rows();
        const missing = [...keys.keys()].filter((key) => !found.has(key));
        const strange = [...found.keys()].filter((key) => !keys.has(key));
        const twice = [...found].filter(([, all]) => all.length > 1).map(([key]) => key);
        assert.deepEqual({ missing, strange, twice }, { missing: [], strange: [], twice: [] });
    });

    it("says of each key its type, its default and what it does, and of secrets that they are", () => {
        const found = rows();
        assert.ok(found.size > 200, "there are rows");
        for (const [key, [row]] of found) {
            assert.equal(row!.length, 5, key);
            assert.deepEqual(
                [row![0], row![1], row![2], row![3]!.replace("–", ""), row![4]].filter((cell) => cell === ""),
                [],
                `${key}: ${row!.join(" | ")}`,
            );
            assert.equal(row![1]!.includes("**secret**"), keys.get(key)!.secret === true, key);
        }
    });

    it("tells the unit of a number that has one", () => {
        const units = { "edge.readTimeoutSeconds": "seconds", "edge.maxBodySizeMb": "MiB", memory: "MiB", "edge.httpsPort": "port" };
        const found = rows();
        for (const [key, unit] of Object.entries(units)) assert.match(found.get(`openpectus.${key}`)![0]![1]!, new RegExp(unit), key);
    });

    it("describes the arguments and outputs of every published component, and no type that is in none of them", () => {
        const text = [...pages.values()].join("\n");
        for (const name of Object.keys(published)) assert.match(text, new RegExp(`^## Component ${name}$`, "m"));
        for (const internal of ["Runtime", "ServiceSpec", "GuardedContainer"]) assert.doesNotMatch(text, new RegExp(`^#+ ${internal}$`, "m"));
        assert.doesNotMatch(pages.get("hosts.md")!, /Placement/);
    });

    it("has no heading twice on a page: a link would lead to the wrong one", () => {
        for (const [page, text] of pages) assert.deepEqual([...anchors(text)].filter((anchor) => /-1$/.test(anchor)), [], page);
    });

    it("has an index that says what is on each page", () => {
        const index = pages.get("README.md")!;
        for (const page of pages.keys()) if (page !== "README.md") assert.match(index, new RegExp(`\\(${page}\\) \\|.{20,}`), page);
    });
});
