import { Kysely } from "kysely";
import { DatabaseSync } from "@photostructure/sqlite";
import { placeholder } from "@mizan/core";
import { Hono } from "hono";
console.log(typeof Kysely, typeof DatabaseSync, placeholder, typeof Hono);
