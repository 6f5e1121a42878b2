import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  {ignores: ["**/dist/**", "**/node_modules/**", "eslint.config.js"]},
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {parserOptions: {projectService: {allowDefaultProject: ["packages/core/tests/*.ts", "packages/hono/tests/*.ts"]}, tsconfigRootDir: import.meta.dirname}},
    rules: {
      "max-len": ["error", {code: 160}],
      "@typescript-eslint/restrict-template-expressions": ["error", {allowNumber: true}],
    },
  },
);
