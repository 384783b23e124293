import { z } from "zod";

/** Way to a value in the configuration. */
export type Path = (string | number)[];

/** The schema below a key, or undefined if there is none. */
export function childSchema(schema: z.core.$ZodType | undefined, key: string | number): z.core.$ZodType | undefined {
    const inner = required(schema);
    if (inner instanceof z.ZodObject) return inner.shape[key] as z.core.$ZodType | undefined;
    if (inner instanceof z.ZodRecord) return inner.valueType;
    return inner instanceof z.ZodArray ? inner.element : undefined;
}

export function schemaAt(schema: z.core.$ZodType | undefined, path: Path): z.core.$ZodType | undefined {
    return path.reduce((at: z.core.$ZodType | undefined, key) => childSchema(at, key), schema);
}

/** The keys that an object may have; none for everything else. */
export function knownKeys(schema: z.core.$ZodType | undefined): string[] {
    const inner = required(schema);
    return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

export function required(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
    return schema instanceof z.ZodOptional ? required(schema.unwrap()) : schema;
}

export function valueAt(value: unknown, path: Path): unknown {
    return path.reduce((at: unknown, key) => (at as Record<string | number, unknown> | null | undefined)?.[key], value);
}

/** As people write it: `openpectus.engines.reactor-1.port`. A key that contains dots is quoted, as `pulumi config --path` wants it. */
export function pathText(path: Path): string {
    return path.map((key, index) => (/[.[\]"]/.test(String(key)) ? `["${key}"]` : `${index ? "." : ""}${key}`)).join("");
}
