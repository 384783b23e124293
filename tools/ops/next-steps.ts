import { secretPaths, type Outputs } from "./stack-outputs";
import { command } from "./verb";

/** What a person may want to do after `make up`, as far as the outputs of the stack tell. */
export function nextSteps(outputs: Outputs): string[] {
    const systems = Object.entries(outputs).filter(([, value]) => typeof value === "object" && value !== null);
    if (systems.length === 0) return ["Nothing is deployed: name a system in the configuration (examples/ has one of each)."];
    return [
        ...systems.flatMap(([system, value]) => ["", ...stepsFor(system, value as Outputs)]),
        "",
        ...aligned([
            ["see how it is", command("status")],
            ["change something", `edit the configuration, ${command("preview")}, ${command("up")}`],
            ["stop it, data kept", command("down")],
        ]),
    ];
}

function stepsFor(system: string, outputs: Outputs): string[] {
    const text = (key: string) => (typeof outputs[key] === "string" ? outputs[key] : undefined);
    const url = text("url");
    const certificate = `${system}-ca.pem`;
    const rows: string[][] = [];
    if (text("caCertificate")) {
        rows.push(
            ["get its authority", `${command("outputs", { NAME: `${system}.caCertificate` })} > ${certificate}`],
            ["", "it is this environment's own: import that file into the browser under Certificates, Authorities,"],
            ["", `or on Debian: cp ${certificate} /usr/local/share/ca-certificates/${system}.crt && update-ca-certificates`],
        );
        if (url) rows.push(["try it", `curl --cacert ${certificate} ${url.replace(/\/$/, "")}${PROBE[system] ?? "/"}`]);
    } else if (url) {
        rows.push(["try it", `curl ${url.replace(/\/$/, "")}${PROBE[system] ?? "/"}`]);
    }
    if (text("superuserEmail")) rows.push(["log in as", text("superuserEmail")!]);
    for (const path of secretPaths(outputs))
        rows.push([describe(path.join(".")), command("secret", { NAME: [system, ...path].join(".") })]);
    if (text("certificateCommand")) rows.push(["get its certificate", text("certificateCommand")!]);
    if (text("restoreCommand")) {
        rows.push(["back up, restore", `${command("backup", { SYSTEM: system })}; ${text("restoreCommand")}`]);
        rows.push(["see its backups", command("backups", { SYSTEM: system })]);
    }
    rows.push(["read its logs", command("logs", { SYSTEM: system })]);
    return [url ? `${system}: ${url}` : system, ...aligned(rows)];
}

/** A path that answers without login. */
const PROBE: Record<string, string> = { openpectus: "/version" };

/** `engineSetupLinux` as words: `engine setup linux`. */
function describe(name: string): string {
    return name.replace(/([A-Z])/g, " $1").toLowerCase();
}

function aligned(rows: string[][]): string[] {
    const width = Math.max(...rows.map(([left]) => left!.length));
    return rows.map(([left, right]) => `  ${left!.padEnd(width)}  ${right}`);
}
