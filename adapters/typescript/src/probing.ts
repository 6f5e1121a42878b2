/**
 * Functions that only probes use.
 *
 * Source: spec/sample.md, Functions that only probes use.
 */
import { randomBytes } from "node:crypto";
import { readdirSync, readlinkSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";

import { client, t } from "@mizan/core";

import { ProbeContext } from "./contexts.js";
import { BEGUN, FINISHED, GATE } from "./counting.js";
import { ENVIRONMENT } from "./environment.js";

const BOOT = randomBytes(16).toString("hex");
const DESCRIPTORS = "/proc/self/fd";

client({ name: "probe_run", context: ProbeContext, volatile: true, returns: t.string() }, () => ENVIRONMENT.run);

client({ name: "probe_boot", context: ProbeContext, volatile: true, returns: t.string() }, () => BOOT);

client({ name: "probe_pid", context: ProbeContext, volatile: true, returns: t.int() }, () => process.pid);

client({ name: "probe_calls", args: { fn: t.string() }, returns: t.int() }, (_, { fn }) => BEGUN.get(fn) ?? 0);

client({ name: "probe_finished", args: { fn: t.string() }, returns: t.int() }, (_, { fn }) => FINISHED.get(fn) ?? 0);

client({ name: "probe_files", returns: t.int() }, () => keptFiles(realpathSync(tmpdir())).size);

client({ name: "probe_gate", args: { open: t.bool() }, returns: t.bool() }, (_, { open }) => {
    GATE.turn(open);
    return open;
});

/** @returns what lies in a folder, and what this process holds open there, also where its name is gone already. */
function keptFiles(folder: string): ReadonlySet<string> {
    const lying = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    const open = readdirSync(DESCRIPTORS).map((one) => targetOf(join(DESCRIPTORS, one)));
    return new Set([...lying, ...open.filter((one) => one.startsWith(folder + sep))]);
}

/** @returns what a descriptor is open on; nothing, where it has been closed meanwhile. */
function targetOf(descriptor: string): string {
    try {
        return readlinkSync(descriptor);
    } catch {
        return "";
    }
}
