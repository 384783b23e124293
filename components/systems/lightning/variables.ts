/** Every variable that web, migrations and workers get. */
export * from "./variable-table";
export { notRendered, webVariables } from "./web-variables";
export { workerVariables } from "./worker-variables";
