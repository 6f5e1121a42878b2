/**
 * Installs what the reference's lock file names, where anything else is there, and links it beside the sample.
 * Errors: ends with npm's exit code where npm fails.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

const WORKSPACE = join(import.meta.dirname, "../../reference/typescript");
const LINK = join(import.meta.dirname, "node_modules");

/** Reads the packages of a lock file by where they lie; none where there is no such file. */
function packages(file) {
    const path = join(WORKSPACE, file);
    return new Map(existsSync(path) ? Object.entries(JSON.parse(readFileSync(path, "utf8")).packages) : []);
}

/** Whether npm's own list of what it has installed, which it writes last, is what the lock names, and all of it is still there. */
function isInstalled() {
    const wanted = packages("package-lock.json"), installed = packages("node_modules/.package-lock.json");
    wanted.delete("");                                  // the workspace itself, which npm does not list
    const isThere = [...installed.keys()].every((path) => existsSync(join(WORKSPACE, path, "package.json")) && wanted.has(path));
    // Optional is what is for other platforms.
    return isThere && [...wanted].every(([path, one]) => isDeepStrictEqual(installed.get(path), one) || (one.optional && !installed.has(path)));
}

if (!isInstalled()) {
    const { status } = spawnSync("npm", ["ci"], { cwd: WORKSPACE, stdio: "inherit" });
    if (status !== 0) {
        process.exit(status ?? 1);
    }
}
if (!existsSync(LINK)) {
    symlinkSync("../../reference/typescript/node_modules", LINK);
}
