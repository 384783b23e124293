/** Ends a verb with one line for the person who typed it. */
export class Stop extends Error {
    constructor(
        message: string,
        readonly code = 1,
    ) {
        super(message);
    }
}

/** Runs a verb: its result is the exit code, its failure one line on stderr. `DEBUG=yes` shows the stack trace as well. */
export function run(main: () => Promise<number | void>): void {
    // Who reads only the beginning, as `| head` does, has seen enough.
    process.stdout.on("error", (problem: NodeJS.ErrnoException) => {
        if (problem.code !== "EPIPE") throw problem;
        process.exit();
    });
    Promise.resolve()
        .then(main)
        .then(
            (code) => {
                process.exitCode = code ?? 0;
            },
            (problem: unknown) => {
                if (process.env.DEBUG) console.error(problem);
                console.error(`error: ${problem instanceof Error ? problem.message : String(problem)}`);
                process.exitCode = problem instanceof Stop ? problem.code : 1;
            },
        );
}
