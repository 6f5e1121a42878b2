/**
 * Slots that mutations patch, and those mutations.
 *
 * Source: spec/sample.md, Merges.
 */
import { invalidate, t } from "@mizan/core";

import {
    AliasContext, ChosenContext, CrewContext, KeyContexts, MottoContext, PageUserContext, PricedContext, TeamContext, TwiceContext, UserContext,
} from "./contexts.js";
import { counted } from "./counting.js";
import * as database from "./database.js";
import { digest } from "./environment.js";
import { Team, User } from "./models.js";

const NOBODY = 0;                                       // the team of those who are in none
const OF_USER = { user_id: t.int() };
const RENAMING = { user_id: t.int(), name: t.string() };
const CREWING = { team_id: t.int(), user_id: t.int() };
const CARDING = { title: t.string(), pick: t.int() };
const PRICING = { price: t.decimal(), at: t.datetime().default("2000-01-01T00:00:00Z") };

counted(
    { name: "crew_members", context: CrewContext, args: { team_id: t.int() }, returns: t.list(User) },
    (_, { team_id }) => database.usersOfTeam(team_id),
);

counted(
    { name: "crew_size", context: CrewContext, args: { team_id: t.int() }, returns: t.int() },
    async (_, { team_id }) => (await database.usersOfTeam(team_id)).length,
);

counted({ name: "twice_maybe", context: TwiceContext, args: OF_USER, returns: User.nullable() }, (_, { user_id }) => database.user(user_id));

counted({ name: "twice_one", context: TwiceContext, args: OF_USER, returns: User }, (_, { user_id }) => database.user(user_id));

counted({ name: "twice_two", context: TwiceContext, args: OF_USER, returns: User }, (_, { user_id }) => database.user(user_id));

counted({ name: "alias_profile", context: AliasContext, args: OF_USER, returns: User }, (_, { user_id }) => database.user(user_id));

counted(
    { name: "page_user_profile", context: PageUserContext, args: { user_id: t.int(), lang: t.string().default("en") }, returns: User },
    (_, { user_id }) => database.user(user_id),
);

counted({ name: "motto_text", context: MottoContext, returns: t.string() }, () => digest("motto"));

counted({ name: "priced_text", context: PricedContext, args: PRICING, returns: t.string() }, () => digest("priced"));

counted({ name: "rename_user", merge: UserContext, args: RENAMING, returns: User }, (_, { user_id, name }) => database.renamed(user_id, name));

counted(
    { name: "rename_twice", merge: { context: TwiceContext, slot: "twice_two" }, args: RENAMING, returns: User },
    (_, { user_id, name }) => database.givenName(user_id, name),
);

counted(
    { name: "find_twice", merge: TwiceContext, args: { user_id: t.int(), found: t.bool() }, returns: User.nullable() },
    (_, { user_id, found }) => (found ? database.user(user_id) : null),
);

counted(
    { name: "join_crew", merge: { context: CrewContext, slot: "crew_members", op: "upsert", key: "id" }, args: CREWING, returns: User },
    (_, { team_id, user_id }) => database.moved(user_id, team_id),
);

counted(
    { name: "leave_crew", merge: { context: CrewContext, op: "remove", key: "id" }, args: CREWING, returns: User },
    (_, { user_id }) => database.moved(user_id, NOBODY),
);

counted(
    { name: "tail_crew", merge: { context: CrewContext, op: "append" }, args: CREWING, returns: User },
    (_, { user_id }) => database.user(user_id),
);

counted(
    { name: "head_crew", merge: { context: CrewContext, op: "prepend", key: "id" }, args: CREWING, returns: User },
    (_, { user_id }) => database.user(user_id),
);

counted({ name: "set_motto", merge: MottoContext, returns: t.string() }, () => digest("motto"));

counted({ name: "note_env", merge: ChosenContext, args: { key: t.string() }, returns: t.string() }, (_, { key }) => digest(key));

counted({ name: "reprice", merge: PricedContext, args: PRICING, returns: t.string() }, () => digest("priced"));

counted(
    { name: "rename_aliases", merge: [UserContext, AliasContext], args: RENAMING, returns: User },
    (_, { user_id, name }) => database.givenName(user_id, name),
);

counted(
    { name: "rename_pages", merge: [PageUserContext, UserContext], args: RENAMING, returns: User },
    (_, { user_id, name }) => database.givenName(user_id, name),
);

counted(
    { name: "rename_maybe", merge: UserContext, args: { user_id: t.int().nullable(), pick: t.int(), name: t.string() }, returns: User },
    (_, { pick, name }) => database.givenName(pick, name),
);

counted({ name: "recard", merge: TeamContext, args: CARDING, returns: Team }, (_, { title, pick }) => database.givenTitle(pick, title));

counted(
    { name: "recard_mapped", merge: { context: TeamContext, map: { team_id: "result.team_id" } }, args: CARDING, returns: Team },
    (_, { title, pick }) => database.givenTitle(pick, title),
);

counted(
    { name: "rename_stale", affects: UserContext, merge: UserContext, args: RENAMING, returns: User },
    (_, { user_id, name }) => database.givenName(user_id, name),
);

counted(
    {
        name: "rename_beside", affects: [{ context: UserContext, map: { user_id: "args.other" } }, { context: TeamContext, map: {} }],
        merge: UserContext, args: { ...RENAMING, other: t.int() }, returns: User,
    },
    (_, { user_id, name }) => database.givenName(user_id, name),
);

counted(
    {
        name: "rename_adding", merge: UserContext, args: { ...RENAMING, stale: t.list(t.int()), whole: t.bool(), keys: t.int() }, returns: User,
        doc: "Renames a user and says, while it runs, what else is stale.",
    },
    (_, { user_id, name, stale, whole, keys }) => {
        for (const other of stale) {
            invalidate(UserContext, { user_id: other });
        }
        if (whole) {
            invalidate(UserContext);
        }
        const [first] = KeyContexts;
        for (let key = 1; key <= keys && first !== undefined; key += 1) {
            invalidate(first, { key });
        }
        return database.givenName(user_id, name);
    },
);

counted({ name: "rename_midway", merge: UserContext, args: { ...RENAMING, loud: t.bool() }, returns: User }, async (_, { user_id, name, loud }) => {
    const changed = await database.givenName(user_id, name);
    if (loud) {
        throw new Error("it went wrong after the commit");
    }
    return changed;
});
