/**
 * What the npm SDKs of the providers offer, read from their type declarations, and what a plugin's schema lacks of it.
 * The SDK and the plugin talk in property names only: one that the plugin does not know is dropped without a word.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./support/process";

export const packages = ["docker", "random", "tls"] as const;
export type Package = (typeof packages)[number];

/** A class of an SDK that the project instantiates or types against. */
export interface UsedClass {
    pkg: Package;
    name: string;
}

interface Properties {
    properties?: Record<string, unknown>;
}

interface Resource extends Properties {
    inputProperties?: Record<string, unknown>;
}

/** The parts of a Pulumi package schema that are compared. */
export interface Schema {
    version: string;
    provider: Resource;
    resources: Record<string, Resource>;
    types: Record<string, Properties>;
}

/** Newer than the tls source that the plugin is built from; the program must not use them. */
function isKnownGap(pkg: Package, property: string): boolean {
    return pkg === "tls" && /Wo(Version)?$/.test(property);
}

/** Every class of the three SDKs that a TypeScript file below the folders names in an import or as `docker.Container`. */
export function usedClasses(folders: string[]): UsedClass[] {
    const found = new Map<string, UsedClass>();
    for (const file of folders.flatMap(sourceFiles)) {
        for (const used of classesIn(parse(file))) found.set(`${used.pkg}.${used.name}`, used);
    }
    return [...found.values()].sort((a, b) => `${a.pkg}.${a.name}`.localeCompare(`${b.pkg}.${b.name}`));
}

function sourceFiles(path: string): string[] {
    if (path.endsWith(".ts")) return existsSync(join(root, path)) ? [path] : [];
    if (!existsSync(join(root, path))) return [];
    const files = readdirSync(join(root, path), { recursive: true, encoding: "utf8" });
    return files.filter((file) => file.endsWith(".ts") && !file.includes("node_modules")).map((file) => join(path, file));
}

function parse(path: string): ts.SourceFile {
    const file = join(root, path);
    return ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
}

function classesIn(source: ts.SourceFile): UsedClass[] {
    const used: UsedClass[] = [];
    const add = (pkg: Package, name: string) => existsSync(declaration(pkg, name)) && used.push({ pkg, name });
    for (const statement of source.statements.filter(ts.isImportDeclaration)) {
        const specifier = (statement.moduleSpecifier as ts.StringLiteral).text;
        const pkg = packages.find((one) => specifier === `@pulumi/${one}` || specifier.startsWith(`@pulumi/${one}/`));
        const bindings = statement.importClause?.namedBindings;
        if (!pkg || !bindings) continue;
        if (ts.isNamedImports(bindings)) bindings.elements.forEach((element) => add(pkg, (element.propertyName ?? element.name).text));
        else memberNames(source, bindings.name.text).forEach((name) => add(pkg, name));
    }
    return used;
}

/** `X` of every `alias.X` in the file. */
function memberNames(source: ts.SourceFile, alias: string): string[] {
    return [...source.text.matchAll(new RegExp(`\\b${alias}\\.([A-Z]\\w*)`, "g"))].map((match) => match[1]);
}

function lowerFirst(name: string): string {
    return name[0].toLowerCase() + name.slice(1);
}

/** The SDKs have one file per class. */
function declaration(pkg: Package, name: string): string {
    return join(root, "node_modules", "@pulumi", pkg, `${lowerFirst(name)}.d.ts`);
}

/** Everything the SDK knows of the class and the schema does not, as readable paths. */
export function missing({ pkg, name }: UsedClass, schema: Schema): string[] {
    const resource = name === "Provider" ? schema.provider : schema.resources[`${pkg}:index/${lowerFirst(name)}:${name}`];
    if (!resource) return [`${pkg}.${name}`];
    const source = parse(join("node_modules", "@pulumi", pkg, `${lowerFirst(name)}.d.ts`));
    const args = source.statements.find(
        (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === `${name}Args`,
    );
    const declared = source.statements.find((node): node is ts.ClassDeclaration => ts.isClassDeclaration(node) && node.name?.text === name);
    if (!args || !declared) throw new Error(`${source.fileName} does not declare ${name} and ${name}Args`);
    // A provider's outputs are its inputs again.
    const outputs = name === "Provider" ? [] : declared.members.filter(isOutput);
    return [
        ...absent(pkg, `${pkg}.${name}Args`, args.members.filter(ts.isPropertySignature), resource.inputProperties, schema),
        ...absent(pkg, `${pkg}.${name}`, outputs, resource.properties, schema),
    ];
}

function isOutput(member: ts.ClassElement): member is ts.PropertyDeclaration {
    return ts.isPropertyDeclaration(member) && /Output</.test(member.type?.getText() ?? "");
}

type Property = ts.PropertySignature | ts.PropertyDeclaration;

/** Compares the names, and goes on with the object types that the properties refer to. */
function absent(
    pkg: Package,
    path: string,
    properties: readonly Property[],
    known: Record<string, unknown> = {},
    schema: Schema,
    seen = new Set<string>(),
): string[] {
    return properties.flatMap((property) => {
        const name = property.name.getText();
        if (!(name in known)) return isKnownGap(pkg, name) ? [] : [`${path}.${name}`];
        return objectTypes(property).flatMap(({ direction, type }) => {
            if (seen.has(type)) return [];
            seen.add(type);
            const members = interfaceMembers(pkg, direction, type);
            return absent(pkg, `${path}.${name}`, members, schema.types[`${pkg}:index/${type}:${type}`]?.properties, schema, seen);
        });
    });
}

/** `inputs.ContainerMount` in the type of a property. */
function objectTypes(property: Property): { direction: "input" | "output"; type: string }[] {
    const text = property.type?.getText() ?? "";
    return [...text.matchAll(/\b(input|output)s\.(\w+)/g)].map(([, direction, type]) => ({
        direction: direction as "input" | "output",
        type,
    }));
}

function interfaceMembers(pkg: Package, direction: "input" | "output", name: string): ts.PropertySignature[] {
    const source = parse(join("node_modules", "@pulumi", pkg, "types", `${direction}.d.ts`));
    const declared = source.statements.find(
        (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === name,
    );
    if (!declared) throw new Error(`${source.fileName} does not declare ${name}`);
    return declared.members.filter(ts.isPropertySignature);
}
