/** Every component that other projects may use, in whatever Pulumi language: what `index.js` serves. */
export { Backup } from "../backup";
export { Edge } from "../edge";
export { Postgres } from "../postgres";
export { Lightning } from "../systems/lightning";
export { OpenPectus, OpenPectusEngine } from "../systems/openpectus";
