// @ts-check
// What the CLI refuses although the parser reads it: aliases without a target, keys that are no text, merge keys without a mapping.
"use strict";
const { isAlias, isCollection, isMap, isScalar, isSeq, visit } = require("yaml");

/**
 * @typedef {import("./yaml-check").Mistake} Mistake
 * @typedef {import("./yaml-check").Node} Node
 * @typedef {import("yaml").Document} Document
 * @typedef {import("yaml").LineCounter} LineCounter
 */

/**
 * @param {Document} document
 * @param {LineCounter} lines
 * @returns {Mistake[]}
 */
function refusedNodes(document, lines) {
    const mistakes = unknownAliases(document);
    const anchors = anchorsOf(document);
    visit(document, {
        Pair: (_key, /** @type {Node} */ { key }, path) => {
            const isRefused = targetsOf(key, anchors).some(isCollection) && !isPlaceholder(key);
            if (isRefused) mistakes.push(collectionKey(key, path[path.length - 1]));
        },
        Map: (_key, /** @type {Node} */ { items }) => {
            mistakes.push(...refusedMerges(items, anchors, lines));
        },
    });
    return mistakes;
}

/**
 * Read once: the parser's own way from an alias to its target goes through the whole document.
 *
 * @param {Document} document
 * @returns {Map<string, Node[]>}
 */
function anchorsOf(document) {
    const anchors = new Map();
    visit(document, {
        Node: (_key, /** @type {Node} */ node) => {
            if (node.anchor) anchors.set(node.anchor, [...(anchors.get(node.anchor) ?? []), node]);
        },
    });
    return anchors;
}

/**
 * @param {Document} document
 * @returns {Mistake[]}
 */
function unknownAliases(document) {
    /** @type {Mistake[]} */
    const mistakes = [];
    const names = new Set();
    visit(document, {
        Node: (_key, /** @type {Node} */ node) => {
            if (!isAlias(node)) names.add(node.anchor);
        },
        Alias: (_key, /** @type {Node} */ node) => {
            if (names.has(node.source)) return;
            const problem = "a value that begins with * repeats another one, and none has this name";
            mistakes.push({ offset: node.range[0], problem, fix: "put the value in quotes" });
        },
    });
    return mistakes;
}

/**
 * @param {Node} key
 * @param {Node} map that it stands in
 * @returns {Mistake}
 */
function collectionKey(key, map) {
    if (isPlaceholder(map)) {
        const problem = "{{ begins a mapping within a mapping, not a text";
        return { offset: map.range[0], problem, fix: "put quotes around it, or fill the template in first" };
    }
    return { offset: key.range[0], problem: "a mapping or a list cannot be a key", fix: "write a text, in quotes if it has brackets" };
}

/**
 * `{{ x }}`, as templates have it.
 *
 * @param {Node} node
 */
function isPlaceholder(node) {
    const key = isMap(node) && node.flow ? /** @type {Node} */ (node.items[0]?.key) : undefined;
    return isMap(key) && key.flow && key.range?.[0] === /** @type {Node} */ (node).range[0] + 1;
}

/**
 * @param {Node[]} pairs of one mapping
 * @param {Map<string, Node[]>} anchors
 * @param {LineCounter} lines
 * @returns {Mistake[]}
 */
function refusedMerges(pairs, anchors, lines) {
    const [first, ...others] = pairs.filter(({ key }) => isScalar(key) && key.source === "<<");
    if (!first) return [];
    const noMapping = [first, ...others].filter(({ key, value }) => isMergeKey(key) && !isMergeSource(value, anchors));
    return [
        ...others.map(({ key }) => ({
            offset: key.range[0],
            problem: `this key stands in line ${lines.linePos(first.key.range[0]).line} already`,
            fix: "write << once; it takes a list, e.g. <<: [*a, *b]",
        })),
        ...noMapping.map(({ key }) => ({
            offset: key.range[0],
            problem: "<< takes over the keys of a mapping, and its value is none",
            fix: "refer to a mapping with *, or use another key",
        })),
    ];
}

/**
 * In quotes it is an ordinary key, at least directly below config.
 *
 * @param {Node} key
 */
function isMergeKey({ type, tag }) {
    return type === "PLAIN" && !tag?.endsWith(":str");
}

/**
 * @param {Node} value
 * @param {Map<string, Node[]>} anchors
 */
function isMergeSource(value, anchors) {
    const isMapping = (/** @type {Node} */ node) => targetsOf(node, anchors).some(isMap);
    return isMapping(value) || (isSeq(value) && value.items.every(isMapping));
}

/**
 * The node itself, or everything that an alias may mean.
 *
 * @param {Node} node
 * @param {Map<string, Node[]>} anchors
 */
function targetsOf(node, anchors) {
    return isAlias(node) ? (anchors.get(node.source) ?? []) : [node];
}

module.exports = { refusedNodes };
