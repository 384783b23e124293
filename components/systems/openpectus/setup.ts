/** What an engine on a machine that is managed by hand must know. */
export interface EngineSetup {
    version: string;
    host: string;
    port: number;
    secure: boolean;
    engineSecret?: string;
    sentryDsn?: string;
    /** PEM, if the certificate comes from a private authority. */
    caCertificate?: string;
}

/** What upstream's own image and tests run with. The guide's 3.11 cannot read today's releases: their f-strings need 3.12. */
export const PYTHON = "3.13";
export const MINICONDA = "https://docs.conda.io/en/latest/miniconda.html";

/** Upstream takes the secret as an argument only, which every user of a machine can read; this takes it from a file at the last moment. */
export const START_PROGRAM = `"""Starts an engine with the secret from a file, so that no list of processes shows it."""
import sys
from importlib.metadata import entry_points

if __name__ == "__main__":
    with open(sys.argv.pop(1), encoding="utf-8-sig") as file:
        sys.argv.append("--secret=" + file.read().rstrip("\\r\\n"))
    (program,) = entry_points(group="console_scripts", name="pectus-engine")
    sys.exit(program.load()())`;

/** Arguments of the guide's command. */
export function engineArguments({ host, port, secure }: EngineSetup, uod: string): string {
    return [...(secure ? ["-s"] : []), `-ahn ${host}`, ...(secure && port === 443 ? [] : [`-ap ${port}`]), `-uod ${uod}`].join(" ");
}

/** The certificates of a PEM text and nothing else: what stands around them would go into a script of commands. */
export function certificates(pem: string): string {
    return (pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? []).join("\n");
}

/** Blocks of a text with an empty line between them; those that do not apply are left out. */
export function blocks(...all: (string | undefined)[]): string {
    return all.filter((block) => block !== undefined).join("\n\n") + "\n";
}
