import type * as pulumi from "@pulumi/pulumi";
import type { Variable } from "../../variables";
import type { LightningSettings } from "./args";
import { isFrom, webRelease, workerRelease } from "./release";

/**
 * A variable of web, migrations or workers. Names and defaults are those of Lightning; sources: its deployment guide, and for what the
 * guide leaves out its own configuration code and that of the worker.
 *
 * Lightning stops on an empty value, and on any word but `true`, `yes`, `false` and `no` where it wants one of them: so a variable is
 * left out when there is nothing to say.
 */
export interface LightningVariable extends Variable<LightningValues> {
    kind: "environment" | "secret environment";
    program: "web" | "worker";
    /** Also for migrations, and for the first user: the program reads these before it does anything. */
    migrations?: boolean;
    /** First release that reads it. */
    since?: string;
    /** First release that does not read it any more. */
    until?: string;
}

/** What the tables are rendered from. */
export interface LightningValues {
    settings: LightningSettings;
    databaseUrl: pulumi.Input<string>;
    keys: KeyValues;
    /** Of the one worker that is rendered: no two have the same. */
    workerName?: string;
}

/** Keys in the text forms that their readers want. */
export interface KeyValues {
    primaryEncryptionKey: pulumi.Input<string>;
    secretKeyBase: pulumi.Input<string>;
    workerSecret: pulumi.Input<string>;
    workerRunsPrivateKey: pulumi.Input<string>;
    workerPublicKey: pulumi.Input<string>;
    /** With GitHub only. */
    repoConnectionSigningSecret?: pulumi.Input<string>;
}

export type Value = (settings: LightningSettings, values: LightningValues) => pulumi.Input<string> | number | boolean | undefined;
/** Without `reads`, every release that can be meant reads the variable. */
export type Row = [name: string, setting: string | undefined, standard: string, description: string, value: Value, reads?: Reads];
type Reads = Pick<LightningVariable, "since" | "until">;

interface TableOptions {
    /** Default: web. */
    program?: LightningVariable["program"];
    migrations?: boolean;
}

export function table(
    kind: LightningVariable["kind"],
    rows: Row[],
    { program = "web", migrations }: TableOptions = {},
): LightningVariable[] {
    return rows.map(([name, setting, standard, description, value, reads = {}]) => ({
        name,
        kind,
        program,
        ...(setting !== undefined && { setting }),
        default: standard,
        description: description + readers(reads),
        ...(migrations && { migrations }),
        ...reads,
        value: (values) => asText(value(values.settings, values)),
    }));
}

function readers({ since, until }: Reads): string {
    return (since === undefined ? "" : ` Read from release ${since} on.`) + (until === undefined ? "" : ` Read before release ${until}.`);
}

function asText(value: ReturnType<Value>): pulumi.Input<string> | undefined {
    return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}

/** The release of the program that a variable is for, if its image tells it. */
export function releaseFor({ program }: Pick<LightningVariable, "program">, settings: LightningSettings): string | undefined {
    return program === "web" ? webRelease(settings) : workerRelease(settings);
}

/** Whether the program reads the variable. If its release is not known, it may. */
export function isRead(variable: LightningVariable, settings: LightningSettings): boolean {
    const release = releaseFor(variable, settings);
    if (release === undefined) return true;
    const { since, until } = variable;
    return (since === undefined || isFrom(release, since)) && (until === undefined || !isFrom(release, until));
}

/** The parts of a container specification that a table decides. */
export interface Rendered {
    environment: Record<string, pulumi.Input<string>>;
    secretEnvironment: Record<string, pulumi.Input<string>>;
}

/** Renders a table. A variable that has nothing to say is left out, never empty, and so is one that the release does not read. */
export function render(rows: LightningVariable[], values: LightningValues): Rendered {
    const read = rows.filter((row) => isRead(row, values.settings));
    const texts = (kind: LightningVariable["kind"]) => {
        const ofKind = read.filter((row) => row.kind === kind).map((row) => [row.name, row.value(values)] as const);
        return Object.fromEntries(ofKind.filter((entry): entry is readonly [string, pulumi.Input<string>] => entry[1] !== undefined));
    };
    return { environment: texts("environment"), secretEnvironment: texts("secret environment") };
}
