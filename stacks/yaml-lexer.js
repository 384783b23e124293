// @ts-check
"use strict";
const { Lexer } = require("yaml");

/** As the CLI does, takes what goes on at the left margin for a part of a quoted text or of brackets. */
class MarginLexer extends /** @type {any} */ (Lexer) {
    /** @param {string} next */
    *parseNext(next) {
        return next === "flow" ? yield* this.atMargin(() => super.parseNext(next)) : yield* super.parseNext(next);
    }

    *parseQuotedScalar() {
        return yield* this.atMargin(() => super.parseQuotedScalar());
    }

    /** @param {() => Generator<string, string>} part */
    *atMargin(part) {
        const indentNext = /** @type {number} */ (this.indentNext);
        this.indentNext = 0;
        const next = yield* part();
        this.indentNext = indentNext;
        return next;
    }
}

module.exports = { MarginLexer };
