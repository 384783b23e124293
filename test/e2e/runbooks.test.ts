import assert from "node:assert/strict";
import { Checkout, type Block } from "./support/checkout";
import { follow } from "./support/follow";
import { localEdge, standIn } from "./support/lightning";
import { freePort } from "./support/wait";

/** The embedded environment, on ports that nobody uses. */
async function withFreePorts(label: string): Promise<Checkout> {
    const checkout = await Checkout.create(label);
    const configuration = checkout.configuration();
    const openpectus = configuration.openpectus as Block & { edge: Block };
    Object.assign(openpectus.edge, { httpPort: await freePort(), httpsPort: await freePort() });
    checkout.configure(configuration);
    await checkout.commit();
    return checkout;
}

/** Every command of the pages is run, in their order, as a person would who follows them. */
describe("the pages about Open Pectus", function () {
    this.bail(true); // the last page removes what the others use

    let checkout: Checkout;

    before(async () => (checkout = await withFreePorts("pages")));
    after(async () => checkout?.remove());

    follow(
        "docs/runbooks/pull-request-previews.md",
        () => checkout,
        (text) => text.replaceAll("--stack prod", "--stack dev"),
    );
    follow("docs/monitoring.md", () => checkout);
    follow("docs/troubleshooting.md", () => checkout);
    follow("docs/runbooks/open-pectus-operations.md", () => checkout);
    follow("docs/runbooks/certificates.md", () => checkout);
    follow("docs/runbooks/backup-restore.md", () => checkout, withNewestBackup);
    follow("docs/runbooks/drift.md", () => checkout, withNewestBackup);
    follow("docs/runbooks/remove.md", () => checkout);

    /** Pages name a backup by a time in the past, or leave it to the reader. */
    async function withNewestBackup(text: string): Promise<string> {
        const named = /open_pectus_aggregator-(…|[0-9TZ-]+)\.sqlite3|<one of the list>/g;
        if (!named.test(text)) return text;
        const files = await checkout.make("exec", { ROLE: "backup", CMD: "ls /backups" });
        const newest = files.trim().split("\n").sort().at(-1)!;
        return text.replaceAll(named, newest);
    }
});

describe("the page about moving data", function () {
    this.bail(true);

    let checkout: Checkout;
    const moved = () => `${checkout.prefix}-lab`;
    const runs = () => checkout.make("exec", { ROLE: "backup", CMD: "sqlite3 /source/*.sqlite3 'select count(*) from sqlite_master'" });

    before(async () => (checkout = await withFreePorts("moved")));
    after(async () => {
        await checkout?.remove();
        // Made by hand, so they are no environment's.
        const volumes = await checkout.docker.cli("volume", "ls", "--quiet", "--filter", `name=${moved()}-`);
        for (const volume of volumes.trim().split("\n").filter(Boolean)) await checkout.docker.cli("volume", "rm", volume);
    });

    follow(
        "docs/runbooks/move-data.md",
        () => checkout,
        (text) => text.replace(/\blab\b/g, moved()),
    );

    // Tests of a suite would run before the suites in it.
    describe("then", () => {
        it("has moved everything, and left nothing behind", async () => {
            const volumes = (await checkout.docker.cli("volume", "ls", "--format", "{{.Name}}", "--filter", `name=${checkout.prefix}`))
                .trim()
                .split("\n");
            assert.equal(volumes.length, 6, volumes.join());
            assert.ok(
                volumes.every((name) => name.startsWith(`${moved()}-openpectus-`)),
                volumes.join(),
            );
            assert.ok(Number(await runs()) > 0);
        });
    });
});

describe("the pages about Lightning", function () {
    this.bail(true);

    let checkout: Checkout;

    before(async () => {
        checkout = await Checkout.create("lightning-pages");
        checkout.configure({
            hosts: { default: { docker: {} } },
            lightning: {
                web: { image: await standIn("stand-in-lightning") },
                workers: { image: await standIn("stand-in-lightning-worker") },
                edge: await localEdge(),
                dataProtection: false,
            },
        });
        await checkout.commit();
    });
    after(async () => checkout?.remove());

    follow("docs/users.md", () => checkout);
    // A person looks at the plan and answers.
    follow(
        "docs/runbooks/lightning-operations.md",
        () => checkout,
        (text) => text.replace("up --target-replace", "up --yes --target-replace"),
    );
});
