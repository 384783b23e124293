export * from "./args";
export { images } from "./images";
export { Lightning } from "./lightning";
export { check, claims } from "./rules";
export { lightningSchema, type LightningBlock } from "./schema";
export { webVariables, workerVariables, type LightningVariable } from "./variables";
export { volumes } from "./volumes";
