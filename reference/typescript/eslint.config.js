import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

// Run from the kit's root, for the sample does not lie below this folder: `npm run lint`.
export default defineConfig(
    { ignores: ["**/dist/**", "**/node_modules/**", "**/generated/**"] },
    js.configs.recommended,
    tseslint.configs.strictTypeChecked,
    {
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        linterOptions: { reportUnusedDisableDirectives: "error" },
        rules: {
            "max-len": ["error", { code: 160 }],
            "@typescript-eslint/no-unsafe-class-instance-assignment": "off",          // overflows the stack on a type that holds itself (8.73)
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
        },
    },
    { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked], languageOptions: { globals: { process: "readonly" } } },
);
