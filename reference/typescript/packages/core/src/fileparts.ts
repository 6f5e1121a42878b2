import type { ServerFunction } from "./function.js";
import type { Names, Type } from "./types.js";

export declare function takesFiles(function_: ServerFunction): boolean;
export declare function holdsUpload(type: Type, names: Names): boolean;
