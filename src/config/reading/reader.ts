/** One file of the configuration against its schema, with every fault placed. */
import type { z } from "zod";
import { type ConfigDocument, formatPath, type KeyPath } from "./document.ts";
import { explainIssue } from "./explain-issue.ts";
import type { Fault } from "./faults.ts";
import { type JsonSchema, keysAt } from "./json-schema.ts";
import { type Environment, followReferences } from "./references.ts";

/** Each is looked up in the file: a file of ten thousand faults must not hold up a service that is to go on. */
const MOST_EXPLAINED = 1000;

export interface ReadFile<T> {
  /** Undefined when there are faults. */
  readonly value: T | undefined;
  readonly faults: Fault[];
}

/**
 * @param schemaForHints made only when there is a fault to explain
 */
export function readAgainst<T>(
  document: ConfigDocument,
  from: { readonly file: string; readonly env: Environment; readonly offline?: boolean },
  schema: z.ZodType<T>,
  schemaForHints: () => JsonSchema,
): ReadFile<T> {
  if (document.faults.length > 0) return { value: undefined, faults: [...document.faults] };
  const faults: Fault[] = [];
  const report = (path: KeyPath, said: string) => faults.push(faultAt(document, path, said));
  const value = from.offline === true ? withoutService(document.value) : document.value;
  const missing = from.offline === true ? () => {} : report;
  const parsed = schema.safeParse(followReferences(value ?? {}, from, missing));
  // A reference that leads nowhere leaves an empty text behind, whose own fault would only repeat the first.
  if (faults.length > 0) return { value: undefined, faults };
  if (parsed.success) return { value: parsed.data, faults };
  const valueAt = (path: KeyPath) => valueIn(document.value, path);
  let hints: JsonSchema | undefined;
  const typeAt = (path: KeyPath) => valueAt([...path, "type"]);
  const known = (at: KeyPath) => {
    hints ??= schemaForHints();
    return keysAt(hints, at, typeAt);
  };
  for (const issue of parsed.error.issues.slice(0, MOST_EXPLAINED)) {
    for (const { path, text: said } of explainIssue(issue, valueAt, known)) report(path, said);
  }
  return { value: undefined, faults };
}

const SERVICE_SECTIONS: readonly string[] = ["redis", "server", "webhooks"];

/** What only a running service needs: its secrets are not there where history is replayed. */
function withoutService(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !SERVICE_SECTIONS.includes(key)));
}

/** A fault at the place of its key in the file. */
export function faultAt(document: ConfigDocument, path: KeyPath, text: string): Fault {
  return { file: document.file, ...document.locate(path), key: formatPath(path), text };
}

/** The raw value at a path: undefined where nothing stands. */
export function valueIn(value: unknown, path: KeyPath): unknown {
  let here = value;
  for (const part of path) {
    if (here === null || typeof here !== "object" || !Object.hasOwn(here, part)) return undefined;
    here = Reflect.get(here, part);
  }
  return here;
}
