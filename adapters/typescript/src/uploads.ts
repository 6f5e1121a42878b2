/**
 * Functions that take files.
 *
 * Source: spec/sample.md, Uploads.
 */
import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";

import { t, type Upload } from "@mizan/core";

import { UserContext } from "./contexts.js";
import { counted } from "./counting.js";
import * as database from "./database.js";
import { digest } from "./environment.js";
import { Document, FileFacts, User } from "./models.js";

async function facts(file: Upload): Promise<FileFacts> {
    return { name: file.name, type: file.type, size: file.size, digest: digest(await sha256(file)) };
}

async function sha256(file: Upload): Promise<string> {
    const found = createHash("sha256");
    await pipeline(file.stream(), found);
    return found.digest("hex");
}

counted({ name: "hash_file", args: { file: t.upload() }, returns: FileFacts }, (_, { file }) => facts(file));

counted({ name: "hash_files", args: { files: t.list(t.upload()) }, returns: t.list(FileFacts) }, (_, { files }) => Promise.all(files.map(facts)));

counted(
    { name: "hash_image", args: { image: t.upload({ types: ["image/png", "image/jpeg"] }) }, returns: FileFacts },
    (_, { image }) => facts(image),
);

counted(
    { name: "label_file", args: { label: t.string(), file: t.upload().nullable().default(null) }, returns: t.string() },
    async (_, { label, file }) => digest(label + (file === null ? "none" : await sha256(file))),
);

counted(
    { name: "file_pair", args: { label: t.string(), one: t.upload(), two: Document }, returns: t.string() },
    async (_, { label, one, two }) => digest(label + two.title + await sha256(one) + await sha256(two.file)),
);

counted(
    { name: "set_avatar", affects: UserContext, args: { user_id: t.int(), avatar: t.upload() }, returns: User },
    async (_, { user_id, avatar }) => database.renamed(user_id, await sha256(avatar)),
);
