/**
 * Reads, a slot each of their context's bundle.
 *
 * Source: spec/sample.md, Reads.
 */
import { invalidate, type Sight, t } from "@mizan/core";

import {
    BrokenContext, CatalogContext, ChosenContext, FreshContext, KeyContexts, LooksContext, MarkContext, MeddlesContext, PageLangContext,
    ReportContext, TeamContext, TypedContext, UserContext,
} from "./contexts.js";
import { counted } from "./counting.js";
import * as database from "./database.js";
import { digest, ENVIRONMENT } from "./environment.js";
import { Kinds, MARK, Team, User } from "./models.js";
import { KIND_ARGS } from "./plain.js";

export const userProfile = counted(
    { name: "user_profile", context: UserContext, args: { user_id: t.int() }, returns: User },
    (_, { user_id }) => database.user(user_id),
);

counted(
    { name: "user_digest", context: UserContext, args: { user_id: t.int() }, returns: t.string() },
    async (_, { user_id }) => digest((await database.user(user_id)).name),
);

counted({ name: ENVIRONMENT.slot, context: UserContext, args: { user_id: t.int() }, returns: t.string() }, (_, { user_id }) => digest(`slot${user_id}`));

counted({ name: "team_card", context: TeamContext, args: { team_id: t.int() }, returns: Team }, (_, { team_id }) => database.team(team_id));

counted(
    {
        name: "report_total", context: ReportContext, returns: t.int(),
        args: ENVIRONMENT.isReordered ? { user_id: t.int(), org_id: t.int() } : { org_id: t.int(), user_id: t.int() },
    },
    (_, { org_id, user_id }) => database.orderTotal(org_id, user_id),
);

counted(
    { name: "report_org", context: ReportContext, args: { org_id: t.int().default(1) }, returns: t.string() },
    (_, { org_id }) => digest(`org${org_id}`),
);

export const pageText = counted(
    { name: "page_text", context: PageLangContext, args: { user_id: t.int(), lang: t.string().default("en") }, returns: t.string() },
    (_, { user_id, lang }) => digest(`${user_id}${lang}`),
);

counted({ name: "catalog_item", context: CatalogContext, args: { id: t.int() }, returns: t.string() }, (_, { id }) => digest(`item${id}`));

counted({ name: `${ENVIRONMENT.context}_note`, context: ChosenContext, args: { key: t.string() }, returns: t.string() }, (_, { key }) => digest(key));

counted({ name: "typed_kinds", context: TypedContext, args: KIND_ARGS, returns: Kinds }, (_, args) => ({ ...args, stamp: digest(args.text) }));

export const brokenCalm = counted(
    { name: "broken_calm", context: BrokenContext, args: { text: t.string(), loud: t.bool() }, returns: t.string() },
    (_, { text }) => digest(text),
);

export const brokenLoud = counted(
    { name: "broken_loud", context: BrokenContext, args: { text: t.string(), loud: t.bool() }, returns: t.string() },
    (_, { text, loud }) => {
        if (loud) {
            throw new Error(`it went wrong with ${text}`);
        }
        return digest(text);
    },
);

const LOOKS = new Map<string, (request: Sight) => unknown>([
    ["user", (request) => request.user],
    ["session", (request) => request.session],
    ["cookies", (request) => request.cookies],
    ["authorization", (request) => request.headers.get("Authorization")],
    ["header", (request) => request.headers.get("Accept-Language")],
]);

counted({ name: "looks_at", context: LooksContext, args: { text: t.string(), at: t.string() }, returns: t.string() }, (request, { text, at }) => {
    LOOKS.get(at)?.(request);
    return digest(text);
});

counted({ name: "meddles_read", context: MeddlesContext, args: { text: t.string(), wanted: t.bool() }, returns: t.string() }, (_, { text, wanted }) => {
    if (wanted) {
        invalidate(UserContext);
    }
    return digest(text);
});

counted({ name: "fresh_text", context: FreshContext, volatile: true, args: { text: t.string() }, returns: t.string() }, (_, { text }) => digest(text));

counted(
    { name: "mark_count", context: MarkContext, args: MARK, returns: t.int() },
    (_, args) => Object.values(args).filter((value) => value !== null).length,
);

for (const context of KeyContexts) {
    counted({ name: `${context.name}_value`, context, args: { key: t.int() }, returns: t.string() }, (_, { key }) => digest(String(key)));
}
