import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Pair {
    certificate: string;
    key: string;
}

/** A self-signed certificate, made on the spot so that no key lies about in the repository. Valid from now on. */
export function selfSigned(subjectAltName: string, days = 365): Pair {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-"));
    try {
        const [certificate, key] = [join(directory, "certificate.pem"), join(directory, "key.pem")];
        const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=test"];
        const args = ["req", "-x509", ...kind, "-days", String(days), "-addext", `subjectAltName=${subjectAltName}`];
        execFileSync("openssl", [...args, "-out", certificate, "-keyout", key], { stdio: "pipe" });
        return { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
    } finally {
        rmSync(directory, { recursive: true });
    }
}
