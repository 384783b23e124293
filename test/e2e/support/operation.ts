import type { Result } from "./process";

/** One operation of the CLI: how it ended, what it printed, and what the engine said it did. */
export interface Operation extends Result {
    /** Everything a person saw, without colours. */
    output: string;
    /** Operation -> number of resources, e.g. `{ create: 3, same: 1 }`. */
    counts: Record<string, number>;
    /** Resources that were, or would be, created, updated, replaced or deleted. */
    changes: number;
    /** The steps that change something, in order: `update docker:index/container:Container web`. */
    steps: string[];
}

interface EngineEvent {
    summaryEvent?: { resourceChanges?: Record<string, number> };
    resourcePreEvent?: { metadata: { op: string; urn: string } };
}

/** Reads the event log of one operation. */
export function summarize(eventLog: string): Pick<Operation, "counts" | "changes" | "steps"> {
    const events: EngineEvent[] = eventLog
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    const counts = events.flatMap((event) => (event.summaryEvent ? [event.summaryEvent.resourceChanges ?? {}] : [])).at(-1) ?? {};
    const changes = Object.entries(counts)
        .filter(([operation]) => operation !== "same" && operation !== "read")
        .reduce((sum, [, count]) => sum + count, 0);
    const steps = events
        .flatMap((event) => (event.resourcePreEvent ? [event.resourcePreEvent.metadata] : []))
        .filter(({ op }) => op !== "same" && op !== "read")
        .map(({ op, urn }) => `${op} ${urn.split("::").slice(-2)[0].split("$").at(-1)} ${urn.split("::").at(-1)}`);
    return { counts, changes, steps };
}
