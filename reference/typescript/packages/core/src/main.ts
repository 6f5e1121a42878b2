#!/usr/bin/env node
/**
 * `mizan`: answers the operations of the oracle on standard input and output, or prints what a module declares.
 *
 * Source: spec/harness.md, The oracle; spec/ir.md, Where it is found. Errors: exit code 2 for a usage error, 1 for what would not register.
 */
import * as exported from "./export.js";
import * as oracle from "./oracle.js";

const USAGE = "usage: mizan oracle | ir MODULE | declarations MODULE";

/** @returns the exit code: 0 after the end of input or of what was printed, 2 for a usage error. */
async function main([word = "", ...rest]: readonly string[]): Promise<number> {
    const form = exported.FORMS.get(word);
    const [modulePath] = rest;
    if (word === "oracle" && rest.length === 0) {
        await oracle.serve(process.stdin, process.stdout);
    } else if (form !== undefined && modulePath !== undefined && rest.length === 1) {
        await exported.printed(form, modulePath);
        process.exit();                                            // the module may hold open what would keep this process alive
    } else {
        process.stderr.write(`${USAGE}\n`);
        return 2;
    }
    return 0;
}

process.exitCode = await main(process.argv.slice(2));
