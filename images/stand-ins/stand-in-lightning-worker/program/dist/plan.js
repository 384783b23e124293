/** From the plan of a run, as web tells it, to the plan that the engine executes. */

/** Conditions that web knows by a name; every other is an expression of its own. */
const CONDITIONS = {
    always: () => true,
    on_job_success: (source) => ({ condition: `!state.errors?.["${source}"]` }),
    on_job_failure: (source) => ({ condition: `Boolean(state.errors?.["${source}"])` }),
};

function edgeOf({ condition, enabled, source_job_id, source_trigger_id }) {
    if (enabled === false) return { disabled: true };
    const named = CONDITIONS[condition ?? "always"];
    return named ? named(source_job_id ?? source_trigger_id) : { condition };
}

/** The steps that follow a job or a trigger: id -> on which condition. */
function nextOf(id, edges) {
    const leaving = edges.filter((edge) => edge.source_job_id === id || edge.source_trigger_id === id);
    return leaving.length > 0 ? { next: Object.fromEntries(leaving.map((edge) => [edge.target_job_id, edgeOf(edge)])) } : {};
}

export function executionPlan({ id, triggers = [], jobs, edges = [], starting_node_id }) {
    const starts = triggers.map((trigger) => ({ id: trigger.id, ...nextOf(trigger.id, edges) }));
    const steps = jobs.map((job) => ({
        id: job.id,
        name: job.name ?? job.id,
        expression: job.body,
        adaptors: job.adaptor ? [job.adaptor] : [],
        ...(job.credential_id ? { configuration: job.credential_id } : {}),
        ...nextOf(job.id, edges),
    }));
    return { id, workflow: { steps: [...starts, ...steps] }, options: { start: starting_node_id } };
}

/** What web wants for this run alone, in the words of the engine. */
export function engineOptions({ run_timeout_ms, run_memory_limit_mb, payload_limit_mb } = {}) {
    const options = { runTimeoutMs: run_timeout_ms, memoryLimitMb: run_memory_limit_mb, payloadLimitMb: payload_limit_mb };
    return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Jobs that get the input of the run: the first one, or those behind the trigger. */
export function firstJobs(plan) {
    const start = plan.workflow.steps.find(({ id }) => id === plan.options.start);
    return start.expression === undefined ? Object.keys(start.next ?? {}) : [start.id];
}
