import { X509Certificate } from "node:crypto";
import { environment } from "./environment";
import { executeQuietly } from "./execute";
import { logicalName, type Resource } from "./state";
import { table } from "./table";
import type { Workload } from "./workloads";

const DAY = 24 * 3600 * 1000;
const HEADINGS = ["SYSTEM", "CERTIFICATE FOR", "DAYS LEFT", "EXPIRES", "RENEWED BY"];

/** From here on people are told of a certificate that renews itself only with their help. */
const DAYS_OF_WARNING = 30;
/** From here on `make status` fails; for short-lived certificates it is a fifth of their life. */
const DAYS_OF_ALARM = 14;
/** The last year, in which an update renews an authority (components/credentials/certificates.ts). */
const AUTHORITY_DAYS = 365;

/** The subject of what the proxy shows until it has a certificate (images/edge). */
const STAND_IN = "CN=not yet issued";

/** How a certificate is renewed: the block of `edge.tls`, `acme` for those that need nobody. */
export type Renewal = "acme" | "devCa" | "manualDns" | "provided";

/** What an edge shows to its clients. */
export interface Served {
    system: string;
    /** The name of the edge, e.g. `openpectus-edge`. */
    component: string;
    /** Name of the container. */
    container: string;
    renewal: Renewal;
    /** Absent when nothing came back. */
    certificate?: X509Certificate;
}

/** Prints the certificates that the edges among the workloads serve; false when one has expired or soon will. */
export async function reportCertificates(workloads: Workload[], resources: Resource[]): Promise<boolean> {
    const served = await Promise.all(workloads.filter(servesTls).map((workload) => ask(workload, resources)));
    if (served.length === 0) return true;
    const now = new Date();
    const command = commandOf(environment().stack);
    console.log(`\n${table(HEADINGS, served.map((one) => row(one, now, command)).sort())}`);
    const findings = served.flatMap((one) => judge(one, now, command) ?? []);
    for (const { level, text } of findings) console.error(`${level}: ${text}`);
    return findings.every(({ level }) => level === "warning");
}

/** A verb as a person types it for this environment. */
export type Command = (verb: string, variables?: string) => string;

export function commandOf(stack: string): Command {
    return (verb, variables) => `\`${["make", verb, stack !== "dev" && `STACK=${stack}`, variables].filter(Boolean).join(" ")}\``;
}

export function servesTls({ role, info }: Pick<Workload, "role" | "info">): boolean {
    return (
        role === "edge" && info.State === "running" && info.Ports.some(({ PrivatePort, PublicPort }) => PrivatePort === 443 && PublicPort)
    );
}

/** What clients get counts, not what lies in a file: so the proxy itself is asked, inside its container. */
async function ask(workload: Workload, resources: Resource[]): Promise<Served> {
    const { system, component, name: container } = workload;
    const command = ["timeout", "10", "openssl", "s_client", "-connect", "127.0.0.1:443"];
    const { output } = await executeQuietly(workload, command).catch(() => ({ output: "" }));
    return { system, component, container, renewal: renewalOf(component, resources), certificate: firstCertificate(output) };
}

export function firstCertificate(text: string): X509Certificate | undefined {
    const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
    return pem === undefined ? undefined : new X509Certificate(pem);
}

/** What stands beside an edge in the state tells where its certificate comes from. */
export function renewalOf(component: string, resources: Resource[]): Renewal {
    const names = new Set(resources.map((resource) => `${resource.type.split(":").at(-1)} ${logicalName(resource)}`));
    if (names.has(`Container ${component}-renewal`)) return "acme";
    if (names.has(`LocallySignedCert ${component}-tls-certificate`)) return "devCa";
    return names.has(`Volume ${component}-certificates`) ? "manualDns" : "provided";
}

