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

/** The deployment guide's path for one engine on Linux, ready to paste. It carries the engine secret. */
export function linuxSetup(setup: EngineSetup): string {
    const { caCertificate, sentryDsn } = setup;
    return lines(
        "# Install Miniconda (https://docs.conda.io/en/latest/miniconda.html), then once:",
        "conda create --yes --name openpectus python=3.13",
        "conda activate openpectus",
        `pip install openpectus==${setup.version}`,
        ...(caCertificate ? ["cat > ~/openpectus-ca.pem <<'CERTIFICATE'", caCertificate.trim(), "CERTIFICATE"] : []),
        "",
        "# Start the engine; put these lines into a service of the machine, with restart always and KillSignal=SIGINT:",
        "conda activate openpectus",
        ...(caCertificate ? ["export SSL_CERT_FILE=~/openpectus-ca.pem"] : []),
        ...(sentryDsn ? [`export SENTRY_DSN=${posixQuote(sentryDsn)}`] : []),
        engineCommand(setup, posixQuote, "/path/to/process_uod.py"),
    );
}

/** The same for Windows, in the Miniconda prompt. Python reads the certificate store of Windows there. */
export function windowsSetup(setup: EngineSetup): string {
    const { caCertificate, sentryDsn } = setup;
    return lines(
        "REM Install Miniconda (https://docs.conda.io/en/latest/miniconda.html), then once in the Miniconda prompt:",
        "conda create --yes --name openpectus python=3.13",
        "conda activate openpectus",
        `pip install openpectus==${setup.version}`,
        ...(sentryDsn ? [`setx SENTRY_DSN ${windowsQuote(sentryDsn)}`, "REM open a new prompt, so that it sees SENTRY_DSN"] : []),
        ...(caCertificate
            ? [
                  "REM save the following text as %USERPROFILE%\\openpectus-ca.pem:",
                  caCertificate.trim(),
                  "certutil -user -addstore Root %USERPROFILE%\\openpectus-ca.pem",
              ]
            : []),
        "",
        "REM Start the engine:",
        "conda activate openpectus",
        engineCommand(setup, windowsQuote, "C:\\process_uod.py"),
    );
}

function engineCommand({ host, port, secure, engineSecret }: EngineSetup, quote: (text: string) => string, uod: string): string {
    return [
        "pectus-engine",
        ...(secure ? ["-s"] : []),
        `-ahn ${host}`,
        ...(secure && port === 443 ? [] : [`-ap ${port}`]),
        ...(engineSecret ? [`-secret ${quote(engineSecret)}`] : []),
        `-uod ${uod}`,
    ].join(" ");
}

function posixQuote(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}

function windowsQuote(text: string): string {
    return `"${text.replaceAll('"', '\\"').replaceAll("%", "%%")}"`;
}

function lines(...text: string[]): string {
    return text.join("\n") + "\n";
}
