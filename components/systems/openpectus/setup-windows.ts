import { blocks, certificates, engineArguments, MINICONDA, PYTHON, START_PROGRAM, type EngineSetup } from "./setup";

const DIRECTORY = "$HOME\\openpectus";

/**
 * The deployment guide's path on Windows, for PowerShell: its single quotes take every character as it is, and it has texts of many
 * lines, while the older prompt expands % differently typed and in a file. It carries the engine secret.
 */
export function windowsSetup(setup: EngineSetup): string {
    const { caCertificate, engineSecret, sentryDsn } = setup;
    return blocks(
        introduction(setup),
        environment(setup),
        `New-Item -ItemType Directory -Force -Path "${DIRECTORY}" | Out-Null`,
        engineSecret && secretFile(engineSecret),
        caCertificate && trust(certificates(caCertificate)),
        sentryDsn && `[Environment]::SetEnvironmentVariable('SENTRY_DSN', ${powerShellQuote(sentryDsn)}, 'User')`,
        start(setup),
    );
}

const introduction = ({ version }: EngineSetup) => `# Sets up an engine of Open Pectus ${version} on Windows.
# Install Miniconda (${MINICONDA}), open "Anaconda PowerShell Prompt" from the start menu
# (not "Anaconda Prompt", which is another language), and paste what follows, block by block.
# It carries the engine secret, so do not keep it.`;

const environment = ({ version }: EngineSetup) => `# Once. The deployment guide's Python 3.11 cannot run this release.
conda create --yes --name openpectus python=${PYTHON}
conda activate openpectus
pip install 'openpectus==${version}'`;

const secretFile = (secret: string) =>
    [
        "# The secret in a file of yours: upstream takes it as an argument only, which the task manager shows.",
        `Set-Content -Encoding UTF8 -Path "${DIRECTORY}\\secret.txt" -Value ${powerShellQuote(secret)}`,
        file("start.py", START_PROGRAM),
    ].join("\n");

const trust = (certificate: string) =>
    [
        "# The authority of the aggregator's certificate. Windows asks whether to trust it; Python looks into the store of Windows.",
        file("ca.crt", certificate),
        `Import-Certificate -FilePath "${DIRECTORY}\\ca.crt" -CertStoreLocation Cert:\\CurrentUser\\Root`,
    ].join("\n");

function start(setup: EngineSetup): string {
    const program = setup.engineSecret ? `python "${DIRECTORY}\\start.py" "${DIRECTORY}\\secret.txt"` : "pectus-engine";
    return [
        "# Start the engine, in a new prompt. It runs until Ctrl+C or until the window is closed, which ends a run.",
        "conda activate openpectus",
        `${program} ${engineArguments(setup, "C:\\process_uod.py")}`,
    ].join("\n");
}

/** A text of many lines, as it is; it ends at the first line that begins with '@. */
function file(name: string, text: string): string {
    return `Set-Content -Encoding Ascii -Path "${DIRECTORY}\\${name}" -Value @'\n${text}\n'@`;
}

/** PowerShell takes typographic single quotes for single quotes. */
function powerShellQuote(text: string): string {
    return `'${text.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
}
