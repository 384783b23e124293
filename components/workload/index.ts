export * from "./types";
export { directoryPrivileges, granted, type RolePrivileges } from "./privileges";
export { PIDS_LIMIT } from "./docker/privileges";
export { DockerRuntime, type DockerRuntimeOptions } from "./docker/runtime";
export { registerHooks } from "./docker/hooks";
export { SSH_OPTIONS } from "./docker/client";
