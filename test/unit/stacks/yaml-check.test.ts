import assert from "node:assert/strict";
import { checkYaml, readYaml, refuseYaml } from "../../../stacks/yaml-check";
import { BLOCKS, FILES, type Verdicts } from "./yaml-verdicts";

/** The keys of one block, each with four spaces in front as in a file. */
const block = (...lines: string[]) => ["config:", "  groundwork:openpectus:", ...lines, ""].join("\n");

function problems(text: string | Buffer): string[] {
    const found = checkYaml(Buffer.from(text as string), "Pulumi.dev.yaml");
    return found.map(({ path, problem, fix, level }) => `${level} ${path.replace("Pulumi.dev.yaml:", "")} ${problem}: ${fix}`);
}

const CLOSE = "this quote is not closed: close it";
const COLON = 'no ": " follows this key: write key: value, with a space after the colon';
const LINE_UP = "line it up with the keys that it belongs to";
const TAB = "a tab stands in the indentation: indent with spaces";
const HYPHEN = "a tab stands behind the hyphen: use a space";
const SECOND = 'a second ": " stands in one line: put the value in quotes, or begin a new line';
const BRACES = "{{ begins a mapping within a mapping, not a text: put quotes around it, or fill the template in first";
const MERGE = "<< takes over the keys of a mapping, and its value is none: refer to a mapping with *, or use another key";
const QUOTES = "a text without quotes cannot begin with this sign: put it in quotes";

/** What a person does -> the file, and where and what is said. */
const MISTAKES: Record<string, { text: string | Buffer; said: string[] }> = {
    "a tab": { text: block("\thostname: X"), said: [`3:1 ${TAB}`] },
    "every tab": {
        text: block(
            "\t# x",
            "    a: 1",
            "    ",
            "  \t",
            "    b: |",
            "      x",
            "\t",
            "      y",
            "    c:",
            "      -\tx",
            "      - \ty",
            "    d: 1: 2",
        ),
        said: [`3:1 ${TAB}`, `6:3 ${TAB}`, `9:1 ${TAB}`, `12:8 ${HYPHEN}`, `13:9 ${HYPHEN}`, `14:9 ${SECOND}`],
    },
    "a tab within brackets, and no consequence of it": {
        text: block("    a: {", "\tb: 1", "\t}", "    c: [x", "\t, y]", "    d: 1: 2"),
        said: [`5:1 ${TAB}`, `7:1 ${TAB}`, `8:9 ${SECOND}`],
    },
    "placeholders of a template": {
        text: block("    a: {{ x }}", "    b: [1, {{ x.y }}]", "    c: {{ x }}:80", "    {{ x }}: 1", "    d: { [x]: 1 }"),
        said: [
            `3:8 ${BRACES}`,
            `4:12 ${BRACES}`,
            `5:8 ${BRACES}`,
            `6:5 ${BRACES}`,
            "7:10 a mapping or a list cannot be a key: write a text, in quotes if it has brackets",
        ],
    },
    "merge keys that merge nothing": {
        text: block("    a: &a { x: 1 }", "    b:", "      <<: *a", "      <<: *a", "    c:", "      <<: 1", "    d: { <<: [*a, y] }"),
        said: ["6:7 this key stands in line 5 already: write << once; it takes a list, e.g. <<: [*a, *b]", `8:7 ${MERGE}`, `9:10 ${MERGE}`],
    },
    "a space of a web page": {
        text: block("\u00a0\u00a0  hostname: X"),
        said: ["3:1 a space of another kind stands in the indentation, as web pages have them: replace it by an ordinary space"],
    },
    "one space too many": {
        text: block("    hostname: X", "     memory: 512"),
        said: [`4:6 it is indented below line 3, which has a value already: ${LINE_UP}`],
    },
    "one space too few": {
        text: block("    hostname: X", "   memory: 512"),
        said: [`4:1 its indentation fits none of the lines above: ${LINE_UP}`],
    },
    "an item of a list that is not below the others": {
        text: block("    names:", "    - a", "   - b"),
        said: [`5:1 its indentation fits none of the lines above: ${LINE_UP}`],
    },
    "a key three times": {
        text: block("    memory: 1", "    memory: 2", "    memory: 3"),
        said: ["4:5 this key stands in line 3 already: keep one of them", "5:5 this key stands in line 3 already: keep one of them"],
    },
    "config twice": {
        text: "config:\n  groundwork:hosts: {}\nconfig: {}\n",
        said: ["3:1 this key stands in line 1 already: keep one of them"],
    },
    "an open quote": { text: block('    hostname: "X', "    memory: 512"), said: [`3:15 ${CLOSE}`] },
    "an open quote that a later one closes": {
        text: block('    hostname: "X', '    image: "Y"', "    memory: 512"),
        said: [`3:15 ${CLOSE}`],
    },
    "an open quote in the last line": { text: block("    hostname: 'X").trimEnd(), said: [`3:15 ${CLOSE}`] },
    "a quote inside of a text": {
        text: block("    hostname: 'it's'"),
        said: ["3:19 the text goes on behind its closing quote: write a quote in a text twice, or use the other kind"],
    },
    "an open bracket": { text: block("    names: [a, b", "    memory: 512"), said: ["3:12 [ is not closed: close it"] },
    "an open brace": { text: block("    edge: { domain: x", "    memory: 512"), said: ["3:11 { is not closed: close it"] },
    "a colon inside of a text": {
        text: block("    hostname: X:Y: Z"),
        said: [`3:18 ${SECOND}`],
    },
    "no space after a colon": { text: block("    hostname: X", "    memory:512"), said: [`4:5 ${COLON}`] },
    "no colon before a block": { text: block("    edge", "      domain: x", "    memory: 512"), said: [`3:5 ${COLON}`] },
    "signs that mean something": {
        text: block("    a: %x", "    b: @x", "    c: `x`", "    d: *.example.org", '    e: "C:\\Users"'),
        said: [
            `3:8 ${QUOTES}`,
            `4:8 ${QUOTES}`,
            `5:8 ${QUOTES}`,
            "6:8 a value that begins with * repeats another one, and none has this name: put the value in quotes",
            "7:11 in double quotes a backslash begins an escape, and there is none like this: write \\\\, or use single quotes",
        ],
    },
    "two documents": {
        text: `${block("    memory: 1")}---\nhosts: {}\n`,
        said: ["4:1 a second document begins here, and Pulumi reads only the first: remove the line ---"],
    },
    "another encoding": {
        text: Buffer.from(block("    hostname: Køge"), "latin1"),
        said: ["3:16 the file is not UTF-8 text: save it as UTF-8"],
    },
    "an invisible character": { text: block("    hostname: X\u0001"), said: ["3:16 there is an invisible control character: delete it"] },
    "a list for the file": { text: "- config\n", said: ["1:1 the file does not consist of keys with values: begin it with config:"] },
    "a list for config": {
        text: "config:\n  - groundwork:hosts: {}\n",
        said: [
            "2:3 config must have keys below it: write keys with their values below it, without hyphens, e.g. groundwork:openpectus: {}",
        ],
    },
};

