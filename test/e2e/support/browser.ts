import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { install } from "./packages";
import { run } from "./process";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/** Opens a page in a headless Chromium that trusts one more authority, and verifies certificates like any other browser. */
export async function inBrowser<T>(caCertificate: string, work: (page: Page) => Promise<T>): Promise<T> {
    await install(["chromium", CHROMIUM], ["libnss3-tools", "/usr/bin/certutil"]);
    const home = mkdtempSync(join(tmpdir(), "groundwork-browser-"));
    try {
        await trust(home, caCertificate);
        // The user's home, because Chromium reads its own authorities from there.
        const env = { ...process.env, HOME: home } as Record<string, string>;
        const context = await chromium.launchPersistentContext(join(home, "profile"), {
            executablePath: CHROMIUM,
            headless: true,
            args: FLAGS,
            env,
            viewport: { width: 1280, height: 800 },
        });
        try {
            return await work(context.pages()[0] ?? (await context.newPage()));
        } finally {
            await context.close();
        }
    } finally {
        rmSync(home, { recursive: true, force: true });
    }
}

async function trust(home: string, caCertificate: string): Promise<void> {
    const database = join(home, ".pki", "nssdb");
    mkdirSync(database, { recursive: true });
    writeFileSync(join(home, "ca.pem"), caCertificate);
    await run("certutil", ["-d", `sql:${database}`, "-N", "--empty-password"]);
    await run("certutil", ["-d", `sql:${database}`, "-A", "-t", "C,,", "-n", "test", "-i", join(home, "ca.pem")]);
}
