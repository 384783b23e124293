/**
 * What the engine asks of `@openfn/compiler`, which could not be had: the code of a job becomes a module for the runtime.
 * Calls at the top level are its operations, in their order; names that it does not declare come from its adaptors.
 * The real compiler does more: state in `$`, promises, source maps.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "acorn";

/** Names that an adaptor exports. */
export async function preloadAdaptorExports(directory) {
    const { main = "index.js" } = JSON.parse(await readFile(path.join(directory, "package.json"), "utf8"));
    const adaptor = await import(pathToFileURL(path.join(directory, main)).href);
    return Object.keys(adaptor).filter((name) => name !== "default" && name !== "module.exports");
}

export default function compile(code, options = {}) {
    const { body } = parse(code, { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true });
    const imports = (options["add-imports"]?.adaptors ?? []).map((adaptor) => importOf(adaptor, code, body));
    return { code: [...imports, withOperations(code, body)].join("\n"), map: undefined };
}

/** `fn(...); each(...);` as `export default [fn(...), each(...)];`. A module that says itself what it exports stays as it is. */
function withOperations(code, body) {
    if (body.some(({ type }) => type === "ExportDefaultDeclaration")) {
        return code;
    }
    const text = (node) => code.slice(node.start, node.end);
    const isOperation = ({ type, expression }) => type === "ExpressionStatement" && expression.type === "CallExpression";
    const operations = body.filter(isOperation).map(({ expression }) => text(expression));
    const others = body.filter((node) => !isOperation(node)).map(text);
    return [...others, `export default [${operations.join(", ")}];`].join("\n");
}

function importOf({ name, exports }, code, body) {
    const declared = new Set(body.flatMap(declaredNames));
    const used = exports.filter((exported) => !declared.has(exported) && new RegExp(`\\b${exported}\\b`).test(code));
    return `import { ${used.join(", ")} } from "${name}";\nexport * from "${name}";`;
}

function declaredNames(node) {
    const declarations = node.declarations ?? node.specifiers?.map(({ local }) => ({ id: local })) ?? (node.id ? [node] : []);
    return declarations.map(({ id }) => id.name);
}