const RENEWED_BY: Record<Renewal, (command: Command) => string> = {
    acme: () => "itself, twice a day",
    devCa: (command) => `${command("up")}, from 90 days before`,
    manualDns: () => "you, with the output certificateCommand",
    provided: () => "you, in edge.tls.provided",
};

function row({ system, certificate, renewal }: Served, now: Date, command: Command): string[] {
    const issued = certificate !== undefined && certificate.subject !== STAND_IN;
    const dates = issued
        ? [String(Math.floor(daysUntil(endOf(certificate), now))), endOf(certificate).toISOString().slice(0, 10)]
        : ["-", "-"];
    return [system, certificate === undefined ? "-" : namesOf(certificate), ...dates, RENEWED_BY[renewal](command)];
}

interface Finding {
    level: "warning" | "error";
    text: string;
}

/** Whether something must be done about a certificate, and what. */
export function judge({ system, component, container, renewal, certificate }: Served, now: Date, command: Command): Finding | undefined {
    const path = pathOf(component);
    if (!certificate)
        return { level: "error", text: `${path}: ${container} shows no certificate: look at ${command("logs", `ROLE=${container}`)}` };
    const what = `the certificate for ${namesOf(certificate)}`;
    const fix = {
        acme: `${command("logs", `ROLE=${container}-renewal`)} says why it was not renewed`,
        devCa: `run ${command("up")}`,
        manualDns: `run what ${command("outputs", `NAME=${system}.certificateCommand`)} prints`,
        provided: `give a new one in ${path}.tls.provided and run ${command("up")}`,
    }[renewal];
    if (certificate.subject === STAND_IN) return { level: "error", text: `${path}: ${what} is not there yet: ${fix}` };
    const days = daysUntil(endOf(certificate), now);
    const life = (endOf(certificate).getTime() - new Date(certificate.validFrom).getTime()) / DAY;
    const text = `${path}: ${what} ${ending(days)}: ${fix}`;
    if (days < Math.min(DAYS_OF_ALARM, life / 5)) return { level: "error", text };
    return renewal !== "acme" && days < DAYS_OF_WARNING ? { level: "warning", text } : undefined;
}

/**
 * What the state knows of certificates that only an update renews. Those of ACME servers are on the hosts, and those that a person brings
 * are in the configuration, where the rules look at them.
 */
export function renewalsDue(resources: Resource[], now: Date): string[] {
    return resources.flatMap(({ urn, type, parent, outputs = {} }) => {
        const certificate = /:(LocallySigned|SelfSigned)Cert$/.test(type) && firstCertificate(String(outputs.certPem));
        if (!certificate) return [];
        const path = pathOf(logicalName({ urn: parent ?? urn }));
        const days = daysUntil(new Date(String(outputs.validityEndTime)), now);
        if (type.endsWith(":LocallySignedCert") && days < DAYS_OF_WARNING)
            return [`${path}: the certificate for ${namesOf(certificate)} ${ending(days)}: the next update renews it, so do not wait`];
        if (type.endsWith(":SelfSignedCert") && days < AUTHORITY_DAYS)
            return [
                `${path}: its certificate authority ${ending(days)}: the next update renews it, and clients must then import the new one`,
            ];
        return [];
    });
}

/** As the configuration names it: `openpectus-edge` is `openpectus.edge`. */
function pathOf(component: string): string {
    return component.replace(/-edge$/, ".edge");
}

function namesOf({ subjectAltName, subject }: X509Certificate): string {
    return subjectAltName?.replace(/(DNS|IP Address):/g, "") ?? subject.replace(/^.*CN=/s, "");
}

function endOf({ validTo }: X509Certificate): Date {
    return new Date(validTo);
}

function daysUntil(end: Date, now: Date): number {
    return (end.getTime() - now.getTime()) / DAY;
}

function ending(days: number): string {
    if (days < 0) return "has expired";
    const whole = Math.floor(days);
    return whole === 0 ? "expires within a day" : `expires in ${whole} ${whole === 1 ? "day" : "days"}`;
}
