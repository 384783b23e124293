/** Compiles what the npm package holds into `dist/`. `make package` packs that into `bin/`. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider";
import * as components from "../../components/classes";

const root = join(__dirname, "..", "..");
const source = join(root, "components", "provider");
const target = join(root, "dist", "components", "provider");

async function build(): Promise<void> {
    mkdirSync(join(root, "bin"), { recursive: true });
    rmSync(join(root, "dist"), { recursive: true, force: true });
    execFileSync(process.execPath, [require.resolve("typescript/bin/tsc"), "-p", "tsconfig.package.json"], { cwd: root, stdio: "inherit" });
    for (const file of ["PulumiPlugin.yaml", "package-lock.json"]) copyFileSync(join(source, file), join(target, file));
    writeFileSync(join(target, "schema.json"), await schema());
}

/** What the components look like from other languages; read from their TypeScript. */
function schema(): Promise<string> {
    const { name, version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as { name: string; version: string };
    return new ComponentProvider({ name, version, dirname: source, components: Object.values(components) }).getSchema();
}

void build();
