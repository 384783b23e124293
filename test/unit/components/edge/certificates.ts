import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Pair {
    certificate: string;
    key: string;
}

/** A self-signed certificate, made on the spot so that no key lies about in the repository. Valid from now on. */
export function selfSigned(subjectAltName: string, days = 365): Pair {
    return made("test", ["-addext", `subjectAltName=${subjectAltName}`], { days });
}

export function authority(commonName: string, signer?: Pair): Pair {
    return made(commonName, [], { signer });
}

/** A certificate for `a.example.org`. */
export function signedBy(signer: Pair): Pair {
    const extensions = ["subjectAltName=DNS:a.example.org", "basicConstraints=critical,CA:FALSE"];
    return made(
        "a.example.org",
        extensions.flatMap((extension) => ["-addext", extension]),
        { signer },
    );
}

function made(commonName: string, options: string[], { days = 365, signer }: { days?: number; signer?: Pair }): Pair {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-"));
    try {
        const [certificate, key] = [join(directory, "certificate.pem"), join(directory, "key.pem")];
        const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", `/CN=${commonName}`];
        const [ca, caKey] = [join(directory, "ca.pem"), join(directory, "ca-key.pem")];
        if (signer) {
            writeFileSync(ca, signer.certificate);
            writeFileSync(caKey, signer.key);
        }
        const signing = signer ? ["-CA", ca, "-CAkey", caKey] : [];
        const args = ["req", "-x509", "-days", String(days), ...kind, ...signing, ...options];
        execFileSync("openssl", [...args, "-out", certificate, "-keyout", key], { stdio: "pipe" });
        return { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
    } finally {
        rmSync(directory, { recursive: true });
    }
}
