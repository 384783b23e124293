/** The parts of an exported Pulumi state that the verbs look at. */
export interface Exported {
    version: number;
    deployment: Deployment;
}

export interface Deployment {
    resources?: Resource[];
    pending_operations?: PendingOperation[];
}

export interface Resource {
    urn: string;
    type: string;
    custom?: boolean;
    id?: string;
    inputs?: Record<string, unknown>;
    outputs?: Record<string, unknown>;
    /** It is replaced already and only waits to be deleted. */
    delete?: boolean;
    parent?: string;
    dependencies?: string[];
    propertyDependencies?: Record<string, string[]>;
    deletedWith?: string;
    provider?: string;
    protect?: boolean;
    resourceHooks?: Record<string, string[]>;
}

export interface PendingOperation {
    type: string;
    resource: Resource;
}

const CONTAINER = "docker:index/container:Container";
const VOLUME = "docker:index/volume:Volume";
const NETWORK = "docker:index/network:Network";

export function isContainer(resource: Resource): boolean {
    return resource.type === CONTAINER;
}

/** Which machine a host is, and what is kept there. */
export function isDockerHost({ type }: Resource): boolean {
    return type === "groundwork:index:DockerHost";
}

export function isVolume(resource: Resource): boolean {
    return resource.type === VOLUME;
}

export function isNetwork(resource: Resource): boolean {
    return resource.type === NETWORK;
}

/** Credentials may be what opens the data, and the state is the only place where they are. */
export function isCredential(resource: Resource): boolean {
    return /^(random|tls):/.test(resource.type);
}

/** A container that refuses to be stopped without permission. */
export function isGuarded(resource: Resource): boolean {
    return isContainer(resource) && (resource.resourceHooks?.BeforeDelete ?? []).length > 0;
}

/** A container that must not be interrupted, as its component wrote it into the state. */
export interface Guarded {
    container: string;
    /** What it is called, e.g. `engine "reactor-1"`. */
    subject: string;
    allowRestart: boolean;
    /** Run inside the container; prints one line. */
    statusCommand?: string[];
}

/** What the components told, of the containers that they made: two hosts may have containers of the same name. */
export interface GuardedResource extends Guarded {
    resource: Resource;
}

/** The guarded containers of a state; those that an older release deployed are known by their hook alone. */
export function guardedContainers(resources: Resource[]): GuardedResource[] {
    const told = new Map(resources.map(({ urn, outputs }) => [urn, outputs?.guarded as Guarded | undefined]));
    return resources.filter(isGuarded).map((resource) => {
        const container = physicalName(resource);
        return { ...(told.get(resource.parent ?? "") ?? { container, subject: container, allowRestart: false }), resource };
    });
}

/** A run that was stopped while it deleted has lost nothing that it was to keep. */
export function isBeingDeleted({ urn }: Resource, { pending_operations: pending = [] }: Deployment): boolean {
    return pending.some(({ type, resource }) => type === "deleting" && resource.urn === urn);
}

/** The name a resource has in the program. */
export function logicalName(resource: Pick<Resource, "urn">): string {
    return resource.urn.slice(resource.urn.lastIndexOf("::") + 2);
}

/** The name a resource has on its host. */
export function physicalName(resource: Resource): string {
    return typeof resource.inputs?.name === "string" ? resource.inputs.name : logicalName(resource);
}

export interface Selection {
    /** What `make down` removes. */
    goes: Resource[];
    /** Data, credentials and whatever else is protected. */
    stays: Resource[];
}

/**
 * Splits the resources of a state for `make down`. `pulumi destroy --exclude-protected` cannot do it: it also spares
 * everything that shares a parent with something protected. Here only what the data stands on is spared as well.
 */
export function selectForDown(resources: Resource[]): Selection {
    const stays = resources.filter((resource) => isVolume(resource) || isCredential(resource) || resource.protect);
    const spared = withFoundations(stays, resources);
    const goes = resources.filter((resource) => !spared.has(resource.urn) && !isScaffold(resource));
    return { goes, stays };
}

/** The stack itself, its providers and which machine a host is: entries of the state, not things on a host. */
function isScaffold(resource: Resource): boolean {
    return isDockerHost(resource) || resource.type === "pulumi:pulumi:Stack" || resource.type.startsWith("pulumi:providers:");
}

/** Containers, networks, images and jobs: data may have been made after them, but it does not stand on them. */
function isService(resource: Resource): boolean {
    return /^(docker|pulumi-nodejs):/.test(resource.type) && !isVolume(resource);
}

