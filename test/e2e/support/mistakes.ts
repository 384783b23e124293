/** Mistakes that people make in a configuration file, and what each of them must be told. */
import YAML from "yaml";
import type { Block } from "./checkout";

/** What stands in the file before the mistake. */
export interface Surroundings {
    project: string;
    ports: number[];
    /** An image that this machine has. */
    image: string;
}

/** A file without mistakes; it is deployed while mistakes are made. */
export function goodFile({ project, ports: [http, https] }: Surroundings): string {
    return `config:
  ${project}:hosts:
    default:
      docker: {}
  ${project}:openpectus:
    hostname: GROUNDWORK-E2E
    dataProtection: false
    edge:
      domain: localhost
      httpPort: ${http}
      httpsPort: ${https}
      tls:
        devCa: {}
`;
}

/** The same, with Lightning beside it, as blocks. */
export function goodBlocks(surroundings: Surroundings): Record<string, Block> {
    const { project, ports, image } = surroundings;
    const { config } = YAML.parse(goodFile(surroundings)) as { config: Record<string, Block> };
    const blocks = Object.fromEntries(Object.entries(config).map(([key, value]) => [key.slice(project.length + 1), value]));
    const edge = { domain: "localhost", httpPort: ports[2], httpsPort: ports[3], tls: { devCa: {} } };
    return { ...blocks, lightning: { dataProtection: false, web: { image }, workers: { image }, edge } };
}

/** What is done to the text of the good file -> what is said about it, place and fix included. */
export interface TextMistake {
    edit(text: string, project: string): string | Buffer;
    says: RegExp[];
}

const replace = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to);
const HOSTNAME = "    hostname: GROUNDWORK-E2E";

/** Refused by `make` before the CLI is asked anything. */
export const SYNTAX: Record<string, TextMistake> = {
    "a tab": { edit: replace("    edge:", "\tedge:"), says: [/Pulumi\.dev\.yaml:8:1: a tab .*: indent with spaces/] },
    "a space too many": {
        edit: replace("    dataProtection", "     dataProtection"),
        says: [/Pulumi\.dev\.yaml:7:6: it is indented below line 6.*: line it up/],
    },
    "a space too few": { edit: replace("    edge:", "   edge:"), says: [/Pulumi\.dev\.yaml:8:1: its indentation .*: line it up/] },
    "a key twice": {
        edit: replace(HOSTNAME, `${HOSTNAME}\n    hostname: OTHER`),
        says: [/Pulumi\.dev\.yaml:7:5: this key stands in line 6 already: keep one/],
    },
    "a block twice": {
        edit: (text, project) => `${text}  ${project}:openpectus: {}\n`,
        says: [/Pulumi\.dev\.yaml:14:3: this key stands in line 5 already: keep one/],
    },
    "an open quote": {
        edit: replace("GROUNDWORK-E2E", '"GROUNDWORK'),
        says: [/Pulumi\.dev\.yaml:6:15: this quote is not closed: close it/],
    },
    "an open bracket": {
        edit: replace("devCa: {}", "devCa: { additionalNames: [a }"),
        says: [/Pulumi\.dev\.yaml:13:\d+: .* not closed: close it/],
    },
    "a colon in a text": {
        edit: replace("GROUNDWORK-E2E", "lab: 1"),
        says: [/Pulumi\.dev\.yaml:6:18: a second ": " .*: put the value in quotes/],
    },
    "no space after a colon": {
        edit: replace("hostname: ", "hostname:"),
        says: [/Pulumi\.dev\.yaml:6:5: no ": " follows this key: write key: value/],
    },
    "a text with a sign in front": {
        edit: replace("domain: localhost", "domain: *.example.org"),
        says: [/Pulumi\.dev\.yaml:9:15: a value that begins with \*.*: put the value in quotes/],
    },
    "a second document": {
        edit: (text) => `${text}---\nconfig: {}\n`,
        says: [/Pulumi\.dev\.yaml:14:1: a second document .*: remove the line ---/],
    },
    "another encoding": {
        edit: (text) => Buffer.from(text.replace("GROUNDWORK-E2E", "KØGE"), "latin1"),
        says: [/Pulumi\.dev\.yaml:6:16: the file is not UTF-8 text: save it as UTF-8/],
    },
    "blocks as a list": {
        edit: (text) => text.replaceAll(/^ {2}(?=\S)/gm, "  - ").replaceAll(/^ {4}/gm, "      "),
        says: [/Pulumi\.dev\.yaml:2:3: config must have keys below it: write keys .* without hyphens/],
    },
    "two at once": {
        edit: (text) => text.replace("    edge:", "\tedge:").replace("GROUNDWORK-E2E", "'GROUNDWORK"),
        says: [/Pulumi\.dev\.yaml:6:15: .*: close it/, /Pulumi\.dev\.yaml:8:1: a tab .*: indent with spaces/],
    },
};

