import { Stop } from "./stop";
import type { Workload } from "./workloads";

/** Whoever gets the lock says so, and keeps it until its input ends: that is the case however this process ends. */
const HOLD = ["flock", "--nonblock", "/run/make-restore.lock", "sh", "-c", "echo held; exec cat"];

/**
 * One `make restore` at a time, of whatever machine: two would stop and start the same programs, and the first to end would start them
 * while the other one still exchanges their data.
 */
export async function alone<T>({ host, id, name }: Workload, work: () => Promise<T>): Promise<T> {
    const exec = await host.docker.getContainer(id).exec({ Cmd: HOLD, AttachStdin: true, AttachStdout: true });
    const stream = await exec.start({ hijack: true, stdin: true });
    const held = await new Promise<boolean>((resolve) => {
        stream.once("data", () => resolve(true));
        for (const end of ["end", "close", "error"]) stream.once(end, () => resolve(false));
    });
    if (!held) throw new Stop(`another restore with ${name} is under way: nothing was changed`);
    try {
        return await work();
    } finally {
        stream.end();
    }
}