describe("the text of a configuration file", () => {
    for (const [title, { text, said }] of Object.entries(MISTAKES)) {
        it(`names ${title}`, () =>
            assert.deepEqual(
                problems(text),
                said.map((line) => `error ${line}`),
            ));
    }

    it("is told all of its mistakes at once, and no consequence of one", () => {
        const text = block("    a: 1", "    a: 2", "    b: 5: 6", '    c: "x', "    d: [1", "\te: 4", "    f: 1");
        assert.deepEqual(
            problems(text).map((line) => line.split(" ")[1]),
            ["4:5", "5:9", "6:8", "7:8", "8:1"],
        );
    });

    it("is told only the first of very many mistakes: each costs a pass", () => {
        const keys = Array.from({ length: 40 }, (_, index) => `  k${index}: `);
        for (const value of ["b: c", "*x", "[", '"x"y', "\u0001"]) {
            const message = refuseYaml(Buffer.from(["config:", ...keys.map((key) => key + value)].join("\n")), "f")!;
            assert.match(message, /^20 or more problems in the configuration/);
            assert.equal(message.match(/^ {2}f:/gm)?.length, 20);
        }
        assert.equal(problems(`config:\n  a: ${"[".repeat(300)}`).length, 1);
    });

    for (const text of [
        "",
        "config:\n",
        "# nothing\n",
        `---\n${block("    a: &x { b: 1 }", "    c: *x", "    d:", "      <<: *x")}---\n`,
    ]) {
        it(`is right as ${JSON.stringify(text)}`, () => assert.deepEqual(problems(text), []));
    }

    it("is right with the line ends of Windows, and with the mark that some editors put in front", () => {
        assert.deepEqual(problems(`\ufeff${block("    hostname: X").replaceAll("\n", "\r\n")}`), []);
    });

    it("is warned of what Pulumi reads otherwise than other programs, and of nothing else", () => {
        const same = ["yes", "on", "1:30", "0o17", "0x1F", "08", "1.50", "'0640'", "'2026-01-01'", "10.0.0.1"];
        const other = ["0640", "1_000", "0b11", "2026-01-01", "2026-01-01 10:00:00", "!secret x"];
        const lines = [...same, ...other].map((value, index) => `    k${index}: ${value}`);
        assert.deepEqual(
            checkYaml(Buffer.from(block(...lines)), "f").map(({ level, path }) => `${level} ${path.split(":")[1]}`),
            other.map((_, index) => `warning ${same.length + index + 3}`),
        );
    });
});

