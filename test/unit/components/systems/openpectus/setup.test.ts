import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import fc from "fast-check";
import { linuxSetup } from "../../../../../components/systems/openpectus/setup-linux";
import { windowsSetup } from "../../../../../components/systems/openpectus/setup-windows";

const certificates = rootCertificates.slice(0, 2).map((text) => new X509Certificate(text).toString());
const minimal = { version: "0.1.1585", host: "10.0.0.5", port: 80, secure: false };
const everything = {
    version: "0.1.1585",
    host: "pectus.example.org",
    port: 8443,
    secure: true,
    engineSecret: "it's",
    sentryDsn: "https://key@sentry.example.org/1",
    caCertificate: certificates[0]!,
};
/** Whoever reads a certificate reads past the text around it. */
const dressed = `${certificates.join("\n'@\nEND_OF_FILE\ntouch /planted\n")}\n'@\nEND_OF_FILE\ntouch /planted`;
/** What people could choose, with what shells and PowerShell treat specially likelier than the rest. */
const secrets = fc
    .array(
        fc.oneof(fc.constantFrom(..."'\u2018\u2019\u201a\u201b\"`$%^&|<>()@\\ !;#", "%%", "$(id)", "'@"), fc.string({ unit: "grapheme" })),
    )
    .map((parts) => parts.join(""))
    .filter((text) => text.trim() !== "");

function assertLines(text: string, lines: string[]): void {
    for (const line of lines) assert.ok(text.includes(`${line}\n`), `${line}\nis not in\n${text}`);
}

describe("set-up of an engine by hand on Linux", () => {
    it("goes the guide's way with Miniconda, or takes the distribution's Python, and makes a service", () => {
        assertLines(linuxSetup(everything), [
            "    conda create --yes --copy --prefix /opt/openpectus python=3.13 pip",
            "    python3 -I -m venv /opt/openpectus",
            "/opt/openpectus/bin/python -I -m pip install 'openpectus==0.1.1585'",
            "ExecStart=/opt/openpectus/bin/python /etc/openpectus/start.py /etc/openpectus/secret" +
                " -s -ahn pectus.example.org -ap 8443 -uod /etc/openpectus/uod.py",
            "Environment=SSL_CERT_FILE=/etc/openpectus/ca.pem",
            "EnvironmentFile=/etc/openpectus/engine.env",
            "KillSignal=SIGINT",
            "Restart=always",
            "systemctl enable --now openpectus-engine",
        ]);
    });

    it("leaves out what is not there, and never the port without TLS", () => {
        const text = linuxSetup(minimal);
        assertLines(text, ["ExecStart=/opt/openpectus/bin/pectus-engine -ahn 10.0.0.5 -ap 80 -uod /etc/openpectus/uod.py"]);
        assert.doesNotMatch(text, /SENTRY|SSL_CERT|start\.py|etc\/openpectus\/secret|undefined/);
    });

    it("takes nothing but the certificates out of a certificate", () => {
        const text = linuxSetup({ ...everything, caCertificate: dressed });
        const [, written] = /^cat > \/etc\/openpectus\/ca\.pem <<'END_OF_FILE'\n(.*?)\nEND_OF_FILE$/ms.exec(text)!;
        assert.equal(written, certificates.join("").trim());
        assert.doesNotMatch(text, /planted/);
    });

    it("writes any secret into its file as it is", () => {
        const write = (secret: string) =>
            /^printf .*? > \/etc\/openpectus\/secret$/ms.exec(linuxSetup({ ...minimal, engineSecret: secret }))![0];
        fc.assert(
            fc.property(secrets, (secret) => {
                const script = write(secret).replace(/ > \/etc\/openpectus\/secret$/, "");
                assert.equal(execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" }), `${secret}\n`);
            }),
            { numRuns: 50 },
        );
    });
});

describe("set-up of an engine by hand on Windows", () => {
    it("is the guide's path, in PowerShell", () => {
        assertLines(windowsSetup(everything), [
            "conda create --yes --name openpectus python=3.13",
            "pip install 'openpectus==0.1.1585'",
            "[Environment]::SetEnvironmentVariable('SENTRY_DSN', 'https://key@sentry.example.org/1', 'User')",
            `python "$HOME\\openpectus\\start.py" "$HOME\\openpectus\\secret.txt" -s -ahn pectus.example.org -ap 8443 -uod C:\\process_uod.py`,
        ]);
    });

    it("writes the certificate as a text of many lines, and has Windows trust that file", () => {
        const text = windowsSetup(everything);
        const [, file, written] = /^Set-Content -Encoding Ascii -Path (\S+ca\.crt") -Value @'\n(.*?)\n'@$/ms.exec(text)!;
        assert.equal(written, everything.caCertificate.trim());
        assert.doesNotMatch(windowsSetup({ ...everything, caCertificate: dressed }), /planted/);
        assertLines(text, [`Import-Certificate -FilePath ${file} -CertStoreLocation Cert:\\CurrentUser\\Root`]);
    });

    it("hands any secret to PowerShell so that it reads the same one", () => {
        const given = /-Path "\$HOME\\openpectus\\secret\.txt" -Value (.*?)\nSet-Content/s;
        fc.assert(
            fc.property(secrets, (secret) => {
                const [, literal] = given.exec(windowsSetup({ ...minimal, engineSecret: secret }))!;
                assert.equal(readPowerShellString(literal), secret);
            }),
        );
    });

    it("leaves out what is not there, and never the port without TLS", () => {
        const text = windowsSetup(minimal);
        assertLines(text, ["pectus-engine -ahn 10.0.0.5 -ap 80 -uod C:\\process_uod.py"]);
        assert.doesNotMatch(text, /SENTRY|Import-Certificate|start\.py|secret\.txt|undefined/);
    });

    it("contains nothing that only the other prompt of Windows understands", () => {
        assert.doesNotMatch(windowsSetup(everything), /^REM|%\w+%|%%|^setx/m);
    });
});

/**
 * One verbatim string of PowerShell by its language specification: from a single quote to the next that is not doubled, where each of
 * ' \u2018 \u2019 \u201a \u201b is a single quote and a pair of them stands for its first. Anything behind it is a mistake.
 */
function readPowerShellString(text: string): string {
    const quote = /['\u2018-\u201b]/;
    assert.match(text[0]!, quote);
    let value = "";
    for (let i = 1; i < text.length; i++) {
        if (!quote.test(text[i]!)) value += text[i];
        else if (i + 1 < text.length && quote.test(text[i + 1]!)) value += text[i++];
        else {
            assert.equal(i, text.length - 1, `the string ends before its end: ${text}`);
            return value;
        }
    }
    throw new Error(`the string has no end: ${text}`);
}
