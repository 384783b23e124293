import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";

/** One resource as a component asked for it. A secret input, or part of one, is `{ secret: value }`. */
export interface Requested {
    type: string;
    name: string;
    /** Logical name of the component around it; empty at the top. */
    parent: string;
    /** Logical name of an explicit provider. */
    provider?: string;
    inputs: Record<string, unknown>;
    /** Logical names of what must be there first. */
    dependsOn: string[];
    /** Logical names of what it is replaced together with, and before. */
    replaceWith: string[];
    ignoreChanges: string[];
    protect: boolean;
    retainOnDelete: boolean;
}

export interface Recording {
    requested: Requested[];
    /** The one resource of a logical name. */
    get(name: string): Requested;
}

/** Which run is played. In a preview nothing is known that a provider would compute. */
export interface Run {
    project?: string;
    stack?: string;
    preview?: boolean;
}

/** What an unknown input is shown as. */
export const UNKNOWN = "[unknown]";

/** Replaces the engine by one that answers at once and writes down what it was asked for. */
export async function record({ project = "project", stack = "stack", preview = false }: Run = {}): Promise<Recording> {
    const requested: Requested[] = [];
    const newResource = preview ? foresee : answer;
    await pulumi.runtime.setMocks({ call: ({ inputs }) => inputs, newResource }, project, stack, preview);
    watch(pulumi.runtime.getMonitor() as unknown as Monitor, requested);
    const get = (name: string) => {
        const found = requested.filter((resource) => resource.name === name);
        if (found.length !== 1)
            throw new Error(`${found.length} resources are called ${name}: ${requested.map((one) => one.name).join(", ")}`);
        return found[0]!;
    };
    return { requested, get };
}

type Callback = (error: unknown, response: unknown) => void;

/** The part of the mocked engine that knows more than it tells: options do not reach `newResource`, and hooks are missing. */
interface Monitor {
    registerResource(request: RegisterResourceRequest, callback: Callback): Promise<void>;
    registerResourceHook(request: unknown, callback: Callback): void;
}

function watch(monitor: Monitor, requested: Requested[]): void {
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
        const inputs = pulumi.runtime.deserializeProperties(request.getObject()!);
        requested.push({
            type: request.getType(),
            name: request.getName(),
            parent: nameOf(request.getParent()),
            ...(request.getProvider() && { provider: nameOf(request.getProvider().replace(/::[^:]*$/, "")) }),
            inputs: visibly(inputs) as Record<string, unknown>,
            dependsOn: request.getDependenciesList().map(nameOf).sort(),
            replaceWith: request.getReplaceWithList().map(nameOf),
            ignoreChanges: request.getIgnorechangesList(),
            protect: request.getProtect() ?? false,
            retainOnDelete: request.getRetainondelete() ?? false,
        });
        return register(request, callback);
    };
    monitor.registerResourceHook = (_request, callback) => callback(null, {});
}

function nameOf(urn: string): string {
    return urn.endsWith("::pulumi:pulumi:Stack::" + urn.split("::").at(-1)) ? "" : urn.split("::").at(-1)!;
}

function foresee(args: pulumi.runtime.MockResourceArgs): { id: string; state: Record<string, unknown> } {
    return { id: "", state: faithfully(args.inputs) as Record<string, unknown> };
}

function answer(args: pulumi.runtime.MockResourceArgs): { id: string; state: Record<string, unknown> } {
    return { id: `${args.name}-id`, state: { ...(faithfully(args.inputs) as object), ...computed(args) } };
}

/** What the providers would compute. */
function computed({ type, name }: pulumi.runtime.MockResourceArgs): Record<string, unknown> {
    switch (type.split(":").at(-1)) {
        case "RandomPassword":
            return { result: pulumi.secret(`${name}-value`) };
        case "PrivateKey":
            return {
                privateKeyPem: pulumi.secret(`${name}-pem`),
                privateKeyPemPkcs8: pulumi.secret(`${name}-pem`),
                publicKeyPem: `${name}-public-pem`,
            };
        case "RandomBytes":
            return { base64: pulumi.secret(base64(`${name}-bytes`)), hex: pulumi.secret(`${name}-hex`) };
        case "CertRequest":
            return { certRequestPem: `${name}-pem` };
        case "SelfSignedCert":
        case "LocallySignedCert":
            return { certPem: `${name}-pem\n` };
        case "RemoteImage":
            return { imageId: `${name}-id` };
        default:
            return {};
    }
}

function base64(text: string): string {
    return Buffer.from(text).toString("base64");
}

function visibly(value: unknown): unknown {
    return transform(value, (inner) => ({ secret: inner }), UNKNOWN);
}

/** As an engine answers: what came in secret goes out secret. */
function faithfully(value: unknown): unknown {
    return transform(value, (inner) => pulumi.secret(inner));
}

function transform(value: unknown, onSecret: (inner: unknown) => unknown, unknown?: string): unknown {
    if (pulumi.isUnknown(value)) return unknown ?? value;
    const inside = (inner: unknown) => transform(inner, onSecret, unknown);
    if (pulumi.runtime.isRpcSecret(value)) return onSecret(inside(pulumi.runtime.unwrapRpcSecret(value)));
    if (Array.isArray(value)) return value.map(inside);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inside(inner)]));
}

/** The value of an Output, once known. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return (output as unknown as { promise(): Promise<T> }).promise();
}
