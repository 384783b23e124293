import { error, type Problem } from "./problem";

/**
 * @param what what the text should be, e.g. "a certificate"
 * @param text is not quoted: it may be a key
 * @param fix where the right text is to be had
 */
export function notPem(
    path: string,
    what: string,
    text: string,
    fix = "give the text that begins with -----BEGIN CERTIFICATE-----",
): Problem {
    if (text.includes("-----BEGIN ") && !text.trim().includes("\n")) {
        return error(
            path,
            `it is one line, and ${what} in PEM form has several: typed or pasted at a prompt, it loses them`,
            "let `config set` read the file: put `< <file>` behind the command",
        );
    }
    return error(path, `it is not ${what} in PEM form`, fix);
}
