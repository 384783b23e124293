import { z } from "zod";

/**
 * What settings schemas are written with. Arguments (for programs, with `Input`s) and schema (for config files, plain values) stand
 * side by side; `z.strictObject({ … } satisfies Matches<Args>)` proves at compile time that they have the same keys and types.
 */
export type Matches<T> = { [K in keyof Required<T>]: z.ZodType<T[K]> };

/** A value that is only accepted encrypted in a config file. Plain while it is checked, a secret from then on. */
export const secretText = () => z.string().meta({ secret: true });

/** Whether a schema is one of `secretText`. */
export function isSecretText(schema: z.core.$ZodType): boolean {
    return (schema as z.ZodType).meta()?.secret === true;
}
