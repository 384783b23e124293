/** Every component that other projects may use, in whatever Pulumi language. */
export { Backup } from "./backup/backup";
export { Edge } from "./edge/edge";
export { Postgres } from "./postgres/postgres";
export { Lightning } from "./systems/lightning/lightning";
export { OpenPectusEngine } from "./systems/openpectus/engine";
export { OpenPectus } from "./systems/openpectus/openpectus";
