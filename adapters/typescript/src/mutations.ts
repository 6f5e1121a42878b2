/**
 * Mutations: what they do, and what they make stale.
 *
 * Source: spec/sample.md, Mutations.
 */
import { invalidate, t } from "@mizan/core";

import { CatalogContext, ChosenContext, KeyContexts, MarkContext, PageLangContext, ReportContext, TeamContext, UserContext } from "./contexts.js";
import { counted } from "./counting.js";
import * as database from "./database.js";
import { ENVIRONMENT } from "./environment.js";
import { Mark, MARK, Team, User } from "./models.js";

counted(
    { name: "update_profile", affects: UserContext, args: { user_id: t.int(), name: t.string() }, returns: User },
    (_, { user_id, name }) => database.renamed(user_id, name),
);

counted({ name: "touch_both", affects: [UserContext, TeamContext], args: { user_id: t.int(), team_id: t.int() }, returns: t.bool() }, () => true);

counted({ name: "touch_team", affects: TeamContext, args: { team_id: t.int() }, returns: Team }, (_, { team_id }) => database.touched(team_id));

counted(
    { name: "fails_midway", affects: UserContext, args: { user_id: t.int(), name: t.string(), loud: t.bool() }, returns: User },
    async (_, { user_id, name, loud }) => {
        const changed = await database.renamed(user_id, name);
        if (loud) {
            throw new Error("it went wrong after the commit");
        }
        return changed;
    },
);

counted({ name: "set_org", affects: ReportContext, args: { org_id: t.int() }, returns: t.bool() }, () => true);

counted(
    {
        name: "set_pair", affects: ReportContext, returns: t.bool(),
        args: ENVIRONMENT.isReordered ? { user_id: t.int(), org_id: t.int() } : { org_id: t.int(), user_id: t.int() },
    },
    () => true,
);

counted({ name: "set_org_maybe", affects: ReportContext, args: { org_id: t.int().nullable(), user_id: t.int() }, returns: t.bool() }, () => true);

counted(
    { name: "retitle", affects: TeamContext, args: { title: t.string(), pick: t.int() }, returns: Team },
    (_, { title, pick }) => database.retitled(pick, title),
);

counted(
    { name: "retitle_text", affects: TeamContext, args: { team_id: t.string(), pick: t.int() }, returns: Team },
    (_, { team_id, pick }) => database.retitled(pick, team_id),
);

counted(
    { name: "retitle_maybe", affects: TeamContext, args: { team_id: t.int().nullable(), pick: t.int() }, returns: Team },
    (_, { pick }) => database.touched(pick),
);

counted(
    { name: "retitle_none", affects: TeamContext, args: { pick: t.int(), found: t.bool() }, returns: Team.nullable() },
    (_, { pick, found }) => (found ? database.team(pick) : null),
);

counted({ name: "touch_item", affects: CatalogContext, args: { id: t.int() }, returns: t.bool() }, () => true);

counted(
    { name: "touch_item_mapped", affects: [{ context: CatalogContext, map: { id: "args.user_id" } }], args: { user_id: t.int() }, returns: t.bool() },
    () => true,
);

counted(
    { name: "touch_item_result", affects: [{ context: CatalogContext, map: { id: "result.id" } }], args: { pick: t.int() }, returns: User },
    (_, { pick }) => database.user(pick),
);

counted({ name: "touch_whole", affects: [{ context: UserContext, map: {} }], args: { user_id: t.int() }, returns: t.bool() }, () => true);

counted({ name: "touch_lang", affects: PageLangContext, args: { user_id: t.int() }, returns: t.bool() }, () => true);

counted({ name: "touch_default", affects: UserContext, args: { user_id: t.int().default(1) }, returns: t.bool() }, () => true);

counted({ name: "touch_env", affects: ChosenContext, args: { key: t.string() }, returns: t.bool() }, () => true);

const { text, number, big, flag, day, at, uid, price, color, level } = MARK;
counted({ name: "touch_mark", affects: MarkContext, args: { text, number, big, flag, day, at, uid, price, color, level }, returns: t.bool() }, () => true);

counted(
    {
        name: "move_user", affects: [UserContext, TeamContext], args: { user_id: t.int(), team_id: t.int() }, returns: User,
        doc: "Moves a user: the new team is bound by its name, the old one must be said.",
    },
    async (_, { user_id, team_id }) => {
        invalidate(TeamContext, { team_id: await database.teamOfUser(user_id) });
        return database.moved(user_id, team_id);
    },
);

counted({ name: "widen", affects: UserContext, args: { user_id: t.int(), whole: t.bool() }, returns: t.bool() }, (_, { whole }) => {
    if (whole) {
        invalidate(UserContext);
    }
    return true;
});

counted({ name: "marks", affects: TeamContext, args: { team_id: t.int(), marks: t.list(Mark) }, returns: t.int() }, (_, { marks }) => {
    for (const { nulls, ...fields } of marks) {
        const said = Object.entries(fields).filter(([, value]) => value !== null);
        invalidate(MarkContext, Object.fromEntries([...said, ...nulls.map((name) => [name, null] as const)]));
    }
    return marks.length;
});

counted({ name: "flood", affects: TeamContext, args: { team_id: t.int(), contexts: t.int(), keys: t.int() }, returns: t.int() }, (_, { contexts, keys }) => {
    const params = keys === 0 ? [{}] : Array.from({ length: keys }, (_each, index) => ({ key: index + 1 }));
    const entries = KeyContexts.slice(0, contexts).flatMap((context) => params.map((one) => ({ context, one })));
    for (const { context, one } of entries) {
        invalidate(context, one);
    }
    return entries.length;
});

counted({ name: "wrong_entry", affects: UserContext, args: { user_id: t.int(), which: t.string() }, returns: t.bool() }, (_, { user_id, which }) => {
    if (which === "name") {
        invalidate(UserContext, { nobody: user_id });
    }
    if (which === "type") {
        invalidate(UserContext, { user_id: String(user_id) });
    }
    return true;
});
