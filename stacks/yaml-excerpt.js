// @ts-check
"use strict";

const LONGEST = 100;

/**
 * A line of a file with a caret below. What could be a value, and so a secret, is masked: a person has the file.
 *
 * @param {string} text
 * @param {number} line
 * @param {number} column
 */
function excerpt(text, line, column) {
    const start = Math.max(0, column - LONGEST + 20);
    const shown = masked(text.replace(/\r$/, ""), column - 1).slice(start, start + LONGEST);
    const number = String(line).padStart(6);
    return `${number} | ${shown}\n${" ".repeat(number.length)} | ${" ".repeat(column - 1 - start)}^`;
}

/**
 * Shows the indentation, hyphens, the key, and the sign that the caret points to.
 *
 * @param {string} text
 * @param {number} caret
 */
function masked(text, caret) {
    const [head = ""] = /^\s*(?:- +)*(?:(?:"[^"]*"|'[^']*'|[\w.:-]+)\s*:(?=\s|$))?/.exec(text) ?? [];
    const isShown = (/** @type {string} */ sign, /** @type {number} */ at) =>
        at < head.length || /\s/.test(sign) || (at === caret && !/[\p{L}\p{N}]/u.test(sign));
    return text
        .split("")
        .map((sign, at) => (sign === "\t" ? "→" : isShown(sign, at) ? sign : "•"))
        .join("");
}

module.exports = { excerpt };
