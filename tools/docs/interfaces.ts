/** Reads interfaces, component classes and their doc comments out of TypeScript, by syntax alone: no type check, so it is quick. */
import { readFileSync } from "node:fs";
import ts from "typescript";

export interface Property {
    name: string;
    /** As written, `pulumi.Input<…>` and `pulumi.Output<…>` taken off. */
    type: string;
    required: boolean;
    comment: string;
}

export interface Interface {
    name: string;
    comment: string;
    /** Names of the interfaces it extends. */
    extends: string[];
    properties: Property[];
}

/** What one file exports. */
export interface Declarations {
    interfaces: Interface[];
    /** Classes that are component resources; their properties are the outputs. */
    components: Interface[];
}

export function readDeclarations(file: string): Declarations {
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
    const exported = source.statements.filter((statement) => ts.canHaveModifiers(statement) && has(statement, ts.SyntaxKind.ExportKeyword));
    return {
        interfaces: exported.filter(ts.isInterfaceDeclaration).map(readInterface),
        components: exported.filter(ts.isClassDeclaration).filter(isComponent).map(readComponent),
    };
}

function readInterface(node: ts.InterfaceDeclaration): Interface {
    return {
        name: node.name.text,
        comment: commentOf(node),
        extends: (node.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => type.expression.getText())),
        properties: node.members.filter(ts.isPropertySignature).map(readProperty),
    };
}

function readComponent(node: ts.ClassDeclaration): Interface {
    const outputs = node.members
        .filter(ts.isPropertyDeclaration)
        .filter((member) => has(member, ts.SyntaxKind.ReadonlyKeyword) && !has(member, ts.SyntaxKind.PrivateKeyword));
    return { name: node.name!.text, comment: commentOf(node), extends: [], properties: outputs.map(readProperty) };
}

function readProperty(node: ts.PropertySignature | ts.PropertyDeclaration): Property {
    return {
        name: node.name.getText().replace(/^"|"$/g, ""),
        type: plainType(node.type?.getText() ?? "unknown"),
        required: node.questionToken === undefined,
        comment: commentOf(node),
    };
}

function isComponent(node: ts.ClassDeclaration): boolean {
    return (node.heritageClauses ?? []).some((clause) => /ComponentResource/.test(clause.getText()));
}

function has(node: ts.Node, kind: ts.SyntaxKind): boolean {
    return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

/** The doc comment as one paragraph. */
function commentOf(node: ts.Node): string {
    const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).slice(-1);
    const text = ts.getTextOfJSDocComment(comment?.comment) ?? "";
    return text.replace(/\{@link (\w+)\}/g, "`$1`").replace(/\s+/g, " ").trim();
}

/** `pulumi.Input<string>` -> `string`: in a config file there is no difference. */
export function plainType(type: string): string {
    const inner = /^pulumi\.(?:Input|Output)<(.*)>$/s.exec(type);
    if (inner) return plainType(inner[1]);
    return type.replace(/pulumi\.Input<([^<>]*)>/g, "$1").replace(/\s+/g, " ");
}
