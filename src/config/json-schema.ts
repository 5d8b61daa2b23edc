/** The configuration's JSON schema: for editors, for the README's table and for "did you mean". */
import { z } from "zod";
import type { KeyPath } from "./document.ts";
import { WeightsFile } from "./network-schema.ts";
import { ConfigFile } from "./schema.ts";

/** The part of JSON schema that ours uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly required?: readonly string[];
}

/** Every key in its place, to be walked. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(ConfigFile, { io: "input", reused: "inline" }) as JsonSchema;
}

/** What `config/schema.json` holds: the same with what is said twice said once. */
export function editorJsonSchema(): object {
  return { ...z.toJSONSchema(ConfigFile, { io: "input", reused: "ref" }), title: "hashfall configuration" };
}

/** The schema of a file of region weights. */
export function weightsJsonSchema(): JsonSchema {
  return z.toJSONSchema(WeightsFile, { io: "input", reused: "inline" }) as JsonSchema;
}

/** The schemas of the alternatives that stand at one place. */
export function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const inner = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  return inner === undefined ? [schema] : inner.flatMap(alternatives);
}

/**
 * The keys that are allowed at a path. Where alternatives are told apart by `type`, only those of the type that the
 * file names.
 */
export function keysAt(root: JsonSchema, path: KeyPath, typeAt: (path: KeyPath) => unknown): readonly string[] {
  let here: readonly JsonSchema[] = alternatives(root);
  path.forEach((part, i) => {
    here = narrow(here, typeAt(path.slice(0, i))).flatMap((schema) => {
      const next = typeof part === "number" ? schema.items : childOf(schema, part);
      return next === undefined ? [] : alternatives(next);
    });
  });
  return [...new Set(narrow(here, typeAt(path)).flatMap((schema) => Object.keys(schema.properties ?? {})))];
}

function childOf(schema: JsonSchema, key: string): JsonSchema | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

function narrow(schemas: readonly JsonSchema[], type: unknown): readonly JsonSchema[] {
  const named = schemas.filter((schema) => schema.properties?.type?.const === type);
  return type !== undefined && named.length > 0 ? named : schemas;
}
