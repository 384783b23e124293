/** Why a text is not what it should be, and what to do. */
export interface PemMistake {
    message: string;
    fix: string;
}

/**
 * @param text is not quoted: it may be a key
 * @param what what it should be, e.g. "a certificate"
 * @param fix where the right text is to be had
 */
export function pemMistake(text: string, what: string, fix: string): PemMistake {
    if (text.includes("-----BEGIN ") && !text.trim().includes("\n")) {
        return {
            message: `it is one line, and ${what} in PEM form has several: typed or pasted at a prompt, it loses them`,
            fix: "let `config set` read the file: put `< <file>` behind the command",
        };
    }
    return { message: `it is not ${what} in PEM form`, fix };
}
