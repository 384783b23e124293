import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Config } from "../../stacks/config";
import { pinned } from "../support/pinned";
import { everything as everySetting } from "../unit/components/systems/lightning/settings";

export const images = { web: { image: pinned.lightning }, workers: { image: pinned["lightning-worker"] } };

export function minimal(): Config {
    return { lightning: images };
}

/** As far as settings do not exclude each other, and one that another wins over; the database is ours here, and the key pair, which differs with every run of the tests. */
export function everything(): Config {
    const { database, keys, ...settings } = everySetting();
    const { workerRunsPrivateKey: _, workerPublicKey: __, ...brought } = keys!;
    const ours = { poolSize: database!.poolSize, bundled: {} };
    const workers = { ...settings.workers, timeouts: { ...settings.workers!.timeouts, socketSeconds: 15 } };
    return { prefix: "lab", lightning: { ...settings, workers, keys: brought, database: ours, dataProtection: true, demo: {} } };
}

export function externalDatabase(): Config {
    const external = { host: "db.example.org", name: "flows", user: "owner", password: "brought/p@ssword" };
    return { lightning: { ...images, database: { external }, storage: { gcs: { bucket: "exports", credentials: serviceAccount() } } } };
}

function serviceAccount(): string {
    return Buffer.from(JSON.stringify({ client_email: "a@b.iam.example", private_key: "key of the service account" })).toString("base64");
}

export function threeWorkers(): Config {
    const workers = { ...images.workers, replicas: 3, capacity: 2 };
    return { lightning: { ...images, workers, limits: { maxRunDurationSeconds: 900, maxRunMemoryMb: 256 } } };
}

/** The block that stands commented out in a stack file, as a person takes the comment signs away. */
export function uncommented(stack: string): Config["lightning"] {
    const text = readFileSync(join(__dirname, "../..", `Pulumi.${stack}.yaml`), "utf8");
    const block = text.slice(text.indexOf("  # groundwork:lightning:")).replaceAll(/^ {2}# /gm, "  ");
    return (parse(block) as { "groundwork:lightning": Config["lightning"] })["groundwork:lightning"];
}
