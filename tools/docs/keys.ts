/** Reads the keys of the configuration out of its schema, and what they are out of descriptions there and doc comments of interfaces. */
import { z } from "zod";
import { isSecretText } from "../../components/settings";
import { required } from "../../stacks/schema-walk";
import type { Interface, Property } from "./interfaces";

/** Block -> interface that documents it. Of named entries: `<block>.<name>`. */
export type Roots = Record<string, string>;

export interface Key {
    /** As a person writes it: `openpectus.engines.<name>.memory`. */
    path: string;
    type: "text" | "number" | "true or false" | "list of texts" | "block";
    required: boolean;
    secret: boolean;
    comment: string;
}

/** A block and the keys directly below it. The whole file is the block with an empty path. */
export interface Block {
    path: string;
    comment: string;
    keys: Key[];
}

/** What a person puts in place of a name that they choose. */
export const NAME = "<name>";

/** Every block of the configuration: each one before those inside it. */
export function readBlocks(config: z.ZodType, roots: Roots, interfaces: Map<string, Interface>): Block[] {
    const types = { roots, interfaces };
    return blocksBelow(config, { path: "", comment: "" }, types);
}

interface Types {
    roots: Roots;
    interfaces: Map<string, Interface>;
}

/** A place in the schema; `type` is the interface that documents it. */
interface Place {
    path: string;
    comment: string;
    type?: string;
}

function blocksBelow(schema: z.core.$ZodType, { path, comment, type }: Place, types: Types): Block[] {
    const name = types.roots[path] ?? type;
    const one = name === undefined ? undefined : types.interfaces.get(name);
    const properties = propertiesOf(one, types.interfaces);
    const below = Object.entries(shapeOf(schema)).map(([key, inner]) => place(inner, path === "" ? key : `${path}.${key}`, properties.get(key)));
    const block = { path, comment: one?.comment ?? comment, keys: below.map(toKey) };
    return [block, ...below.filter(({ leaf }) => isObject(leaf)).flatMap((inner) => blocksBelow(inner.leaf, inner, types))];
}

interface Found extends Place {
    /** What stands there; for named entries, what each of them is. */
    leaf: z.core.$ZodType;
    required: boolean;
}

function place(schema: z.core.$ZodType, path: string, property: Property | undefined): Found {
    const inner = required(schema)!;
    const named = inner instanceof z.ZodRecord;
    return {
        path: named ? `${path}.${NAME}` : path,
        comment: description(schema) ?? property?.comment ?? "",
        type: property?.type,
        leaf: named ? required(inner.valueType)! : inner,
        required: inner === schema,
    };
}

function toKey({ path, comment, leaf, required: isRequired }: Found): Key {
    return { path, comment, type: typeOf(leaf), required: isRequired, secret: isSecretText(leaf) };
}

function shapeOf(schema: z.core.$ZodType): Record<string, z.core.$ZodType> {
    return schema instanceof z.ZodObject ? schema.shape : {};
}

function isObject(schema: z.core.$ZodType): boolean {
    return schema instanceof z.ZodObject;
}

function typeOf(schema: z.core.$ZodType): Key["type"] {
    if (isObject(schema)) return "block";
    const { type } = schema._zod.def;
    const words = { string: "text", number: "number", boolean: "true or false", array: "list of texts" } as const;
    if (type in words) return words[type as keyof typeof words];
    throw new Error(`the reference has no word for a ${type}`);
}

/** The one that stands nearest to the key. */
function description(schema: z.core.$ZodType): string | undefined {
    return (schema as z.ZodType).description ?? (required(schema) as z.ZodType).description;
}

export function propertiesOf(one: Interface | undefined, interfaces: Map<string, Interface>): Map<string, Property> {
    if (!one) return new Map();
    const inherited = one.extends.flatMap((base) => [...propertiesOf(interfaces.get(base), interfaces)]);
    return new Map([...inherited, ...one.properties.map((property) => [property.name, property] as const)]);
}
