import { jobProvider, type JobInputs } from "../../components/workload/docker/job-provider";
import { LABEL } from "../../components/workload/docker/labels";
import { environment } from "./environment";
import { exportState } from "./pulumi";
import { readable, type Resource } from "./state";
import { Stop } from "./stop";

const JOB = "pulumi-nodejs:dynamic/groundwork:Job";

/** The role of a job that brings a database to the version of the deployed programs, and changes nothing in one that is there. */
const ROLE = "migrate";

/** The migrations of a system as the last update ran them. They hold secrets: never print them. */
export async function migrationsOf(system: string): Promise<JobInputs[]> {
    const exported = await exportState(environment(), { showSecrets: true });
    return migrationJobs(exported?.deployment.resources ?? [], system);
}

export function migrationJobs(resources: Resource[], system: string): JobInputs[] {
    return resources
        .filter(({ type }) => type === JOB)
        .map(({ inputs }) => readable(inputs) as JobInputs)
        .filter(({ labels }) => labels[LABEL.system] === system && labels[LABEL.role] === ROLE);
}

/** A backup may be older than the programs, which do not look for that when they start or reconnect. */
export async function migrate(jobs: JobInputs[]): Promise<void> {
    for (const job of jobs) {
        console.log(`${job.name}: bringing the restored data to the version of the programs`);
        await jobProvider.create!(job).catch((problem: Error) => {
            throw new Stop(
                `the data is restored, but its migrations failed: ${problem.message}\nrun the restore again when that is mended`,
            );
        });
    }
}
