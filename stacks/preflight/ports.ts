import { createServer } from "node:net";
import { clash, type Claim } from "../../components/claims";
import { error, type Problem } from "../../components/problem";
import type { Engine, RunningContainer } from "./engine";
import { isOurs } from "./ownership";
import type { Deployed } from "./state";

/** Ports of a host that somebody else has. */
export async function checkPorts(engine: Engine, claims: Claim[], deployed: Deployed): Promise<Problem[]> {
    const problems = claims.filter(({ kind }) => kind === "port").map((claim) => checkPort(engine, claim, deployed));
    return (await Promise.all(problems)).flat();
}

async function checkPort({ containers, here }: Engine, claim: Claim, deployed: Deployed): Promise<Problem[]> {
    const holder = containers.find((container) => publishes(container, claim));
    if (holder && isOurs(holder, deployed)) return [];
    const by = holder ? `the container ${holder.name}` : here && (await isTaken(claim)) ? "another program" : undefined;
    if (!by) return [];
    const fix = holder ? "stop it, or choose another port" : "stop it (`ss -ltnp` shows it), or choose another port";
    return [error(claim.path, `port ${claim.value} of host "${claim.host}" is held by ${by}`, fix)];
}

function publishes({ published }: RunningContainer, claim: Claim): boolean {
    return published.some(({ address, port }) => clash({ ...claim, value: String(port), address }, claim));
}

/** Any other failure proves nothing: Docker may bind ports, and addresses, that this program may not. */
function isTaken({ value, address }: Claim): Promise<boolean> {
    return new Promise((resolve) => {
        const server = createServer();
        server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EADDRINUSE"));
        server.listen({ host: address, port: Number(value), exclusive: true }, () => server.close(() => resolve(false)));
    });
}
