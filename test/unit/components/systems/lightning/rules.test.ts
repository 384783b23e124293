import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe as text } from "../../../../../components/problem";
import { check, claims } from "../../../../../components/systems/lightning/rules";
import type { LightningSettings } from "../../../../../components/systems/lightning/args";
import { lightningSchema } from "../../../../../components/systems/lightning/schema";
import { broken } from "./cases";
import { base64, everything, privateKey, publicKey } from "./settings";

/** Without protection the backup has nothing to warn about. */
function problems(settings: LightningSettings): string[] {
    return check({ dataProtection: false, ...settings }).map((problem) => `${problem.level} ${text(problem)}`);
}

describe("lightning: rules", () => {
    for (const [settings, ...expected] of broken) {
        it(expected[0]!, () => {
            assert.ok(expected.length > 0);
            assert.deepEqual(problems(settings), expected);
        });
    }

    it("finds nothing wrong with no settings at all", () => {
        assert.deepEqual(problems({}), []);
    });

    it("finds nothing wrong with everything on", () => {
        const { backup: _, ...settings } = everything();
        assert.deepEqual(problems({ ...settings, demo: undefined }), []);
    });

    it("reports what is wrong in several places at once", () => {
        const settings = {
            web: { replicas: 3, logLevel: "loud" },
            workers: { memory: 100 },
            mail: { smtp: {} },
            keys: { workerSecret: "x" },
            dataProtection: false,
        };
        const paths = check(settings)
            .filter(({ level }) => level === "error")
            .map(({ path }) => path);
        assert.deepEqual(paths, [
            "lightning.web.logLevel",
            "lightning.web.replicas",
            "lightning.workers.memory",
            "lightning.keys.workerSecret",
            "lightning.mail.smtp",
            "lightning.mail.adminEmail",
        ]);
    });

    it("takes a secret that is not known yet for present, and does not look into it", () => {
        const secret = pulumi.secret("short");
        const settings: LightningSettings = {
            keys: { primaryEncryptionKey: secret, secretKeyBase: secret, workerSecret: secret, workerRunsPrivateKey: secret },
            mail: { adminEmail: "a@example.org", smtp: { username: "u", password: secret, relay: "smtp.example.org" } },
            github: { appId: "1", appName: "flows", clientId: "c", clientSecret: secret, certificate: secret },
            storage: { gcs: { bucket: "b", credentials: secret } },
            database: { external: { host: "db", name: "n", user: "u", password: secret } },
        };
        assert.deepEqual(problems(settings), []);
    });

    it("never quotes a secret", () => {
        const marker = "do-not-print";
        const settings: LightningSettings = {
            keys: { primaryEncryptionKey: marker, secretKeyBase: marker, workerSecret: marker, workerRunsPrivateKey: marker },
            accounts: { superuser: { password: marker.slice(0, 11) } },
            github: { certificate: marker },
            storage: { gcs: { credentials: marker } },
            web: { sentryDsn: marker, extraSecretEnv: { URL_HOST: marker } },
            database: { external: { host: `postgres://user:${marker}@db` } },
        };
        const found = problems(settings);
        assert.ok(found.length >= 9, found.join("\n"));
        assert.deepEqual(
            found.filter((line) => line.includes(marker.slice(0, 11))),
            [],
        );
    });

    it("takes keys in every form that the program reads", () => {
        assert.deepEqual(problems({ keys: { workerRunsPrivateKey: privateKey, workerPublicKey: publicKey } }), []);
        const pkcs8 = Buffer.from(privateKey, "base64").toString();
        assert.deepEqual(problems({ keys: { workerRunsPrivateKey: base64(pkcs8) } }), []);
    });

    for (const [origin, url] of [
        ["https://l.example.org", { scheme: "https", host: "l.example.org" }],
        ["https://l.example.org:8443", { scheme: "https", host: "l.example.org", port: 8443 }],
        ["//l.example.org", { scheme: "https", host: "l.example.org", port: 8443 }],
        ["//*.example.org", { scheme: "http", host: "l.example.org" }],
    ] as const) {
        it(`${origin} covers ${JSON.stringify(url)}`, () => {
            assert.deepEqual(
                check({ web: { origins: [origin] }, url, dataProtection: false }).filter(({ level }) => level === "error"),
                [],
            );
        });
    }

    for (const [origin, url] of [
        ["http://l.example.org", { scheme: "https", host: "l.example.org" }],
        ["https://l.example.org", { scheme: "https", host: "l.example.org", port: 8443 }],
        ["//*.example.org", { scheme: "https", host: "example.org" }],
    ] as const) {
        it(`${origin} does not cover ${JSON.stringify(url)}`, () => {
            assert.equal(
                check({ web: { origins: [origin] }, url, dataProtection: false }).filter(({ level }) => level === "error").length,
                1,
            );
        });
    }
});

describe("lightning: claims", () => {
    it("names ports and directories of its host", () => {
        const found = claims({ ...everything(), host: "plant" });
        assert.deepEqual(
            found.map(({ kind, host, value, path }) => `${kind} ${host} ${value} ${path}`),
            [
                "port plant 80 lightning.edge.httpPort",
                "port plant 443 lightning.edge.httpsPort",
                "directory plant /srv/lightning/exports lightning.storage.local.hostPath",
                "directory plant /srv/lightning/kafka lightning.kafka.alternateStorage.hostPath",
            ],
        );
    });
});

describe("lightning: schema", () => {
    it("has everything, and nothing unknown", () => {
        assert.ok(lightningSchema.safeParse(everything()).success);
        assert.ok(!lightningSchema.safeParse({ web: { replica: 1 } }).success);
    });
});
