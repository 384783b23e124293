import { spawnSync } from "node:child_process";
import * as path from "node:path";

export type Environment = Record<string, string>;

const standIns = path.join(__dirname, "../../../../images/stand-ins");
const program = path.join(standIns, "stand-in/rootfs/usr/local/lib/stand-in");
const env = { PATH: process.env.PATH, PYTHONPATH: program, PYTHONDONTWRITEBYTECODE: "1" };

/** What the worker's program knows of its environment. */
interface WorkerSettings {
    READERS: Record<string, unknown>;
    /** Throws with a problem a line. */
    load(environment: Environment, version: string): Record<string, unknown>;
}

export const workerSettings = () =>
    import(path.join(standIns, "stand-in-lightning-worker/program/dist/settings.js")) as Promise<WorkerSettings>;

/** What the worker is refused for. */
export function workerRefusals({ load }: WorkerSettings, environment: Environment, version: string): string[] {
    try {
        load(environment, version);
        return [];
    } catch (error) {
        return (error as Error).message.split("\n");
    }
}

/** Runs the program as a container does. */
export function play(role: string, environment: Environment): { code: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync("python3", ["-m", "stand_in", role], { encoding: "utf8", env: { ...env, ...environment } });
    return { code: status, output: stdout + stderr };
}

const DRIVER = `
import json, sys
from stand_in.lightning.web_settings import load
from stand_in.settings import Refused
def problems(environment):
    try:
        load(environment)
        return []
    except Refused as refused:
        return str(refused).split("\\n")
print(json.dumps([problems(environment) for environment in json.load(sys.stdin)]))
`;

/** What a release of web refuses each environment for. All in one process: a Python for every case would take minutes in all. */
export function webRefusals(environments: Environment[], version: string): string[][] {
    const { status, stdout, stderr } = spawnSync("python3", ["-c", DRIVER], {
        encoding: "utf8",
        env: { ...env, STAND_IN_VERSION: version },
        input: JSON.stringify(environments),
    });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as string[][];
}

/** Names of the variables that web knows. */
export function webVariableNames(): string[] {
    const script = "import json; from stand_in.lightning.web_settings import READERS; print(json.dumps(list(READERS)))";
    return JSON.parse(spawnSync("python3", ["-c", script], { encoding: "utf8", env }).stdout) as string[];
}
