/**
 * What the harness decides about this start.
 *
 * Source: spec/sample.md, Environment. Errors: Error, naming the variable that is missing.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** The variables of one start; see the page for what each does. */
export interface Environment {
    readonly run: string;
    readonly function: string;
    readonly slot: string;
    readonly context: string;
    readonly seedRow: string;
    readonly databasePath: string;
    readonly variant: string;
    readonly isReordered: boolean;
}

function variable(name: string): string {
    const value = process.env[name];
    if (value === undefined) {
        throw new Error(`${name} is not set; wanted the variables that \`python -m afi env\` prints`);
    }
    return value;
}

function read(): Environment {
    const variant = process.env["AFI_VARIANT"] ?? "plain";
    return {
        run: variable("AFI_RUN"), function: variable("AFI_FUNCTION"), slot: variable("AFI_SLOT"), context: variable("AFI_CONTEXT"),
        seedRow: variable("AFI_SEED_ROW"), databasePath: join(variable("AFI_STATE"), "sample.db"), variant, isReordered: variant === "reordered",
    };
}

export const ENVIRONMENT = read();

/** @returns the hex SHA-256 of a text and this start's secret. */
export function digest(text: string): string {
    return createHash("sha256").update(text + ENVIRONMENT.seedRow).digest("hex");
}
