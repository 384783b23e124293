import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "./connection";

/** What everything on a host has. */
export interface Place {
    /** Name in the program. */
    logical: string;
    /** Name on the host. */
    physical: string;
    labels: Record<string, pulumi.Input<string>>;
    /** The label that says whose it is. Not known before the key is made. */
    mark: pulumi.Output<string>;
    connection: pulumi.Output<Connection>;
}

/** How everything is called on a host, unless a setting says otherwise. */
export function physicalName(logical: string, prefix = `${pulumi.getProject()}-${pulumi.getStack()}`): string {
    return `${prefix}-${logical}`;
}

/** What services and jobs have besides. */
export interface WorkloadPlace extends Place {
    role: string;
    /** Key of the configuration hashes. */
    hashKey: pulumi.Input<string>;
}