function withFoundations(start: Resource[], resources: Resource[]): Set<string> {
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    const found = new Set<string>();
    const open = start.map((resource) => resource.urn);
    for (let urn = open.pop(); urn !== undefined; urn = open.pop()) {
        if (found.has(urn)) continue;
        found.add(urn);
        const below = foundations(byUrn.get(urn)).map((other) => byUrn.get(other));
        open.push(...below.filter((other) => other !== undefined && !isService(other)).map((other) => other!.urn));
    }
    return found;
}

/** The URN of a provider, from the reference `<urn>::<id>` that resources have. */
export function urnOf(provider: string | undefined): string {
    return provider?.slice(0, provider.lastIndexOf("::")) ?? "";
}

function foundations(resource: Resource | undefined): string[] {
    const { parent, dependencies, propertyDependencies, deletedWith, provider } = resource ?? {};
    const providerUrn = urnOf(provider);
    const named = [parent, deletedWith, providerUrn].filter((urn): urn is string => !!urn);
    return [...named, ...(dependencies ?? []), ...Object.values(propertyDependencies ?? {}).flat()];
}

/** Everything that was made after one of these, however far behind; in the order of the state, which has what others depend on first. */
export function dependents(start: Resource[], resources: Resource[]): Resource[] {
    const found = new Set(start.map(({ urn }) => urn));
    return resources.filter((resource) => {
        if (!resource.dependencies?.some((urn) => found.has(urn))) return false;
        found.add(resource.urn);
        return true;
    });
}

/**
 * The same state, in which nothing that stays depends on something that goes: an engine's volume is made after the
 * aggregator it waits for, and Pulumi would therefore refuse to delete the aggregator alone. The next update writes the
 * dependencies anew. Undefined when there is nothing to cut.
 */
export function cutLoose(exported: Exported, goes: Resource[]): Exported | undefined {
    const gone = new Set(goes.map(({ urn }) => urn));
    const resources = exported.deployment.resources ?? [];
    const bound = resources.filter((resource) => !gone.has(resource.urn) && foundations(resource).some((urn) => gone.has(urn)));
    if (bound.length === 0) return undefined;
    const stays = (urn: string) => !gone.has(urn);
    const loose = (resource: Resource): Resource => ({
        ...resource,
        dependencies: resource.dependencies?.filter(stays),
        propertyDependencies:
            resource.propertyDependencies &&
            Object.fromEntries(Object.entries(resource.propertyDependencies).map(([property, urns]) => [property, urns.filter(stays)])),
        deletedWith: resource.deletedWith && stays(resource.deletedWith) ? resource.deletedWith : undefined,
    });
    const changed = resources.map((resource) => (bound.includes(resource) ? loose(resource) : resource));
    return { ...exported, deployment: { ...exported.deployment, resources: changed } };
}

/** Types whose interrupted creation leaves nothing that the next run cannot find and remove by its name and labels. */
const HARMLESS = /^(docker|random|tls|pulumi-nodejs|pulumi:providers):/;

/** A component is an entry of the state alone. */
function isHarmless({ type, custom }: Resource): boolean {
    return custom === false || HARMLESS.test(type);
}

/** The creations that a killed run left open: `harmless` ones may be forgotten, the others stand for something that may cost money. */
export function pendingCreations(deployment: Deployment): { harmless: PendingOperation[]; others: PendingOperation[] } {
    const creations = (deployment.pending_operations ?? []).filter((operation) => operation.type === "creating");
    return {
        harmless: creations.filter(({ resource }) => isHarmless(resource)),
        others: creations.filter(({ resource }) => !isHarmless(resource)),
    };
}

/** The same state without the operations given. */
export function withoutPending(exported: Exported, dropped: PendingOperation[]): Exported {
    const pending = (exported.deployment.pending_operations ?? []).filter((operation) => !dropped.includes(operation));
    return { ...exported, deployment: { ...exported.deployment, pending_operations: pending } };
}

const SECRET_KEY = "4dabf18193072939515e22adb298388d";

export function isSecret(value: unknown): value is object {
    return typeof value === "object" && value !== null && SECRET_KEY in value;
}

/** A value of a state exported with `--show-secrets`: secrets are wrapped there, with their JSON as plain text. */
export function plainValue(value: unknown): unknown {
    if (!isSecret(value)) return value;
    const { plaintext } = value as { plaintext?: string };
    return plaintext === undefined ? undefined : JSON.parse(plaintext);
}

/** The same for everything in a value. */
export function readable(value: unknown): unknown {
    const plain = plainValue(value);
    if (Array.isArray(plain)) return plain.map(readable);
    if (typeof plain !== "object" || plain === null) return plain;
    return Object.fromEntries(Object.entries(plain).map(([key, inner]) => [key, readable(inner)]));
}
