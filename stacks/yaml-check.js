// @ts-check
// What is wrong with the text of a configuration file, before anybody looks at what it says. The CLI names neither the file nor, often,
// the line; and it stops at the first mistake.
// Plain JavaScript, because make asks before every verb: a loader for TypeScript would take longer than everything else here.
"use strict";
const { Composer, isAlias, isMap, isScalar, LineCounter, Parser, visit } = require("yaml");
const { excerpt } = require("./yaml-excerpt");
const { MarginLexer } = require("./yaml-lexer");
const { explain } = require("./yaml-mistakes");
const { refusedNodes } = require("./yaml-nodes");
const { refusedTabs } = require("./yaml-tabs");

/**
 * @typedef {object} TextProblem
 * @property {string} path file, line and column
 * @property {string} problem
 * @property {string} fix
 * @property {"error" | "warning"} level
 * @property {string} excerpt the line with a caret below; values are masked
 */

/**
 * @typedef {object} Mistake
 * @property {number} offset
 * @property {string} problem
 * @property {string} fix
 * @property {boolean} [isLikeSpace] a tab that means what a space would mean in its place
 */

/**
 * What the parser has read, with its place in the text; the parser's own types leave open whether it has one.
 *
 * @typedef {any} Node
 */

// The CLI knows merge keys (`<<`), so they mean here what they mean there.
const OPTIONS = { merge: true, prettyErrors: false };

/** So many are said at once. The next ones cost another pass each, and a file with that many is mended in steps anyway. */
const MOST = 20;

/**
 * The content of a file without mistakes.
 *
 * @param {string} text
 * @returns {unknown}
 */
function readYaml(text) {
    return documentsOf(withLineFeeds(text))[0]?.toJS();
}

/**
 * The CLI takes a carriage return alone for the end of a line, too.
 *
 * @param {string} text
 */
function withLineFeeds(text) {
    return text.replace(/\r(?!\n)/g, "\n");
}

/**
 * Every mistake in a file. No message quotes a value: it may be a secret.
 *
 * @param {Buffer} content
 * @param {string} file its name, for the messages
 * @returns {TextProblem[]}
 */
function checkYaml(content, file) {
    const characters = characterMistakes(content, content.toString());
    const text = withLineFeeds(content.toString());
    const errors = characters.length > 0 ? characters : syntaxMistakes(text);
    const mistakes = errors.length > 0 ? errors : readOtherwise(text);
    const level = errors.length > 0 ? "error" : "warning";
    return mistakes
        .sort((a, b) => a.offset - b.offset)
        .slice(0, MOST)
        .map((mistake) => locate(mistake, level, text, file));
}

/**
 * All errors in a file as one message; undefined when there is none.
 *
 * @param {Buffer} content
 * @param {string} file
 * @returns {string | undefined}
 */
function refuseYaml(content, file) {
    const errors = checkYaml(content, file).filter(({ level }) => level === "error");
    if (errors.length === 0) return undefined;
    const count = `${errors.length}${errors.length < MOST ? "" : " or more"}`;
    const head = `${count} ${errors.length === 1 ? "problem" : "problems"} in the configuration; nothing was changed:`;
    return [head, ...errors.map(({ path, problem, fix, excerpt }) => `  ${path}: ${problem}: ${fix}\n${excerpt}`)].join("\n");
}

/**
 * @param {Mistake} mistake
 * @param {"error" | "warning"} level
 * @param {string} text
 * @param {string} file
 * @returns {TextProblem}
 */
function locate({ offset, problem, fix }, level, text, file) {
    const line = text.slice(0, offset).split("\n").length;
    const column = offset - text.lastIndexOf("\n", offset - 1);
    return { path: `${file}:${line}:${column}`, problem, fix, level, excerpt: excerpt(text.split("\n")[line - 1], line, column) };
}

const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
const FOREIGN_SPACE = /^ *[\u00a0\u2000-\u200b\u202f\u3000]/;

