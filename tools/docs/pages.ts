/** What is on which page of the reference. */
import { privileges } from "../../components/privileges";
import type { Interface } from "./interfaces";
import { NAME, type Block, type Roots } from "./keys";
import type { Component, Page } from "./reference";
import { HOSTS, type Folder, type Sources } from "./sources";

/** Which interface documents which block of the configuration. */
export const ROOTS: Roots = {
    [`hosts.${NAME}`]: "HostSettings",
    openpectus: "OpenPectusSettings",
    [`openpectus.engines.${NAME}`]: "OpenPectusEngineSettings",
    lightning: "LightningSettings",
};

/** Name of a folder -> title and line in the index. */
const TITLES: Record<string, [title: string, summary: string]> = {
    openpectus: ["Open Pectus", "The block `openpectus`: aggregator, engines, login, reverse proxy, backups. What its containers are given."],
    lightning: ["OpenFn Lightning", "The block `lightning`: web, workers, database, keys, mail, reverse proxy, backups. What its containers are given."],
    edge: ["Edge", "The component `Edge`: a reverse proxy with TLS in front of one program."],
    backup: ["Backup", "The component `Backup`: scheduled and checked backups of one database."],
    postgres: ["PostgreSQL", "The component `Postgres`: a database server in a container, with backups."],
};

const INTRODUCTION = `The file \`Pulumi.<environment>.yaml\` describes one environment. Its settings stand below \`config\`. The first word of a key
has the name of the project in front of it, each further word stands one level deeper, and \`${NAME}\` is a name that you choose:

\`\`\`yaml
config:
  groundwork:prefix: plant # prefix
  groundwork:openpectus:
    edge:
      httpsPort: 8443 # openpectus.edge.httpsPort
    engines:
      reactor-1:
        memory: 640 # openpectus.engines.${NAME}.memory
\`\`\`

How to read the tables:

- *Type*: a block has keys of its own. What is **secret** is accepted encrypted only; this asks for the value and writes it:
  \`make pulumi STACK=dev ARGS='config set --secret --path groundwork:openpectus.engineSecret'\`.
  A value of several lines, such as a key in PEM form, comes from a file: put \`< <file>\` behind the command. Where the state is kept on this
  machine, nobody else can read such a value: do not commit it, or choose [a place that your team shares](../../README.md#a-further-environment).
- *Default*: what holds without the key. A dash: nothing; what belongs to the key is off, or its block says what is needed.
- *A change*: what \`make up\` does when the key has changed. \`make preview\` shows it beforehand.

In a [program of your own](../../README.md#use-the-components-in-your-own-project) there is no such file: the keys of a system are the
arguments of its components, and a Docker provider takes the place of \`host\`.`;

export function readPages(sources: Sources, blocks: Block[]): Page[] {
    const below = (name: string) => blocks.filter(({ path }) => path === name || path.startsWith(`${name}.`));
    const pages = sources.folders.map((folder) => pageOf(folder, below(folder.name), sources));
    return [
        {
            name: "environment",
            title: "The file of an environment",
            summary: "How the file is written, and the keys at its top: `prefix`, `hosts`, the systems, `adopt`, `remove`.",
            introduction: INTRODUCTION,
            sources: ["stacks/config.ts"],
            blocks: blocks.filter(({ path }) => path === ""),
        },
        {
            name: "hosts",
            title: "Hosts",
            summary: "The block `hosts`: the Docker Engines that systems and engines are placed on.",
            sources: [HOSTS],
            blocks: below("hosts"),
        },
        ...pages.sort((a, b) => Number(!a.blocks) - Number(!b.blocks)),
        {
            name: "workload",
            title: "Workloads",
            summary: "What the container of each role may do: capabilities, network, root file system.",
            sources: ["components/privileges.ts"],
            privileges,
        },
    ];
}

function pageOf({ name, files, components, variables, interfaces }: Folder, blocks: Block[], sources: Sources): Page {
    const [title, summary] = TITLES[name] ?? [name, `The components of ${name}.`];
    const told = new Set<string>();
    return {
        name,
        title,
        summary,
        sources: files,
        ...(blocks.length > 0 && { blocks }),
        components: components.map((outputs): Component => {
            const types = reachable(`${outputs.name}Args`, sources.interfaces).filter((one) => interfaces.includes(one) && !told.has(one.name));
            types.forEach((one) => told.add(one.name));
            return { outputs, types };
        }),
        variables,
    };
}

/** An interface and all that it is made of, but for what is told as a block of the configuration. */
function reachable(name: string, interfaces: Map<string, Interface>, found = new Set<Interface>()): Interface[] {
    const one = interfaces.get(name);
    if (!one || found.has(one) || Object.values(ROOTS).includes(name)) return [...found];
    found.add(one);
    const inside = one.properties.flatMap(({ type }) => type.match(/\b[A-Z]\w+/g) ?? []);
    for (const other of [...one.extends, ...inside]) reachable(other, interfaces, found);
    return [...found];
}
