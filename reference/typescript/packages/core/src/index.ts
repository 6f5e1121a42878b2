/**
 * Mizan: typed functions for web and desktop front ends. Declare with `client`; a binding such as `@mizan/hono` serves.
 *
 * Source: the spec; each module says which page.
 */
export { client, compose, context } from "./declare.js";
export type {
    AffectOption, Affects, Binds, Body, MergeOp, MergeOption, Merges, NoArguments, Options, Returned, Returns, TypedFunction,
} from "./declare.js";
export { ApplicationError, BadDeclaration, BadName, BadType, Misuse, Problem, WrongOutput } from "./errors.js";
export { ReactContext, ServerFunction } from "./function.js";
export type { Composition, Context } from "./function.js";
export { invalidate } from "./invalidation.js";
export {
    Registry, clearRegistry, getAllCompositions, getAllFunctions, getCompose, getContextGroups, getContexts, getFunction, getRegistry, getSchema,
    register, registerAs, registerCompose, registerExtension, validateRegistry,
} from "./registry.js";
export type { Sight } from "./request.js";
export { isFrameworkResponse, setFrameworkResponseBase } from "./response.js";
export type { Item, NamedItem, RegistryExtension, Schema } from "./schema.js";
export type { Sealed } from "./seal.js";
export * as t from "./t.js";
export { Upload } from "./upload.js";
