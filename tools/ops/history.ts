import type { Environment } from "./environment";
import { capture } from "./pulumi";

/** A run of the engine, as the backend remembers it. */
export interface Update {
    kind: string;
    result: string;
    endTime: string;
    resourceChanges?: Record<string, number>;
}

/** Newest first; empty where the backend does not tell. */
export async function history({ stack }: Environment): Promise<Update[]> {
    const { code, stdout } = await capture(["stack", "history", "--json", "--page-size", "20", "--stack", stack]);
    return code === 0 ? (JSON.parse(stdout) as Update[]) : [];
}

/**
 * The newest failed run, if one of those that failed since the last success has changed something. What was refused before it began has left all as it was.
 * A job leaves no container behind, and a container that was to be replaced is in no state, so this alone tells of them.
 */
export function unfinished(updates: Update[]): Update | undefined {
    const runs = updates.filter(({ kind }) => kind === "update" || kind === "destroy");
    const success = runs.findIndex(({ result }) => result === "succeeded");
    const since = success === -1 ? runs : runs.slice(0, success);
    const failed = since.filter(({ result }) => result === "failed");
    return failed.some(({ resourceChanges = {} }) => Object.entries(resourceChanges).some(isChange)) ? failed[0] : undefined;
}

function isChange([kind, count]: [string, number]): boolean {
    return count > 0 && !["same", "read", "refresh"].includes(kind);
}
