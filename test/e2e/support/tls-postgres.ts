import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockedImage } from "../../../components/images";
import type { Docker } from "./docker";
import { run } from "./process";
import { until } from "./wait";

const DATA = "/var/lib/postgresql/data";

/** A PostgreSQL server that is none of the stack's, as a department runs one, with an authority of its own. It begins without TLS. */
export class TlsPostgres {
    readonly host = "db.example.org";
    // With characters that mean something in a URL.
    readonly password = `${randomBytes(12).toString("hex")}@:/?#%`;

    private constructor(
        private readonly docker: Docker,
        private readonly name: string,
    ) {}

    static async create(stack: { prefix: string; docker: Docker }, network: string): Promise<TlsPostgres> {
        const server = new TlsPostgres(stack.docker, `${stack.prefix}-somebody-elses-postgres`);
        const variables = { POSTGRES_DB: "flows", POSTGRES_USER: "owner", POSTGRES_PASSWORD: server.password };
        const env = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
        const place = ["--name", server.name, "--network", network, "--network-alias", server.host];
        const image = lockedImage("postgres").reference;
        await stack.docker.cli("run", "--detach", ...place, ...env, image, "postgres", "-c", "log_connections=on");
        // Over TCP: its first start answers on its socket already.
        const ready = ["exec", server.name, "pg_isready", "--host=127.0.0.1", "--username=owner"];
        await until("somebody else's Postgres", async () => (await stack.docker.tryCli(...ready)).code === 0);
        return server;
    }

    /** A certificate of its own authority, and whoever comes without TLS is sent away. */
    async enableTls(): Promise<void> {
        const directory = mkdtempSync(join(tmpdir(), "groundwork-postgres-"));
        try {
            await run("sh", ["-ec", CERTIFICATES], { cwd: directory });
            for (const file of ["server.pem", "server-key.pem"]) {
                await this.docker.cli("cp", join(directory, file), `${this.name}:${DATA}/${file}`);
            }
        } finally {
            rmSync(directory, { recursive: true });
        }
        const script = `
            cd ${DATA}
            chown postgres server.pem server-key.pem
            chmod 600 server-key.pem
            sed -i 's/^host /hostssl /' pg_hba.conf
            echo "hostnossl all all all reject" >> pg_hba.conf
            printf "ssl = on\\nssl_cert_file = 'server.pem'\\nssl_key_file = 'server-key.pem'\\n" >> postgresql.conf`;
        await this.docker.exec(this.name, "sh", "-ec", script);
        await this.docker.cli("kill", "--signal", "HUP", this.name);
        await until(
            "TLS",
            async () => (await this.docker.exec(this.name, "psql", "-U", "owner", "-d", "postgres", "-Atc", "show ssl")) === "on",
        );
    }

    log(): Promise<string> {
        return this.docker.logs(this.name);
    }

    async remove(): Promise<void> {
        await this.docker.tryCli("rm", "--force", "--volumes", this.name);
    }
}

const KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
const CERTIFICATES = `
    openssl req -x509 ${KEY} -subj /CN=department -keyout ca-key.pem -out ca.pem
    openssl req -x509 ${KEY} -CA ca.pem -CAkey ca-key.pem -addext basicConstraints=critical,CA:FALSE \\
        -subj /CN=db.example.org -addext subjectAltName=DNS:db.example.org -keyout server-key.pem -out server.pem`;
