import type Docker from "dockerode";
import { describe } from "../../problem";
import { checkArchitecture } from "../architecture";

/** Refuses an image that the host's processor cannot run, before anything is made from it. */
export async function refuseForeignArchitecture(docker: Docker, reference: string): Promise<void> {
    const offered = await architecturesOf(docker, reference);
    if (offered.length === 0) return;
    const { Architecture: host } = (await docker.info()) as { Architecture: string };
    const problems = offered.map((one) => checkArchitecture(one, host, `image ${reference}`));
    if (problems.every((found) => found.length > 0)) throw new Error(describe(problems[0]![0]!));
}

/** Of the image on the host; of what its registry offers, if it is not there and no image of our own; none when nobody knows. */
async function architecturesOf(docker: Docker, reference: string): Promise<string[]> {
    const image = docker.getImage(reference);
    const present = await image.inspect().catch(unlessMissing);
    if (present) return [present.Architecture];
    if (reference.startsWith("groundwork/")) return [];
    // The pull that follows says better what is wrong with a registry.
    const published = (await image.distribution().catch(() => undefined)) as { Platforms?: { architecture: string }[] } | undefined;
    // Besides platforms, indexes list attestations, whose architecture is "unknown".
    return (published?.Platforms ?? []).map(({ architecture }) => architecture).filter((name) => name && name !== "unknown");
}

function unlessMissing(problem: { statusCode?: number }): undefined {
    if (problem.statusCode !== 404) throw problem;
}