/**
 * @param {Buffer} content
 * @param {string} text
 * @returns {Mistake[]}
 */
function characterMistakes(content, text) {
    // Whatever is not UTF-8 has become the replacement character, which nobody types.
    const foreign = content.equals(Buffer.from(text)) ? -1 : text.indexOf("\ufffd");
    if (foreign >= 0) return [{ offset: foreign, problem: "the file is not UTF-8 text", fix: "save it as UTF-8" }];
    return [...text.matchAll(CONTROL)].map(({ index }) => ({
        offset: index,
        problem: "there is an invisible control character",
        fix: "delete it",
    }));
}

/**
 * One mistake makes the parser stumble over what follows. So it is asked for the first one again and again, each time without the one
 * before.
 *
 * @param {string} text
 * @returns {Mistake[]}
 */
function syntaxMistakes(text) {
    const mistakes = [];
    let rest = text;
    for (let mistake = firstMistake(rest); mistake; mistake = firstMistake(rest)) {
        mistakes.push(mistake);
        const before = rest;
        rest = mistake.isLikeSpace ? withSpacesAt(rest, mistake.offset) : withoutBlockAt(rest, mistake.offset);
        if (rest === before || mistakes.length === MOST) return mistakes;
    }
    const documents = documentsOf(rest);
    const second = secondDocument(documents, text);
    if (second) return [...mistakes, second];
    return mistakes.length > 0 ? mistakes : documents.slice(0, 1).flatMap(wrongShape);
}

/**
 * What the CLI accepts, although YAML 1.2 does not, is no error here.
 *
 * @param {string} text
 * @param {import("yaml").LineCounter} [lineCounter]
 */
function documentsOf(text, lineCounter) {
    const parser = /** @type {any} */ (new Parser(lineCounter?.addNewLine));
    parser.lexer = new MarginLexer();
    const documents = [...new Composer(OPTIONS).compose(parser.parse(text))];
    for (const document of documents)
        document.errors = document.errors.filter(({ message }) => !/^Comments must be separated/.test(message));
    return documents;
}

/**
 * @param {string} text
 * @returns {Mistake | undefined}
 */
function firstMistake(text) {
    const lines = new LineCounter();
    const found = documentsOf(text, lines).flatMap((document) => {
        const [error] = document.errors.sort((a, b) => a.pos[0] - b.pos[0]);
        return [...(error ? [explain(error, document, text, lines)] : []), ...refusedNodes(document, lines), ...foreignKeys(document)];
    });
    const [first] = [...refusedTabs(text), ...found].sort((a, b) => a.offset - b.offset);
    return first && (foreignSpaceAt(first.offset, text) ?? first);
}

/**
 * A space that is none for YAML becomes a part of the key behind it.
 *
 * @param {import("yaml").Document} document
 * @returns {Mistake[]}
 */
function foreignKeys(document) {
    /** @type {Mistake[]} */
    const mistakes = [];
    visit(document, {
        Scalar: (key, /** @type {Node} */ { type, source, range }) => {
            if (key === "key" && type === "PLAIN" && FOREIGN_SPACE.test(source)) mistakes.push(foreignSpace(range[0]));
        },
    });
    return mistakes;
}

/**
 * @param {number} offset of a mistake
 * @param {string} text
 */
function foreignSpaceAt(offset, text) {
    const start = text.lastIndexOf("\n", offset - 1) + 1;
    const [indentation] = FOREIGN_SPACE.exec(text.slice(start)) ?? [];
    return indentation === undefined ? undefined : foreignSpace(start + indentation.length - 1);
}

/** @param {number} offset */
function foreignSpace(offset) {
    const problem = "a space of another kind stands in the indentation, as web pages have them";
    return { offset, problem, fix: "replace it by an ordinary space" };
}

/**
 * @param {{ contents: Node }[]} documents
 * @param {string} text
 * @returns {Mistake | undefined}
 */
