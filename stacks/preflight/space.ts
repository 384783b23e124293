import { statfs } from "node:fs/promises";
import { error, type Problem } from "../../components/problem";

/** GiB: what the images of one system take, unpacked. */
export const LEAST_FREE = 2;

/** Only for an engine of this machine: the Docker API does not tell free space. */
export async function checkSpace(host: string, directory: string): Promise<Problem[]> {
    const free = await freeGib(directory);
    if (free === undefined || free >= LEAST_FREE) return [];
    const fix = `free at least ${LEAST_FREE} GiB; \`docker system df\` shows what takes them`;
    return [error(`hosts.${host}`, `only ${free.toFixed(1)} GiB are free in ${directory}, and there is something to create`, fix)];
}

/** Undefined: nobody may look there. */
async function freeGib(directory: string): Promise<number | undefined> {
    try {
        const { bavail, bsize } = await statfs(directory);
        return (bavail * bsize) / 2 ** 30;
    } catch {
        return undefined;
    }
}
