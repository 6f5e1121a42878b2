/**
 * Users, teams and orders in one SQLite file, through kysely.
 *
 * Source: spec/sample.md, Data. Errors: Problem, `not_found`, from whatever names a row that is not there.
 */
import { Problem } from "@mizan/core";
import { DatabaseSync, type StatementSyncInstance } from "@photostructure/sqlite";
import type * as kysely from "kysely";
import { createRequire } from "node:module";

import { ENVIRONMENT } from "./environment.js";
import type { Team, User } from "./models.js";

interface Tables {
    readonly users: { readonly id: number; readonly name: string; readonly rev: number; readonly team_id: number };
    readonly teams: { readonly id: number; readonly title: string; readonly rev: number };
    readonly orders: { readonly org_id: number; readonly user_id: number; readonly total: number };
}

const USERS = 4_000, TEAMS = 2_000, ORGANISATIONS = 10, BUYERS = 10, TEAMS_WITH_USERS = 200;
const USER = ["id", "name", "rev"] as const;
const TEAM = ["id as team_id", "title", "rev"] as const;

export const TABLES = ["orders", "teams", "users"] as const satisfies readonly (keyof Tables)[];

const { Kysely, SqliteDialect } = createRequire(import.meta.url)("kysely") as typeof kysely;          // 279 files: so they load in half the time
const DATABASE = new Kysely<Tables>({ dialect: new SqliteDialect({ database: () => Promise.resolve(opened()) }) });

/** Opens the file, as the part of better-sqlite3 that kysely calls. */
function opened(): kysely.SqliteDatabase {
    const database = new DatabaseSync(ENVIRONMENT.databasePath);
    // Trades safety against a power cut, which no check needs, for speed; the journal in memory leaves one file.
    database.exec("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY");
    const prepared = new Map<string, StatementSyncInstance>();            // a text is compiled once
    return {
        close: () => { database.close(); },
        prepare(sql) {
            const statement = prepared.get(sql) ?? database.prepare(sql);
            prepared.set(sql, statement);
            const all = (parameters: readonly unknown[]): object[] => statement.all(...parameters.map(kept)).map(found);
            return {
                reader: statement.columns().length > 0, all, iterate: (parameters) => all(parameters).values(),
                run: (parameters) => statement.run(...parameters.map(kept)),
            };
        },
    };
}

/** Makes bytes of a text: the driver ends a text at its first U+0000, and keeps bytes as they are. */
function kept(value: unknown): unknown {
    return typeof value === "string" ? Buffer.from(value) : value;
}

/** @returns a row whose bytes are the texts that they were. */
function found(row: object): object {
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? Buffer.from(value).toString() : value]));
}

/** Makes the tables and their rows anew. */
export async function create(): Promise<void> {
    const { schema } = DATABASE;
    for (const name of TABLES) {
        await schema.dropTable(name).ifExists().execute();
    }
    await schema.createTable("users").addColumn("id", "integer", (id) => id.primaryKey())
        .addColumn("name", "text").addColumn("rev", "integer").addColumn("team_id", "integer").execute();
    await schema.createTable("teams").addColumn("id", "integer", (id) => id.primaryKey())
        .addColumn("title", "text").addColumn("rev", "integer").execute();
    await schema.createTable("orders").addColumn("org_id", "integer").addColumn("user_id", "integer").addColumn("total", "integer")
        .addPrimaryKeyConstraint("one_each", ["org_id", "user_id"]).execute();
    const seed = ENVIRONMENT.seedRow;
    await DATABASE.insertInto("users")
        .values(numbers(USERS).map((id) => ({ id, name: `u${id}-${seed}`, rev: 0, team_id: id % TEAMS_WITH_USERS + 1 }))).execute();
    await DATABASE.insertInto("teams").values(numbers(TEAMS).map((id) => ({ id, title: `t${id}-${seed}`, rev: 0 }))).execute();
    await DATABASE.insertInto("orders").values(numbers(ORGANISATIONS).flatMap((org_id) => (
        numbers(BUYERS).map((user_id) => ({ org_id, user_id, total: org_id * 100 + user_id }))
    ))).execute();
}

/** @returns 1 to `last`. */
function numbers(last: number): number[] {
    return Array.from({ length: last }, (_, index) => index + 1);
}

function notFound(): Problem {
    return new Problem("not_found");
}

export function user(id: number): Promise<User> {
    return DATABASE.selectFrom("users").select(USER).where("id", "=", id).executeTakeFirstOrThrow(notFound);
}

/** Sets a user's name; rev + 1. */
export function renamed(id: number, name: string): Promise<User> {
    return DATABASE.updateTable("users").set((row) => ({ name, rev: row("rev", "+", 1) })).where("id", "=", id)
        .returning(USER).executeTakeFirstOrThrow(notFound);
}

/** Sets a user's name and nothing else. */
export function givenName(id: number, name: string): Promise<User> {
    return DATABASE.updateTable("users").set({ name }).where("id", "=", id).returning(USER).executeTakeFirstOrThrow(notFound);
}

export async function teamOfUser(id: number): Promise<number> {
    return (await DATABASE.selectFrom("users").select("team_id").where("id", "=", id).executeTakeFirstOrThrow(notFound)).team_id;
}

/** @returns a team's users by id; none for a team that does not exist. */
export function usersOfTeam(team_id: number): Promise<User[]> {
    return DATABASE.selectFrom("users").select(USER).where("team_id", "=", team_id).orderBy("id").execute();
}

/** Puts a user into a team. */
export function moved(id: number, team_id: number): Promise<User> {
    return DATABASE.updateTable("users").set({ team_id }).where("id", "=", id).returning(USER).executeTakeFirstOrThrow(notFound);
}

export function team(id: number): Promise<Team> {
    return DATABASE.selectFrom("teams").select(TEAM).where("id", "=", id).executeTakeFirstOrThrow(notFound);
}

/** Sets a team's title; rev + 1. */
export function retitled(id: number, title: string): Promise<Team> {
    return DATABASE.updateTable("teams").set((row) => ({ title, rev: row("rev", "+", 1) })).where("id", "=", id)
        .returning(TEAM).executeTakeFirstOrThrow(notFound);
}

/** Sets a team's title and nothing else. */
export function givenTitle(id: number, title: string): Promise<Team> {
    return DATABASE.updateTable("teams").set({ title }).where("id", "=", id).returning(TEAM).executeTakeFirstOrThrow(notFound);
}

/** Counts a team's rev up. */
export function touched(id: number): Promise<Team> {
    return DATABASE.updateTable("teams").set((row) => ({ rev: row("rev", "+", 1) })).where("id", "=", id)
        .returning(TEAM).executeTakeFirstOrThrow(notFound);
}

/** @returns the order's total, 0 without an order. */
export async function orderTotal(org_id: number, user_id: number): Promise<number> {
    const order = await DATABASE.selectFrom("orders").select("total").where("org_id", "=", org_id).where("user_id", "=", user_id).executeTakeFirst();
    return order?.total ?? 0;
}
