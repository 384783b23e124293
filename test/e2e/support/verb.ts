import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Stack } from "../harness";
import { root } from "./process";
import { until } from "./wait";

/** A verb of `make` on a stack of a test's own, seen while it runs. */
export class Verb {
    output = "";
    /** Resolves to the exit code; null when it was killed. */
    readonly ended: Promise<number | null>;

    private constructor(private readonly child: ChildProcess) {
        for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk) => (this.output += chunk));
        (child.stdio[3] as Readable).resume();
        this.ended = new Promise((resolve) => child.on("close", resolve));
    }

    /** @param script name of a file in tools/ops, without its end */
    static start(stack: Stack, script: string, variables: Record<string, string>): Verb {
        const env = { ...stack.env, STACK: stack.name, ...variables };
        const args = ["--import", join(root, "node_modules", "tsx", "dist", "loader.mjs"), join(root, "tools", "ops", `${script}.ts`)];
        // The last one is where `recover` answers to `make up`.
        return new Verb(spawn(process.execPath, args, { cwd: stack.program, env, stdio: ["ignore", "pipe", "pipe", "pipe"] }));
    }

    /** Resolves when the verb has said something. */
    async says(words: RegExp): Promise<void> {
        await until(`${words}`, () => words.test(this.output)).catch((problem: Error) => {
            throw new Error(`${problem.message}\n${this.output}`);
        });
    }

    signal(name: NodeJS.Signals): void {
        this.child.kill(name);
    }
}
