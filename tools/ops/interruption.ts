const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs `work` to its end although somebody types Ctrl-C, ends the process or loses the connection; `interruption` tells it so.
 * Output that nobody can read any more is no reason to stop either.
 */
export async function uninterrupted<T>(work: (interruption: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const interrupt = () => controller.abort();
    const ignore = () => undefined;
    for (const signal of SIGNALS) process.on(signal, interrupt);
    for (const stream of [process.stdout, process.stderr]) stream.on("error", ignore);
    try {
        return await work(controller.signal);
    } finally {
        for (const signal of SIGNALS) process.off(signal, interrupt);
        for (const stream of [process.stdout, process.stderr]) stream.off("error", ignore);
    }
}
