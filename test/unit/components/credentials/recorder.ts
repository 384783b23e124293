import { generateKeyPairSync, randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** One resource as the program asked for it. A secret input is `{ secret: value }`. */
export interface Requested {
    type: string;
    name: string;
    inputs: Record<string, unknown>;
}

const CERTIFICATE = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;

/** What the providers would compute, from another generator than theirs. */
function computed({ type, name, inputs }: pulumi.runtime.MockResourceArgs): Record<string, unknown> {
    switch (type) {
        case "random:index/randomPassword:RandomPassword":
            return { result: "x".repeat(inputs.length) };
        case "random:index/randomBytes:RandomBytes": {
            const bytes = randomBytes(inputs.length);
            return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
        }
        case "tls:index/privateKey:PrivateKey":
            return keyTexts(inputs.rsaBits);
        case "tls:index/certRequest:CertRequest":
            return { certRequestPem: `request of ${name}` };
        case "tls:index/selfSignedCert:SelfSignedCert":
        case "tls:index/locallySignedCert:LocallySignedCert":
            return { certPem: CERTIFICATE(name) };
        default:
            throw new Error(`unexpected resource type ${type}`);
    }
}

function keyTexts(rsaBits: number | undefined): Record<string, unknown> {
    const pair = rsaBits ? generateKeyPairSync("rsa", { modulusLength: rsaBits }) : generateKeyPairSync("ec", { namedCurve: "P-256" });
    return {
        privateKeyPem: rsaBits ? pair.privateKey.export({ type: "pkcs1", format: "pem" }) : "unused",
        privateKeyPemPkcs8: pair.privateKey.export({ type: "pkcs8", format: "pem" }),
        publicKeyPem: pair.publicKey.export({ type: "spki", format: "pem" }),
    };
}

/** Replaces the engine by one that answers at once and writes down what it was asked for. */
export async function recordResources(): Promise<Requested[]> {
    const requested: Requested[] = [];
    await pulumi.runtime.setMocks({
        call: ({ token }) => {
            throw new Error(`unexpected call of ${token}`);
        },
        newResource: (args) => {
            const inputs = Object.entries(args.inputs).map(([key, value]) => [key, visibly(value)]);
            requested.push({ type: args.type, name: args.name, inputs: Object.fromEntries(inputs) });
            return { id: `${args.name}-id`, state: { ...plain(args.inputs), ...computed({ ...args, inputs: plain(args.inputs) }) } };
        },
    });
    return requested;
}

function isWrapped(value: unknown): value is { value: unknown } {
    return pulumi.runtime.isRpcSecret(value);
}

function visibly(value: unknown): unknown {
    return isWrapped(value) ? { secret: value.value } : value;
}

function plain(inputs: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, isWrapped(value) ? value.value : value]));
}

/** Options that write down, by logical name, the options each resource is finally created with. */
export function recordOptions(opts: pulumi.CustomResourceOptions = {}): {
    opts: pulumi.CustomResourceOptions;
    seen: Record<string, pulumi.CustomResourceOptions>;
} {
    const seen: Record<string, pulumi.CustomResourceOptions> = {};
    const spy: pulumi.ResourceTransformation = (args) => {
        seen[args.name] = args.opts;
        return undefined;
    };
    return { opts: { ...opts, transformations: [spy] }, seen };
}

/** The value of an Output, once known. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => output.apply(resolve));
}
