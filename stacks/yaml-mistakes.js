// @ts-check
// The parser's errors in the words of the person who wrote the file.
"use strict";
const { isScalar, visit } = require("yaml");

/**
 * @typedef {import("./yaml-check").Mistake} Mistake
 * @typedef {import("./yaml-check").Node} Node
 * @typedef {import("yaml").YAMLError} YamlError
 * @typedef {import("yaml").Document} Document
 * @typedef {(offset: number) => number} LineOf
 */

/**
 * Code of the parser -> what is said. Those that need a look at the text come first, in `explain`.
 *
 * @type {Record<string, string[]>}
 */
const WORDS = {
    TAB_AS_INDENT: ["a tab stands in the indentation", "indent with spaces"],
    BAD_INDENT: ["its indentation fits none of the lines above", "line it up with the keys that it belongs to"],
    BLOCK_AS_IMPLICIT_KEY: ["its indentation fits none of the lines above", "line it up with the keys that it belongs to"],
    MULTILINE_IMPLICIT_KEY: ['no ": " follows this key', "write key: value, with a space after the colon"],
    MISSING_CHAR: ['no ": " follows this key', "write key: value, with a space after the colon"],
    BAD_SCALAR_START: ["a text without quotes cannot begin with this sign", "put it in quotes"],
    BAD_DQ_ESCAPE: ["in double quotes a backslash begins an escape, and there is none like this", "write \\\\, or use single quotes"],
    BAD_ALIAS: ["a value that begins with & or * refers to another one, and has no name here", "put it in quotes"],
};
const OTHER = ["this does not belong here", "put a text with special signs in quotes, and look at indentation and brackets"];

/**
 * @param {YamlError} error
 * @param {Document} document
 * @param {string} text
 * @param {import("yaml").LineCounter} lines
 * @returns {Mistake}
 */
function explain(error, document, text, lines) {
    const lineOf = (/** @type {number} */ offset) => lines.linePos(Math.min(offset, text.length)).line;
    const special = wrongQuote(error, document, lineOf) ?? openBracket(error, document, text) ?? repeatedKey(error, document, lineOf);
    if (special) return special;
    const isDouble = document.errors.some(({ message, pos }) => /^Nested mappings/.test(message) && pos[0] === error.pos[0]);
    if (isDouble) return secondValue(error, document, text, lineOf);
    const [problem, fix] = WORDS[error.code] ?? OTHER;
    return { offset: error.pos[0], problem, fix };
}

/**
 * A quote that ends on a later line where something is wrong was not meant to go on until there.
 *
 * @param {YamlError} error
 * @param {Document} document
 * @param {LineOf} lineOf
 * @returns {Mistake | undefined}
 */
function wrongQuote({ message, pos: [at] }, document, lineOf) {
    const quoted = scalars(document).filter(({ type, range }) => type?.startsWith("QUOTE") && range[0] < at);
    const open = /^Missing closing/.test(message)
        ? quoted.at(-1)
        : quoted.find(({ range: [start, end] }) => lineOf(start) < lineOf(at) && lineOf(end) >= lineOf(at));
    if (open) return { offset: open.range[0], problem: "this quote is not closed", fix: "close it" };
    if (!quoted.some(({ range }) => range[1] === at)) return undefined;
    return {
        offset: at,
        problem: "the text goes on behind its closing quote",
        fix: "write a quote in a text twice, or use the other kind",
    };
}

/**
 * @param {YamlError} error
 * @param {Document} document
 * @param {string} text
 * @returns {Mistake | undefined}
 */
function openBracket({ pos: [at] }, document, text) {
    const ends = document.errors.filter(({ message }) => /\bend with a [\]}]$/.test(message)).map(({ pos }) => pos[0]);
    if (ends.length === 0) return undefined;
    /** @type {number | undefined} */
    let opening;
    visit(document, {
        Collection: (_key, /** @type {Node} */ node) => {
            if (node.flow && node.range[0] < at && ends.some((end) => end >= at && node.range[1] >= end)) opening = node.range[0];
        },
    });
    return opening === undefined ? undefined : { offset: opening, problem: `${text[opening]} is not closed`, fix: "close it" };
}

/**
 * @param {YamlError} error
 * @param {Document} document
 * @param {LineOf} lineOf
 * @returns {Mistake | undefined}
 */
function repeatedKey({ code, pos: [at] }, document, lineOf) {
    if (code !== "DUPLICATE_KEY") return undefined;
    let first = at;
    visit(document, {
        Map: (_key, /** @type {Node} */ { items }) => {
            const repeated = items.find((/** @type {Node} */ { key }) => isScalar(key) && key.range?.[0] === at);
            if (repeated)
                first = items.find((/** @type {Node} */ { key }) => isScalar(key) && key.value === repeated.key.value).key.range[0];
        },
    });
    return { offset: at, problem: `this key stands in line ${lineOf(first)} already`, fix: "keep one of them" };
}

/**
 * `a: b: c`, on one line or because the second key is indented below a value.
 *
 * @param {YamlError} error
 * @param {Document} document
 * @param {string} text
 * @param {LineOf} lineOf
 * @returns {Mistake}
 */
function secondValue({ pos: [at] }, document, text, lineOf) {
    const below = document.errors.find(({ code, pos }) => code === "MULTILINE_IMPLICIT_KEY" && pos[0] === at);
    if (!below) {
        const fix = "put the value in quotes, or begin a new line";
        return { offset: at + text.slice(at).search(/:(?=\s|$)/), problem: 'a second ": " stands in one line', fix };
    }
    const start = text.lastIndexOf("\n", below.pos[1] - 1) + 1;
    const offset = start + text.slice(start).search(/\S/);
    const fix = "line it up with the keys that it belongs to";
    return { offset, problem: `it is indented below line ${lineOf(at)}, which has a value already`, fix };
}

/**
 * @param {Document} document
 * @returns {Node[]}
 */
function scalars(document) {
    /** @type {Node[]} */
    const found = [];
    visit(document, { Scalar: (_key, node) => void found.push(node) });
    return found;
}

module.exports = { explain };
