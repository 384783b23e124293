import tseslint from "typescript-eslint";

/** A verb that acts on an environment, spelled out in a message: it would act on whichever one the shell names. */
const bareCommand = String.raw`/\bmake (up|preview|outputs|secret|status|logs|exec|backup|restore|down|pulumi)\b/`;

export default tseslint.config(
    { ignores: ["node_modules/**", "bin/**", "dist/**", "docs/**", "test/golden/**"] },
    {
        files: ["**/*.ts", "**/*.mts"],
        extends: [...tseslint.configs.recommended],
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            "@typescript-eslint/no-floating-promises": "error",
            "@typescript-eslint/no-misused-promises": "error",
            "@typescript-eslint/await-thenable": "error",
            "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
            eqeqeq: "error",
        },
    },
    {
        files: ["index.ts", "components/**/*.ts", "stacks/**/*.ts", "tools/ops/**/*.ts"],
        rules: {
            "no-restricted-syntax": [
                "error",
                ...[`Literal[value=${bareCommand}]`, `TemplateElement[value.raw=${bareCommand}]`].map((selector) => ({
                    selector,
                    message: "Say for which environment: makeCommand in components, verb in tools/ops.",
                })),
            ],
        },
    },
);