const WHOLE =
    /openpectus: it is deployed .* has no such block.*: bring the block back, or say that it shall go: \S+:remove: \[openpectus\]/;

/** Right for the CLI, and still not what was meant. */
export const PLACES: Record<string, TextMistake> = {
    "an empty file": { edit: () => "", says: [WHOLE] },
    "an empty config": { edit: () => "config:\n", says: [WHOLE] },
    "an empty block": {
        edit: (text, project) => text.split(`  ${project}:openpectus:`)[0]! + `  ${project}:openpectus:\n`,
        says: [/openpectus: it is empty: write keys below it, or \{\} for the defaults/],
    },
    "a block outside config": {
        edit: (text, project) => text.replace(`  ${project}:openpectus:`, `${project}:openpectus:`),
        says: [/:openpectus: it stands outside config.*: indent it to move it below config:/, WHOLE],
    },
    "config misspelt": { edit: replace("config:", "conifg:"), says: [/conifg: Pulumi knows no such key.*: write config:/, WHOLE] },
    "the namespace misspelt": {
        edit: (text, project) => text.replaceAll(`${project}:`, `${project.slice(0, -1)}:`),
        says: [/:openpectus: nothing reads it.*: write \S+:openpectus/, WHOLE],
    },
    "a block misspelt": {
        edit: replace(":openpectus:", ":openpectsu:"),
        says: [/openpectsu: this key is unknown: did you mean "openpectus"\?/, WHOLE],
    },
    "a block as a text": {
        edit: (text, project) => text.split(`  ${project}:openpectus:`)[0]! + `  ${project}:openpectus: yes\n`,
        says: [/openpectus: it must be a block, not a text: write keys below it/],
    },
    "another prefix": {
        edit: (text, project) => `${text}  ${project}:prefix: lab\n`,
        says: [/prefix: this would delete volume \S+.*: set prefix: \S+;/],
    },
    "a name for remove that no system has": {
        edit: (text, project) => `${text}  ${project}:remove: [openpectsu]\n`,
        says: [/remove: "openpectsu" is no system: did you mean "openpectus"\?/],
    },
    "a system both configured and in remove": {
        edit: (text, project) => `${text}  ${project}:remove: [openpectus]\n`,
        says: [/remove: "openpectus" is configured, too: delete its block, or its name from the list/],
    },
};

/** Settings by their path -> what is said. */
export interface SettingMistake {
    set: Record<string, unknown>;
    says: RegExp;
    /** It changes what is said about other blocks. */
    alone?: boolean;
}

