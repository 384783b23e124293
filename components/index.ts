/** The npm package: the components, and the types of their arguments. */
export * from "./classes";
export type * from "./backup/args";
export type * from "./edge/args";
export type * from "./postgres/args";
export type * from "./systems/lightning/args";
export type * from "./systems/openpectus/args";
