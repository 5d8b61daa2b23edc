/** One file of the configuration against its schema, with every fault placed. */
import type { z } from "zod";
import { type ConfigDocument, formatPath, type KeyPath } from "./document.ts";
import { explainIssue } from "./explain-issue.ts";
import type { Fault } from "./faults.ts";
import { type JsonSchema, keysAt } from "./json-schema.ts";
import { type Environment, followReferences } from "./references.ts";
import { type Remainder, remainderOf } from "./remainder.ts";

/** Each is looked up in the file: a file of ten thousand faults must not hold up a service that is to go on. */
const MOST_EXPLAINED = 500;

export interface ReadFile<T> {
  /** Undefined when there are faults. */
  readonly value: T | undefined;
  readonly faults: Fault[];
  /** What of a file with faults can still be read; absent where it has none, or where nothing is left. */
  readonly remainder?: Remainder<T>;
}

/**
 * @param schemaForHints made only when there is a fault to explain
 */
export function readAgainst<T>(
  document: ConfigDocument,
  from: {
    readonly file: string;
    readonly env: Environment;
    /** Sections of a service are left out, and references that cannot be followed are no fault. */
    readonly offline?: boolean;
    /** As `offline`, but with the section `redis`. */
    readonly storeOnly?: boolean;
    readonly onMissingSecret?: ((fault: Fault) => void) | undefined;
  },
  schema: z.ZodType<T>,
  schemaForHints: () => JsonSchema,
): ReadFile<T> {
  if (document.faults.length > 0) return { value: undefined, faults: [...document.faults] };
  const faults: Fault[] = [];
  const report = (path: KeyPath, said: string) => faults.push(faultAt(document, path, said));
  const value = withoutSections(document.value, unreadSections(from));
  const unset: Fault[] = [];
  const missing = (path: KeyPath, said: string): void => {
    if (from.onMissingSecret !== undefined) unset.push(faultAt(document, path, said));
    else if (from.offline !== true && (from.storeOnly !== true || path[0] === "redis")) report(path, said);
  };
  const followed = followReferences(value ?? {}, from, missing);
  const parsed = schema.safeParse(followed);
  // A reference that leads nowhere leaves a text behind whose own fault would only repeat the first.
  if (faults.length > 0) return { value: undefined, faults };
  if (parsed.success) {
    for (const each of unset) from.onMissingSecret?.(each);
    return { value: parsed.data, faults };
  }
  // What stands in the place of a text that is not set here fits nowhere: that it is not set is the fault.
  faults.push(...unset);
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
  const { issues } = parsed.error;
  const remainder = issues.length > MOST_EXPLAINED ? undefined : remainderOf(followed, schema, issues);
  return { value: undefined, faults, ...(remainder === undefined ? {} : { remainder }) };
}

/** What only a running service needs: its secrets are not there where history is replayed or read. */
function unreadSections(from: { readonly offline?: boolean; readonly storeOnly?: boolean }): readonly string[] {
  if (from.offline === true) return ["redis", "server", "webhooks"];
  return from.storeOnly === true ? ["server", "webhooks"] : [];
}

function withoutSections(value: unknown, sections: readonly string[]): unknown {
  if (sections.length === 0 || value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !sections.includes(key)));
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
