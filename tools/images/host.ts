import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";

/**
 * How this machine reaches Debian, PyPI and npm: mirrors, proxies, and the certificate authorities it trusts (which matters where
 * TLS is intercepted). A build sees it as /host; `seal` removes it, so that no image, history or file of ours keeps it.
 */
export function writeHostSettings(directory: string, environment: NodeJS.ProcessEnv = process.env): void {
    mkdirSync(directory, { recursive: true });
    const authorities = environment.SSL_CERT_FILE || "/etc/ssl/certs/ca-certificates.crt";
    const intercepted = existsSync(authorities);
    if (intercepted) {
        copyFileSync(authorities, path.join(directory, "ca.crt"));
    }
    writeFileSync(path.join(directory, "sources.list"), debianSources(output("apt-get", debianTargets), environment));
    writeFileSync(path.join(directory, "apt.conf"), aptSettings(output("apt-config", ["dump"]), intercepted));
    writeFileSync(path.join(directory, "pip.conf"), pipSettings(output("pip", ["config", "list"]), intercepted));
    writeFileSync(path.join(directory, "npmrc"), npmSettings(output("npm", ["config", "list", "--json"]), intercepted));
}

/** Build arguments that Docker hands to every step and keeps out of the history by itself. */
export function proxyArguments(environment: NodeJS.ProcessEnv = process.env): string[] {
    return ["http_proxy", "https_proxy", "no_proxy"]
        .flatMap((name) => [name, name.toUpperCase()])
        .filter((name) => environment[name])
        .flatMap((name) => ["--build-arg", name]);
}

const debianTargets = ["indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages", "Origin: Debian"];

/**
 * The archives to build from: GROUNDWORK_DEBIAN_MIRROR and GROUNDWORK_DEBIAN_SECURITY_MIRROR, else what apt of this machine uses,
 * else Debian's own. `targets` has a line `<label> <address>` for each package list.
 */
export function debianSources(targets: string, environment: NodeJS.ProcessEnv): string {
    const known = (label: string) => targets.split("\n").find((line) => line.startsWith(`${label} http`))?.slice(label.length + 1).replace(/\/$/, "");
    const main = environment.GROUNDWORK_DEBIAN_MIRROR || known("Debian") || "http://deb.debian.org/debian";
    const security = environment.GROUNDWORK_DEBIAN_SECURITY_MIRROR || known("Debian-Security") || "http://deb.debian.org/debian-security";
    return [`deb ${main} trixie main`, `deb ${main} trixie-updates main`, `deb ${security} trixie-security main`, ""].join("\n");
}

/** The lines of `apt-config dump` that say how to reach an archive, and where the list of archives is. */
export function aptSettings(dump: string, intercepted: boolean): string {
    const wanted = /^Acquire::(https?::(Proxy|No-Cache|Timeout|Pipeline-Depth|Verify)|Check-|Retries|ForceIPv)\S* "(.+)";$/i;
    return [
        ...dump.split("\n").filter((line) => wanted.test(line)),
        'Dir::Etc::SourceList "/host/sources.list";',
        'Dir::Etc::SourceParts "-";',
        ...(intercepted ? ['Acquire::https::CaInfo "/host/ca.crt";'] : []),
        "",
    ].join("\n");
}

/** `pip config list` (files and PIP_ variables alike) as one pip.conf, without what names files of this machine. */
export function pipSettings(list: string, intercepted: boolean): string {
    const wanted = ["index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "default-timeout", "retries"];
    const settings = [...list.matchAll(/^(?:global|install|:env:)\.(\S+?)='(.*)'$/gm)].filter(([, name]) => wanted.includes(name));
    const values = new Map(settings.map(([, name, value]) => [name, value]));
    if (intercepted) {
        values.set("cert", "/host/ca.crt");
    }
    return ["[global]", ...[...values].map(([name, value]) => `${name} = ${value.replaceAll("\\n", "\n    ")}`), ""].join("\n");
}

/** `npm config list --json` (files, variables and defaults alike) as one npmrc, without what names files of this machine. */
export function npmSettings(list: string, intercepted: boolean): string {
    const settings = JSON.parse(list || "{}") as Record<string, unknown>;
    const wanted = ["registry", "proxy", "https-proxy", "noproxy", "fetch-timeout", "fetch-retries"];
    const lines = wanted.filter((name) => settings[name]).map((name) => `${name}=${String(settings[name])}`);
    return [...lines, ...(intercepted ? ["cafile=/host/ca.crt"] : []), ""].join("\n");
}

/** What a program of this machine prints; nothing if it is not there. */
function output(command: string, args: string[]): string {
    return spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).stdout ?? "";
}