function secondDocument([, ...others], text) {
    const second = others.find(({ contents }) => contents && !isNothing(contents));
    if (!second) return undefined;
    const offset = text.lastIndexOf("\n---", second.contents.range[0]) + 1;
    return { offset, problem: "a second document begins here, and Pulumi reads only the first", fix: "remove the line ---" };
}

/**
 * The engine's messages for these name a type of Go.
 *
 * @param {{ contents: Node }} document
 * @returns {Mistake[]}
 */
function wrongShape({ contents }) {
    if (contents && !isMap(contents) && !isNothing(contents)) {
        return [{ offset: contents.range[0], problem: "the file does not consist of keys with values", fix: "begin it with config:" }];
    }
    const config = contents?.items?.find((/** @type {Node} */ pair) => pair.key?.value === "config")?.value;
    if (!config || isMap(config) || isNothing(config) || isAlias(config)) return [];
    const fix = "write keys with their values below it, without hyphens, e.g. groundwork:openpectus: {}";
    return [{ offset: config.range[0], problem: "config must have keys below it", fix }];
}

/** @param {Node} node */
function isNothing(node) {
    return isScalar(node) && node.value === null;
}

/**
 * @param {string} text
 * @param {number} offset of a tab
 */
function withSpacesAt(text, offset) {
    return text.slice(0, offset) + text.slice(offset).replace(/^[ \t]+/, (tabs) => " ".repeat(tabs.length));
}

/**
 * The line of a mistake becomes blank, and so does everything that is indented below it, unless it is blank or a comment already. What
 * follows stays where it is.
 *
 * @param {string} text
 * @param {number} offset
 */
function withoutBlockAt(text, offset) {
    const lines = text.split("\n");
    const first = text.slice(0, offset).split("\n").length - 1;
    const indent = (/** @type {string} */ line) => line.search(/\S|$/);
    const depth = indent(lines[first]);
    const isBlank = /^\s*(#|$)/.test(lines[first]);
    const next = isBlank ? first + 1 : lines.findIndex((line, index) => index > first && line.trim() !== "" && indent(line) <= depth);
    return lines.map((line, index) => (index >= first && (next < 0 || index < next) ? line.replace(/[^\r]/g, " ") : line)).join("\n");
}

/** How Pulumi reads plain values that YAML 1.2 reads otherwise. */
const OTHERWISE = [
    {
        form: /^[-+]?0[0-7]+$/,
        problem: "Pulumi reads a number with a zero in front as octal",
        fix: "leave the zero out, or put a text in quotes",
    },
    {
        form: /^[-+]?(0b[01_]+|0x[\da-f_]*_[\da-f_]*|\d[\d_]*_[\d_]*(\.[\d_]*)?)$/i,
        problem: "Pulumi reads it as a number",
        fix: "write digits only, or put a text in quotes",
    },
    { form: /^\d{4}-\d\d?-\d\d?([Tt ].*)?$/, problem: "Pulumi reads it as a date, and adds a time of day", fix: "put it in quotes" },
];

/**
 * @param {string} text
 * @returns {Mistake[]}
 */
function readOtherwise(text) {
    const [document] = documentsOf(text);
    /** @type {Mistake[]} */
    const mistakes = (document?.warnings ?? [])
        .filter(({ code }) => code === "TAG_RESOLVE_FAILED")
        .map(({ pos }) => ({
            offset: pos[0],
            problem: "Pulumi ignores a word that begins with !",
            fix: "put the text in quotes, or remove the word",
        }));
    visit(document ?? null, {
        Scalar: (key, /** @type {Node} */ node) => {
            const found = key !== "key" && node.type === "PLAIN" && OTHERWISE.find(({ form }) => form.test(node.source));
            if (found) mistakes.push({ offset: node.range[0], problem: found.problem, fix: found.fix });
        },
    });
    return mistakes;
}

module.exports = { checkYaml, readYaml, refuseYaml };