export const SETTINGS: Record<string, SettingMistake> = {
    "a key misspelt": { set: { "openpectus.hostnam": "X" }, says: /openpectus\.hostnam: this key is unknown: did you mean "hostname"/ },
    "a key at the wrong depth": {
        set: { "openpectus.domain": "lab.example.org" },
        says: /openpectus\.domain: this key is unknown: did you mean "edge\.domain"/,
    },
    "a key of another spelling": {
        set: { "lightning.workers.max_payload_mb": 5 },
        says: /max_payload_mb: this key is unknown: did you mean "maxPayloadMb"/,
    },
    "a word misspelt": { set: { "lightning.web.logLevel": "wrning" }, says: /logLevel: "wrning" .*: give one of .*warning/ },
    "a text for a number": {
        set: { "lightning.workers.capacity": "many" },
        says: /capacity: it must be a number, not a text: write the number/,
    },
    "a number in quotes": { set: { "openpectus.publish.port": "8300" }, says: /publish\.port: it must be a number.*: .*without quotes/ },
    "a number for a text": { set: { "openpectus.containerName": 7 }, says: /containerName: it must be a text.*: .*in quotes/ },
    "yes for true": {
        set: { "lightning.accounts.allowSignup": "yes" },
        says: /allowSignup: it must be true or false.*: write true or false/,
    },
    "nothing for a value": { set: { "lightning.web.memory": null }, says: /web\.memory: .*nothing: write the number/ },
    "a list for a block": { set: { "openpectus.engines": ["reactor-1"] }, says: /engines: it must be a block of names.*: write names/ },
    "a text for a list": {
        set: { "lightning.web.origins": "//a.example.org" },
        says: /origins: it must be a list, not a text: put it into brackets/,
    },
    "a block for a text": {
        set: { "openpectus.image": { name: "x" } },
        says: /openpectus\.image: it must be a text, not a block: write a text/,
    },
    "memory with a unit": {
        set: { "openpectus.memory": "512 MB" },
        says: /openpectus\.memory: it must be a number.*: write the number alone, in MiB/,
    },
    "a duration with a unit": {
        set: { "openpectus.edge.readTimeoutSeconds": "2h" },
        says: /readTimeoutSeconds: it must be a number.*: write the number alone, in seconds/,
    },
    "a duration in minutes": {
        set: { "lightning.edge.readTimeoutSeconds": 60 },
        says: /readTimeoutSeconds: 60 .*: give whole seconds, at least 3600/,
    },
    "a negative number": { set: { "openpectus.backup.keep": -1 }, says: /keep: -1 .*: give a whole number, at least 1/ },
    "a fraction": { set: { "lightning.workers.replicas": 1.5 }, says: /replicas: 1\.5 .*: give a whole number/ },
    "no memory to speak of": {
        set: { "openpectus.engines.small.memory": 2 },
        says: /small\.memory: 2 MiB .*: give whole MiB, at least 128/,
    },
    "a port that no machine has": { set: { "openpectus.edge.httpPort": 84430 }, says: /httpPort: 84430 is not a port: .*1 to 65535/ },
    "one port for two things": {
        set: { "lightning.edge.httpPort": 8099, "lightning.edge.httpsPort": 8099 },
        says: /lightning\.edge\.httpsPort: port 8099 is taken by lightning\.edge\.httpPort: choose two/,
    },
    "one port for two systems": {
        set: { "openpectus.edge.httpsPort": 8098, "lightning.edge.httpsPort": 8098 },
        says: /lightning\.edge\.httpsPort: port 8098 on host "default" is already used by openpectus\.edge\.httpsPort: choose another port/,
    },
    "a host that nobody described": {
        set: { "openpectus.engines.far.host": "plant-b" },
        says: /far\.host: there is no host "plant-b": use default/,
    },
    "a host without an address": { set: { "hosts.bare": {} }, says: /hosts\.bare: it says nothing about the host: give it a docker block/ },
    "an address without a scheme": {
        set: { "hosts.plain.docker.host": "plant.example.org:2376" },
        says: /hosts\.plain\.docker\.host: .* is not the address of a Docker Engine: use ssh:/,
    },
    "an engine open to everybody": {
        set: { "hosts.open.docker.host": "tcp://plant.example.org:2375" },
        says: /hosts\.open\.docker\.tls: .*: give client certificates, or use ssh/,
    },
    "certificates for ssh": {
        set: { "hosts.shell.docker": { host: "ssh://root@plant.example.org", tls: { directory: "/certificates" } } },
        says: /hosts\.shell\.docker\.tls: .*tcp:\/\/ only: .*remove tls/,
    },
    "a directory for certificates and texts": {
        set: { "hosts.both.docker": { host: "tcp://plant.example.org:2376", tls: { directory: "/certificates", ca: "x" } } },
        says: /hosts\.both\.docker\.tls: directory and texts exclude each other: keep one/,
    },
    "a secret in plain text": {
        set: { "openpectus.engineSecret": "hunter2-hunter2" },
        says: /engineSecret: .*not encrypted.*: run `.*config set.*--secret --path \S+openpectus\.engineSecret'`/,
    },
    "a password in plain text": {
        set: { "lightning.accounts.superuser": { email: "a@example.org", password: "hunter2-hunter2" } },
        says: /superuser\.password: .*not encrypted.*: run `.*config set/,
    },
    "a bad mail address": {
        set: { "lightning.mail.adminEmail": "operations" },
        says: /adminEmail: "operations" is not an e-mail address: /,
    },
    "a bad schedule": {
        set: { "openpectus.backup.schedule": "daily" },
        says: /schedule: "daily" is not a schedule: give five cron fields/,
    },
    "a schedule that never comes": { set: { "lightning.backup.schedule": "0 0 31 2 *" }, says: /schedule: .* never comes: correct it/ },
    "a domain with its scheme": {
        set: { "openpectus.edge.domain": "https://lab.example.org" },
        says: /domain: .* is not a domain name: give the name alone/,
    },
    "a bad URL": {
        set: { "lightning.usageTracking.host": "metrics" },
        says: /usageTracking\.host: "metrics" is not a URL.*: give one that begins with https:/,
    },
    "a name for an address": {
        set: { "openpectus.edge.bindAddress": "localhost" },
        says: /bindAddress: "localhost" is not an IP address: give an address/,
    },
    "a relative path": {
        set: { "openpectus.data.hostPath": "data" },
        says: /data\.hostPath: "data" is not an absolute path.*: give one that begins with/,
    },
    "a relative path for backups": {
        set: { "lightning.backup.directory.hostPath": "~/backup" },
        says: /hostPath: "~\/backup" is not an absolute path: begin/,
    },
    "a file that is not there": {
        set: { "openpectus.engines.file.uod.path": "uods/nowhere.py" },
        says: /file\.uod\.path: the file "uods\/nowhere\.py" cannot be read: give a path/,
    },
    "an image without a tag": {
        set: { "openpectus.engines.bare.image": "lab/openpectus" },
        says: /bare\.image: "lab\/openpectus" can come to mean another image: /,
    },
    "the image that is the latest": {
        set: { "lightning.dataProtection": true, "lightning.web.image": "openfn/lightning:latest" },
        says: /web\.image: "openfn\/lightning:latest" can come to mean another image: give it by digest/,
    },
    "a tag where data is protected": {
        set: { "lightning.dataProtection": true, "lightning.workers.image": "openfn/ws-worker:v1.19.6" },
        says: /workers\.image: .* can come to mean another image: give it by digest/,
    },
    "two kinds of certificate": {
        set: { "openpectus.edge.tls": { devCa: {}, http01: { email: "a@example.org" } } },
        says: /openpectus\.edge\.tls: devCa and http01 exclude each other: keep one/,
    },
    "two databases": {
        set: { "lightning.database": { bundled: {}, external: { host: "db.example.org", name: "a", user: "b" } } },
        says: /lightning\.database: bundled and external exclude each other: remove one/,
        alone: true,
    },
    "two mail services": {
        set: { "lightning.mail": { adminEmail: "a@example.org", mailgun: { domain: "x" }, smtp: { relay: "y" } } },
        says: /lightning\.mail: mailgun and smtp exclude each other: remove one/,
    },
    "half of a mail server": {
        set: { "lightning.mail": { adminEmail: "a@example.org", smtp: { relay: "mail.example.org" } } },
        says: /mail\.smtp: .* username and password are missing: set what is missing/,
    },
    "an engine with a space in its name": {
        set: { "openpectus.engines.reactor 1": {} },
        says: /engines\.reactor 1.*: .* is not a host name: use /,
    },
    "two engines of one host name": {
        set: { "openpectus.engines.a.hostname": "same", "openpectus.engines.b.hostname": "same" },
        says: /engines\.b\.hostname: "same" is also the host name of openpectus\.engines\.a: give every engine/,
    },
    "an id that is none": {
        set: { "openpectus.azure": { directoryTenantId: "lab", applicationClientId: "lab" } },
        says: /directoryTenantId: .*GUID: copy "Directory \(tenant\) ID"/,
    },
    "a prefix with capitals": { set: { prefix: "Lab" }, says: /prefix: physical names cannot begin with it: use .*lower-case/ },
    "a variable that has a setting": {
        set: { "lightning.web.extraEnv": { LOG_LEVEL: "debug" } },
        says: /extraEnv\.LOG_LEVEL: this variable has a setting of its own: use \S*logLevel/,
    },
};
