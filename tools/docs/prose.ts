/** Takes the sentences of a doc comment apart: what they tell of has columns of its own in the reference. */

export interface Prose {
    /** What a setting is. */
    text: string;
    /** What holds when it is not set. */
    default?: string;
    /** What a change of it does. */
    change?: string;
}

const DEFAULT = /^Default( [^:]+)?: (.+?)\.?$/;
/** `A change replaces …`, but not `A change of any of them …`, which is a sentence of its own. */
const CHANGE = /^(?:A|Every) change(?: here)? ([a-z]+s .+)$/;

export function proseOf(comment: string): Prose {
    const all = sentences(comment).filter((sentence) => sentence !== "Secret.");
    const defaults = all.flatMap((sentence) => {
        const [, condition, value] = DEFAULT.exec(sentence) ?? [];
        if (value === undefined) return [];
        return condition === undefined ? value : `${condition.trim()}: ${value}`;
    });
    const changes = all.flatMap((sentence) => CHANGE.exec(sentence)?.[1] ?? []);
    return {
        text: all.filter((sentence) => !DEFAULT.test(sentence) && !CHANGE.test(sentence)).join(" "),
        default: joined(defaults),
        change: joined(changes.map((sentence) => sentence[0]!.toUpperCase() + sentence.slice(1))),
    };
}

function joined(texts: string[]): string | undefined {
    return texts.length > 0 ? texts.join(" ") : undefined;
}

/** What stands in backticks, and the point of `e.g.`, ends no sentence. */
function sentences(text: string): string[] {
    const pieces = text.match(/(?:`[^`]*`|e\.g\.|i\.e\.|[^.!?`]|[.!?](?!\s|$))+(?:[.!?]|$)/g) ?? [];
    return pieces.map((piece) => piece.trim()).filter(Boolean);
}
