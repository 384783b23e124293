// @ts-check
// The tabs that the CLI refuses. YAML lets a tab stand in more places than the CLI does, and the CLI in places where YAML does not. So this
// follows the CLI's scanner through the text: whether a key may begin, how deep the block around is, and what stands before.
"use strict";
const { CST } = require("yaml");
const { MarginLexer } = require("./yaml-lexer");

/** @typedef {import("./yaml-check").Mistake} Mistake */

const INDENTATION = { problem: "a tab stands in the indentation", fix: "indent with spaces" };
const IN_BRACKETS = { ...INDENTATION, isLikeSpace: true };
const HYPHEN = { problem: "a tab stands behind the hyphen", fix: "use a space", isLikeSpace: true };

/** How far behind the end of a comment the CLI looks for the next one. */
const COMMENT_REACH = 511;

/**
 * @param {string} text
 * @returns {Mistake[]}
 */
function refusedTabs(text) {
    if (!text.includes("\t")) return [];
    const scan = new TabScan();
    for (const lexeme of new MarginLexer().lex(text)) scan.read(lexeme);
    return scan.end();
}

class TabScan {
    /** @type {Mistake[]} */
    mistakes = [];
    /** @type {Mistake[]} tabs that the CLI minds unless a comment follows */
    undecided = [];
    offset = 0;
    lineStart = 0;
    /** Columns of the blocks around. */
    indents = [-1];
    /** How many brackets are open. */
    flow = 0;
    /** Whether a key may begin here. Then a tab may not stand here. */
    keyAllowed = true;
    /** @type {number | undefined} column of what becomes a key when a colon follows */
    keyColumn;
    /** @type {string | null} what stands before, other than spaces and line ends */
    last = null;
    /** Whether `last` stands in an earlier line. */
    lineEnded = true;
    /** @type {number | undefined} end of a comment from which the CLI looks for the next one */
    commentEnd;
    /** @type {string | undefined} the header of the block text that comes next */
    header;
    /** Whether the next lexeme is the source of a text without quotes, or of a block text. */
    isSource = false;
    /** The CLI does not read on behind the first document. */
    ended = false;

    get indent() {
        return this.indents[this.indents.length - 1];
    }

    /** @param {string} lexeme */
    read(lexeme) {
        const type = this.isSource ? (this.header === undefined ? "plain" : "block") : CST.tokenType(lexeme);
        this.isSource = type === "scalar";
        if (this.ended || type === "scalar" || type === "doc-mode" || type === "flow-error-end") return;
        if (type === "space") this.space(lexeme);
        else if (type === "newline") this.newline();
        else if (type === "comment") this.comment(lexeme);
        else if (type !== "byte-order-mark") this.token(type, lexeme);
        this.offset += lexeme.length;
        const lineEnd = lexeme.lastIndexOf("\n");
        if (lineEnd >= 0) this.lineStart = this.offset - lexeme.length + lineEnd + 1;
        if (type === "byte-order-mark") this.lineStart = this.offset;
    }

    end() {
        return [...this.mistakes, ...this.undecided];
    }

    /** @param {string} lexeme */
    space(lexeme) {
        const at = lexeme.indexOf("\t");
        if (at < 0 || this.header !== undefined) return;
        const offset = this.offset + at;
        if (this.last === "plain") {
            // The CLI looks here for another line of that text.
            if (this.lineEnded && offset - this.lineStart <= this.indent) this.refuse(offset);
        } else if (this.keyAllowed && this.flow === 0) {
            const isHyphen = this.last === "seq-item-ind" && !this.lineEnded;
            const mayPrecedeComment = this.commentEnd !== undefined || (!this.lineEnded && !isHyphen);
            (mayPrecedeComment ? this.undecided : this.mistakes).push({ offset, ...(isHyphen ? HYPHEN : INDENTATION) });
        }
    }

    /** @param {number} offset */
    refuse(offset) {
        this.mistakes.push({ offset, ...(this.flow > 0 ? IN_BRACKETS : INDENTATION) });
    }

