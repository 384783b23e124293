import { spawnSync } from "node:child_process";
import * as path from "node:path";

export type Environment = Record<string, string>;

const program = path.join(__dirname, "../../../../images/stand-ins/stand-in/rootfs/usr/local/lib/stand-in");
const env = { PATH: process.env.PATH, PYTHONPATH: program, PYTHONDONTWRITEBYTECODE: "1" };

/** Runs the program as a container does. */
export function play(role: string, environment: Environment): { code: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync("python3", ["-m", "stand_in", role], { encoding: "utf8", env: { ...env, ...environment } });
    return { code: status, output: stdout + stderr };
}

const DRIVER = `
import importlib, json, sys
from stand_in.settings import Refused
load = importlib.import_module(sys.argv[1]).load
def problems(environment):
    try:
        load(environment)
        return []
    except Refused as refused:
        return str(refused).split("\\n")
print(json.dumps([problems(environment) for environment in json.load(sys.stdin)]))
`;

/** What each environment is refused for. All in one process: a Python for every case would take minutes in all. */
export function refusals(module: string, environments: Environment[]): string[][] {
    const { status, stdout, stderr } = spawnSync("python3", ["-c", DRIVER, module], {
        encoding: "utf8",
        env,
        input: JSON.stringify(environments),
    });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as string[][];
}

/** Names of the variables that a module knows. */
export function knownVariables(module: string): string[] {
    const script = "import importlib, json, sys; print(json.dumps(list(importlib.import_module(sys.argv[1]).READERS)))";
    return JSON.parse(spawnSync("python3", ["-c", script, module], { encoding: "utf8", env }).stdout) as string[];
}
