import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nginxConfiguration, type ServerSettings } from "../../../../components/edge/nginx";

const common = { upstreamHost: "aggregator", upstreamPort: 8300, readTimeoutSeconds: 86400, maxBodySizeMb: 100 };
const tls = { publicPort: 443, hsts: true, acmeChallenges: true };

/** Compares with a file that people can read; `UPDATE_GOLDEN=1` rewrites it. */
function assertSnapshot(name: string, settings: ServerSettings): string {
    const file = join(__dirname, "snapshots", `${name}.conf`);
    const rendered = nginxConfiguration(settings);
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, rendered);
    assert.equal(rendered, readFileSync(file, "utf8"));
    return rendered;
}

describe("edge: nginx configuration", () => {
    it("proxies everything without TLS", () => {
        const rendered = assertSnapshot("plain", common);
        assert.doesNotMatch(rendered, /ssl|443|return 301|acme/);
    });

    it("redirects everything but challenges with http-01, and insists on HTTPS", () => {
        assertSnapshot("http-01", { ...common, domain: "pectus.example.org", tls });
    });

    it("redirects to a port of one's own, without challenges and without insisting", () => {
        const own = { publicPort: 8443, hsts: false, acmeChallenges: false };
        const rendered = assertSnapshot("dev-ca", { ...common, domain: "localhost", tls: own, maxBodySizeMb: 5, readTimeoutSeconds: 3600 });
        assert.doesNotMatch(rendered, /Strict-Transport-Security|acme/);
    });
});