    newline() {
        this.lineEnded = true;
        if (this.flow > 0) return;
        this.keyAllowed = true;
        this.keyColumn = undefined;
    }

    /** @param {string} lexeme */
    comment(lexeme) {
        const belongsToLine = !this.lineEnded && this.last !== "seq-item-ind" && this.last !== "doc-start";
        const isReached = this.commentEnd !== undefined && this.offset - this.commentEnd <= COMMENT_REACH;
        if (belongsToLine || isReached) this.undecided = [];
        this.settle();
        if (!belongsToLine) this.commentEnd = this.offset + lexeme.length;
        this.last = "comment";
    }

    /** What was undecided is refused. */
    settle() {
        this.mistakes.push(...this.undecided);
        this.undecided = [];
        this.commentEnd = undefined;
    }

    /**
     * @param {string | null} type
     * @param {string} lexeme
     */
    token(type, lexeme) {
        this.settle();
        const column = this.offset - this.lineStart;
        if (this.flow === 0 && type !== "block") this.indents = this.indents.filter((indent) => indent <= column);
        if (type === "plain") this.plain(lexeme);
        if (type === "block") this.block(lexeme);
        this.structure(type, column);
        if (type === "block-scalar-header") this.header = lexeme;
        this.last = type;
        this.lineEnded = type === "block";
    }

    /**
     * What a token means for the keys and blocks behind it.
     *
     * @param {string | null} type
     * @param {number} column
     */
    structure(type, column) {
        if (type === "doc-start" || type === "doc-end") {
            this.ended = type === "doc-end" || (this.last !== null && this.last !== "comment" && this.last !== "directive-line");
        } else if (type?.startsWith("flow-")) {
            if (this.flow === 0) this.mayBeKey(column);
            this.flow = Math.max(0, this.flow + (type.endsWith("start") ? 1 : -1));
        }
        if (this.flow > 0) return;
        if (type === "seq-item-ind" || type === "explicit-key-ind") {
            this.beginBlock(column);
            this.keyAllowed = true;
        } else if (type === "map-value-ind") {
            this.beginBlock(this.keyColumn ?? column);
            this.keyAllowed = this.keyColumn === undefined;
            this.keyColumn = undefined;
        } else if (type === "block") {
            this.keyAllowed = true;
        } else {
            this.mayBeKey(column);
        }
    }

    /** @param {number} column */
    beginBlock(column) {
        if (this.indent < column) this.indents.push(column);
    }

    /** @param {number} column */
    mayBeKey(column) {
        if (this.keyAllowed) this.keyColumn = column;
        this.keyAllowed = false;
    }

    /**
     * A later line of a text without quotes may begin with a tab where it is indented already.
     *
     * @param {string} lexeme
     */
    plain(lexeme) {
        for (const { index, 1: spaces } of lexeme.matchAll(/(?<=\n)( *)\t/g)) {
            if (spaces.length <= this.indent) this.refuse(this.offset + index + spaces.length);
        }
    }

    /**
     * In a block text, tabs are content behind its indentation only. The first line that is not blank sets the indentation, and cannot
     * begin with a tab.
     *
     * @param {string} lexeme
     */
    block(lexeme) {
        const [digit] = /\d/.exec(this.header ?? "") ?? [];
        let indent = digit === undefined ? 0 : Math.max(0, this.indent) + Number(digit);
        let deepest = Math.max(this.indent + 1, 1);
        for (const { index, 1: spaces, 2: sign } of lexeme.matchAll(/^( *)(.?)/gm)) {
            const isInside = indent > 0 && spaces.length >= indent;
            if (sign === "\t" && !isInside) this.refuse(this.offset + index + spaces.length);
            deepest = Math.max(deepest, spaces.length);
            if (indent === 0 && sign.trim() !== "") indent = deepest;
        }
        this.header = undefined;
    }
}

module.exports = { refusedTabs };
