export * from "./args";
export { OpenPectusEngine } from "./engine";
export { images } from "./images";
export { OpenPectus } from "./openpectus";
export { check, claims } from "./rules";
export { aggregatorVariables, engineVariables } from "./variables";
export { volumes } from "./volumes";
