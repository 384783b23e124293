import { posix } from "node:path";
import { error, type Problem } from "./problem";

/** Something of a host that only one workload can have. */
export interface Claim {
    kind: "port" | "directory" | "container name";
    /** Name of the host in the config. */
    host: string;
    /** Port: number; otherwise path or name. */
    value: string;
    /** Port only: the address that is bound. */
    address?: string;
    /** The setting that claims it. */
    path: string;
}

/** Two claims on the same thing of the same host, of whatever system, are an error. */
export function checkClaims(claims: Claim[]): Problem[] {
    return claims.flatMap((claim, index) => {
        const earlier = claims.slice(0, index).find((other) => clash(other, claim));
        if (!earlier) return [];
        const what = claim.kind === "port" ? `port ${claim.value}` : `${claim.kind} "${claim.value}"`;
        return [error(claim.path, `${what} on host "${claim.host}" is already used by ${earlier.path}`, `choose another ${claim.kind}`)];
    });
}

/** Whether two workloads would get in each other's way. */
export function clash(a: Claim, b: Claim): boolean {
    if (a.host !== b.host || a.kind !== b.kind) return false;
    if (a.kind === "directory") return posix.resolve(a.value) === posix.resolve(b.value);
    if (a.value !== b.value) return false;
    return a.kind !== "port" || a.address === b.address || isEveryAddress(a.address) || isEveryAddress(b.address);
}

export function isEveryAddress(address: string | undefined): boolean {
    return address === "0.0.0.0" || address === "::";
}

/** Only programs of the same machine reach such an address. */
export function isLoopback(address: string): boolean {
    return /^127\./.test(address) || address === "::1" || address === "localhost";
}
