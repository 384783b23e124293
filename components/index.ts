/** What other projects use: every component, and the types of its arguments. */
export { Backup } from "./backup/backup";
export type * from "./backup/args";
export { Edge } from "./edge/edge";
export type * from "./edge/args";
export { Postgres } from "./postgres/postgres";
export type * from "./postgres/args";
export { Lightning } from "./systems/lightning/lightning";
export type * from "./systems/lightning/args";
export { OpenPectusEngine } from "./systems/openpectus/engine";
export { OpenPectus } from "./systems/openpectus/openpectus";
export type * from "./systems/openpectus/args";
