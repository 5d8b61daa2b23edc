/** zod's issues as sentences: the value, and what is allowed in its place. */
import type { z } from "zod";
import { nearest } from "../../model/nearest-name.ts";
import type { KeyPath } from "./document.ts";
import { isSecretPath, showValue } from "./show.ts";

export interface Explained {
  readonly path: KeyPath;
  readonly text: string;
}

type Issue = z.core.$ZodIssue;

const SECRET_PLACES = "where the secret is, {env: NAME} or {file: PATH}; never the secret itself";

/**
 * One line per fault.
 *
 * @param valueAt the raw value at a path, as it stands in the file (references unresolved, so that no secret is shown)
 * @param keysAt the keys that are allowed at a path
 */
export function explainIssue(
  issue: Issue,
  valueAt: (path: KeyPath) => unknown,
  keysAt: (path: KeyPath) => readonly string[],
  under: KeyPath = [],
): Explained[] {
  const path: KeyPath = [...under, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  if (issue.code === "custom" && typeof issue.params?.said === "string") return [{ path, text: issue.params.said }];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...path, key], key, keysAt(path)));
  if (issue.code === "invalid_key") {
    const key = String(path.at(-1));
    return [{ path, text: `${showValue([], key)} cannot stand here; allowed: ${allowed(issue.issues[0] ?? issue)}` }];
  }
  if (issue.code === "invalid_union") {
    const branch = meantBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => explainIssue(inner, valueAt, keysAt, path));
  }
  const value = valueAt(path);
  if (isSecretPath(path))
    return [{ path, text: `${showValue(path, value)} is not allowed; allowed: ${SECRET_PLACES}` }];
  if (value === undefined) return [{ path, text: `missing; needed: ${allowed(issue)}` }];
  const hint =
    issue.code === "invalid_union" && typeof value === "string"
      ? nearest(value, allowed(issue).split(", "))
      : undefined;
  const meant = hint === undefined ? "" : `. Did you mean ${hint}?`;
  return [{ path, text: `${showValue(path, value)} is not allowed; allowed: ${allowed(issue)}${meant}` }];
}

function unknownKey(path: KeyPath, key: string, known: readonly string[]): Explained {
  const hint = nearest(key, known);
  const meant = hint === undefined ? "" : ` Did you mean ${hint}?`;
  const list = known.length > 0 ? `; allowed: ${known.join(", ")}` : "";
  return { path, text: `${showValue([], key)} is not a known key${list}.${meant}` };
}

/** The one branch of a union that took the value's kind: its own faults say more than "none of these". */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const meant = branches.filter((issues) => !issues.some((i) => i.code === "invalid_type" && i.path.length === 0));
  return meant.length === 1 ? meant[0] : undefined;
}

/** What may stand there. Issues of our own schema carry it as their message. */
function allowed(issue: Issue): string {
  if (issue.code === "invalid_value") return issue.values.map(String).join(", ");
  if (issue.code === "invalid_type")
    return issue.message.startsWith("Invalid input") ? kind(issue.expected) : issue.message;
  if (issue.code === "too_small") return own(issue.message) ?? `at least ${issue.minimum}${entries(issue.origin)}`;
  if (issue.code === "too_big") return own(issue.message) ?? `at most ${issue.maximum}${entries(issue.origin)}`;
  return issue.message.replace(/^Invalid input: /, "");
}

/** A message that is ours, not zod's default. */
function own(message: string): string | undefined {
  return /^(Too |Invalid )/.test(message) ? undefined : message;
}

function entries(origin: string): string {
  return origin === "array" ? " entries" : origin === "string" ? " characters" : "";
}

const KINDS: Readonly<Record<string, string>> = {
  object: "a set of keys",
  record: "a set of keys",
  array: "a list",
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function kind(expected: string): string {
  return KINDS[expected] ?? expected;
}
