/** What a JSON schema allows at a place of a file: for "did you mean" and for tables. */
import type { KeyPath } from "./document.ts";

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
