/**
 * Types without a name get one: that of the function and the place where they stand.
 *
 *     {"object": fields} as the argument `at` of `find_user` is FindUserArgsAt, as what it returns FindUserResult, as the field `x` of Point PointX
 *
 * Lists, maps and nullables add nothing to the path. Source: the spec's page on the IR, Types. Errors: BadName, where a name is taken.
 */
import type { Json, JsonObject } from "./canonical.js";
import * as canonical from "./canonical.js";
import { isList, isObject } from "./canonical.js";
import { BadDeclaration, BadName } from "./errors.js";
import * as grammar from "./grammar.js";
import { textIn } from "./shaped.js";

const HOLDERS: readonly string[] = ["list", "map", "nullable"];

/** Gathers what it lifts: `enums` by name -> values, `objects` by name -> fields, as `declaration.ts` reads them. */
export class Lifting {
    readonly #enums = new Map<string, readonly Json[]>();
    readonly #objects = new Map<string, JsonObject>();

    get enums(): ReadonlyMap<string, readonly Json[]> {
        return this.#enums;
    }

    get objects(): ReadonlyMap<string, JsonObject> {
        return this.#objects;
    }

    /** Gives a function whose types all have names. @throws BadName, BadDeclaration. */
    function(said: JsonObject): JsonObject {
        const own = camel(textIn(said, "name"));
        const returns = said.get("returns");
        const lifted = returns === undefined ? said : new Map([...said, ["returns", this.type(returns, `${own}Result`)]]);
        return new Map([...lifted, ["args", this.fields(said.get("args") ?? new Map<string, Json>(), `${own}Args`)]]);
    }

    /** Gives an object type whose fields' types all have names. @throws BadName, BadDeclaration. */
    record(said: JsonObject): JsonObject {
        return new Map([...said, ["fields", this.fields(said.get("fields") ?? null, textIn(said, "name"))]]);
    }

    /** @throws BadDeclaration, where the fields are no object of objects; BadName. */
    fields(said: Json, path: string): JsonObject {
        if (!isObject(said)) {
            throw new BadDeclaration(`${path}: wanted fields, an object with a name and an object for each`);
        }
        return new Map([...said].map(([name, one]) => [name, this.#field(one, path, name)]));
    }

    #field(said: Json, path: string, name: string): Json {
        if (!isObject(said)) {
            throw new BadDeclaration(`${path}: wanted fields, an object with a name and an object for each`);
        }
        const type = said.get("type");
        return type === undefined ? said : new Map([...said, ["type", this.type(type, path + camel(name))]]);
    }

    /** Gives a type in which every anonymous one is a reference. @throws BadName, BadDeclaration. */
    type(said: Json, path: string): Json {
        const [part, another] = isObject(said) ? [...said] : [];
        if (part === undefined || another !== undefined) {
            return said;
        }
        const [word, inner] = part;
        if (word === "object") {
            return this.#lifted(this.#objects, path, this.fields(inner, path));
        }
        if (word === "enum" && isList(inner)) {
            return this.#lifted(this.#enums, path, inner);
        }
        if (word === "union" && isList(inner)) {
            return new Map([[word, inner.map((one) => this.type(one, path))]]);
        }
        return HOLDERS.includes(word) ? new Map([[word, this.type(inner, path)]]) : said;
    }

    /** @throws BadName, where another type was lifted to the name, or no type can have it. */
    #lifted<Parts extends Json>(group: Map<string, Parts>, name: string, parts: Parts): JsonObject {
        grammar.checkTypeName(name, "a type without a name");
        const known = this.#enums.get(name) ?? this.#objects.get(name);
        if (known !== undefined && canonical.textOf(known) !== canonical.textOf(parts)) {
            throw new BadName(`two different types without a name would be called "${name}"; name one`);
        }
        group.set(name, parts);
        return new Map([["ref", name]]);
    }
}

/** @returns user_id as UserId. */
export function camel(name: string): string {
    return name.split(/[._]/).map((part) => part.slice(0, 1).toUpperCase() + part.slice(1)).join("");
}
