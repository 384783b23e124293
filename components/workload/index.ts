export * from "./types";
export { DockerRuntime, type DockerRuntimeOptions } from "./docker/runtime";
export { registerHooks } from "./docker/hooks";
export { SSH_OPTIONS } from "./docker/client";
