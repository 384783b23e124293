/**
 * The components as a Pulumi package, for programs in whatever language. Runs from the npm package, where its schema lies beside it:
 * to read it from the TypeScript at every start would cost seconds, and the compiler.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as components from "../classes";
import { version } from "./package.json";

type Component = new (name: string, args: object, opts: pulumi.ComponentResourceOptions) => pulumi.ComponentResource;

/** Type token -> class. */
const classes = new Map(Object.entries(components).map(([name, component]) => [`groundwork:index:${name}`, component as Component]));

const text = readFileSync(join(__dirname, "schema.json"), "utf8");
const schema = JSON.parse(text) as { resources: Record<string, { properties?: object }> };

class Components implements pulumi.provider.Provider {
    readonly name = "groundwork";
    readonly version = version;

    async getSchema(): Promise<string> {
        return text;
    }

    async construct(name: string, type: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions) {
        const component = classes.get(type);
        if (!component) throw new Error(`the package groundwork has no component ${type}: it has ${[...classes.keys()].join(", ")}`);
        const instance = new component(name, inputs, options);
        const outputs = Object.keys(schema.resources[type]!.properties ?? {});
        const state = Object.fromEntries(outputs.map((output) => [output, instance[output as keyof typeof instance]]));
        return { urn: instance.urn, state };
    }
}

void pulumi.provider.main(new Components(), process.argv.slice(2));