/** YAML 1.2 forbids most of these; the CLI reads all of them. */
const ACCEPTED: Record<string, string> = {
    "a space of a web page in a block text": block("    a: |", "      x", "      \u00a0y"),
    "a space of a web page in a quoted text": block('    a: "x', '\u200by"'),
    "a space of a web page in a plain text": block("    a: x", "      \u00a0y"),
    "a quoted text at the margin": block('    a: "-----BEGIN', "x", '-----END"', "    b: 1"),
    "a quoted text at the margin within brackets": block("    a: ['x", "y', z]", "    b: 1"),
    "a tab in a quoted text": block('    a: "x', '\ty"'),
    "a tab within brackets": block("    a: [x,", "\ty]", "    b: {", "    \tc: 1,", "    }"),
    "brackets that close at the margin": block("    a: {", "      b: 1", "}", "    c: [", "1", "]", "    d: [", "      1", "    ]"),
    "comments without a space in front": block('    a: "x"#y', "    b: [x,#y", "      z]#y", "    c: |#y", "      x"),
    "the line ends of old": block("    a: 1", "    b: |", "      x").replaceAll("\n", "\r"),
};

describe("what the CLI reads is right", () => {
    for (const [title, text] of Object.entries(ACCEPTED)) it(`with ${title}`, () => assert.deepEqual(problems(text), []));

    it("and has the values that the CLI reads", () => {
        const { config } = readYaml(ACCEPTED["a quoted text at the margin"]) as { config: Record<string, unknown> };
        assert.deepEqual(config, { "groundwork:openpectus": { a: "-----BEGIN x -----END", b: 1 } });
    });
});

describe("the check agrees with the CLI on", () => {
    const agrees = (title: string, { accepted, refused }: Verdicts, head: string) => {
        const isRefused = (text: string) => refuseYaml(Buffer.from(head + text), "f") !== undefined;
        it(`${title}: ${accepted.length} that it reads`, () => assert.deepEqual(accepted.filter(isRefused), []));
        it(`${title}: ${refused.length} that it refuses`, () =>
            assert.deepEqual(
                refused.filter((text) => !isRefused(text)),
                [],
            ));
    };
    for (const [title, verdicts] of Object.entries(BLOCKS)) agrees(title, verdicts, "config:\n  p:a:\n");
    agrees("whole files", FILES, "");
});

describe("the excerpt of a configuration file", () => {
    const excerpt = (...lines: string[]) => refuseYaml(Buffer.from(block(...lines)), "Pulumi.dev.yaml")!;

    it("shows the line and, with a caret, the place", () => {
        assert.equal(
            excerpt("    edge: { domain: x", "\tmemory: 512"),
            [
                "2 problems in the configuration; nothing was changed:",
                "  Pulumi.dev.yaml:3:11: { is not closed: close it",
                "     3 |     edge: { ••••••• •",
                "       |           ^",
                "  Pulumi.dev.yaml:4:1: a tab stands in the indentation: indent with spaces",
                "     4 | →memory: •••",
                "       | ^",
            ].join("\n"),
        );
    });

    it("shows a part of a long line", () => {
        const lines = excerpt(`    names: ["${"x".repeat(300)}"`, "    memory: 512").split("\n");
        assert.ok(lines.every((line) => line.length < 140) && lines.at(-1)!.endsWith("^"));
    });

    it("never shows a value: it may be a secret", () => {
        const secret = "hunter2";
        const wrong = [
            `"${secret}`,
            `'${secret}'s`,
            `[${secret}`,
            `{ key: ${secret}`,
            `*${secret}`,
            `%${secret}`,
            `x: ${secret}`,
            `"\\${secret}"`,
            `{{ ${secret} }}`,
            `1\n    -\t${secret}`,
            `1\n    <<: ${secret}`,
        ];
        for (const value of wrong) assert.ok(!excerpt(`    engineSecret: ${value}`, "    memory: 512").includes(secret.slice(1)), value);
        for (const line of [`\tengineSecret: ${secret}`, `    engineSecret ${secret}`, `    engineSecret:${secret}`])
            assert.ok(!excerpt("    memory: 512", line, "    hostname: X").includes(secret), line);
    });
});
