import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import type { ImageUse } from "../../components/images";
import { error, type Problem } from "../../components/problem";
import { orMissing } from "../../components/workload/docker/client";
import { reasonOf, type Engine } from "./engine";

/** Images that a host has not and cannot get, and whether it has any to get. */
export async function checkImages(engine: Engine, uses: ImageUse[]): Promise<{ problems: Problem[]; pulls: boolean }> {
    const once = [...new Map(uses.map((use) => [use.reference, use] as const).reverse()).values()];
    const present = await Promise.all(once.map(({ reference }) => isPresent(engine.docker, reference)));
    const missing = once.filter((_, index) => !present[index]);
    const problems = await Promise.all(missing.map((use) => checkMissing(engine, use)));
    return { problems: problems.flat(), pulls: missing.length > 0 };
}

async function isPresent(docker: Docker, reference: string): Promise<boolean> {
    return (await orMissing(docker.getImage(reference).inspect())) !== undefined;
}

async function checkMissing({ docker, address }: Engine, { path, reference }: ImageUse): Promise<Problem[]> {
    if (reference.startsWith("groundwork/")) {
        const fix =
            "run `make images` (for another machine: `make images HOST=<address>`, or `make images PUSH=<registry>` and set the image)";
        return [error(path, `image ${reference} is not on the Docker Engine ${address}`, fix)];
    }
    const refusal = await registryRefusal(docker, reference);
    if (refusal === undefined) return [];
    const fix = "correct the name, or load the image there with `docker load`";
    return [
        error(path, `image ${reference} is not on the Docker Engine ${address}, and its registry does not hand it out (${refusal})`, fix),
    ];
}

/** What the registry answers to the engine; undefined when the image can be pulled, or only a pull can tell. */
async function registryRefusal(docker: Docker, reference: string): Promise<string | undefined> {
    try {
        await docker.getImage(reference).distribution();
        return undefined;
    } catch (problem) {
        const { statusCode, json } = problem as { statusCode?: number; json?: { message?: string } };
        // The Docker provider logs in where it pulls, with what this key holds.
        const login = pulumi.runtime.allConfig()["docker:registryAuth"] !== undefined;
        return login && (statusCode === 401 || statusCode === 403) ? undefined : (json?.message ?? reasonOf(problem as Error));
    }
}
