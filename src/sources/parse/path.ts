/**
 * A small path language for configuration: `data.items[coinType=BTC].poolHashrate`, `data.series[-1]`, `regions[*].name`,
 * `["odd key"].x`. Selects by key, by index (negative from the end), by a member's value, or all members.
 */
import { excerpt } from "../failure.ts";
import { isObject, own, textOf } from "./shape.ts";

type Step =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "where"; readonly key: string; readonly value: string }
  | { readonly kind: "all" };

export interface Path {
  readonly text: string;
  readonly steps: readonly Step[];
}

const TOKEN = /\.?([^.[\]"]+)|\["([^"\]]+)"\]|\[(-?\d+)\]|\[(\*)\]|\[([^=\]"*]+)=([^\]]*)\]/y;

/** Null for text that is no path. The empty text is the document itself. */
export function parsePath(text: string): Path | null {
  const steps: Step[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return null;
    const [, key, quoted, index, all, whereKey, whereValue] = match;
    if (key !== undefined) steps.push({ kind: "key", key });
    else if (quoted !== undefined) steps.push({ kind: "key", key: quoted });
    else if (index !== undefined) steps.push({ kind: "index", index: Number(index) });
    else if (all !== undefined) steps.push({ kind: "all" });
    else steps.push({ kind: "where", key: whereKey!.trim(), value: whereValue!.trim() });
  }
  return { text, steps };
}

/** The first value at a path; undefined when there is none. */
export function valueAt(document: unknown, path: Path): unknown {
  return valuesAt(document, path)[0];
}

/** Every value at a path, in order; a path without `[*]` gives at most one. */
export function valuesAt(document: unknown, path: Path): readonly unknown[] {
  let current: unknown[] = [document];
  for (const step of path.steps) {
    current = current.flatMap((value) => apply(value, step));
  }
  return current.filter((value) => value !== undefined);
}

function apply(value: unknown, step: Step): unknown[] {
  switch (step.kind) {
    case "key":
      return [own(value, step.key)];
    case "index":
      return Array.isArray(value) ? [value.at(step.index)] : [];
    case "where": {
      const found = members(value).find((member) => textOf(own(member, step.key)) === step.value);
      return [found];
    }
    case "all":
      return [...members(value)];
  }
}

function members(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

const MOST_NAMES = 8;

/** How far a path leads into a document, and what is there instead of its next step: for whoever mends the path. */
export function howFar(document: unknown, path: Path): string {
  let here: unknown = document;
  let walked = "";
  for (const step of path.steps) {
    const [next] = apply(here, step);
    if (next === undefined) return `${walked === "" ? "the document" : walked} ${instead(here, step)}`;
    here = next;
    walked += textOfStep(step, walked === "");
  }
  return `${walked} is ${excerpt(here)}`;
}

function instead(value: unknown, step: Step): string {
  if (step.kind === "where" && members(value).length > 0) {
    const names = members(value).map((member) => textOf(own(member, step.key)));
    const known = names.filter((name) => name !== undefined);
    return known.length === 0
      ? `has no member with ${step.key}`
      : `has ${step.key} ${listed(known)}, not ${step.value}`;
  }
  if (Array.isArray(value)) return `is a list of ${value.length}`;
  if (isObject(value)) return `has ${Object.keys(value).length === 0 ? "nothing in it" : listed(Object.keys(value))}`;
  return `is ${excerpt(value)}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(", ")} and ${more} more` : names.join(", ");
}

function textOfStep(step: Step, isFirst: boolean): string {
  switch (step.kind) {
    case "key":
      return isFirst ? step.key : `.${step.key}`;
    case "index":
      return `[${step.index}]`;
    case "where":
      return `[${step.key}=${step.value}]`;
    case "all":
      return "[*]";
  }
}
