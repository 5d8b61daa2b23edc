/** What of a faulty file can still be read, so that faults which need the read value are named beside those of the schema. */
import type { z } from "zod";
import type { KeyPath } from "./document.ts";

export interface Remainder<T> {
  /** The file without what is wrong in it. */
  readonly value: T;
  /** What was left out: keys, and what could not be read without them. */
  readonly leftOut: readonly KeyPath[];
}

type Issue = z.core.$ZodIssue;

/** Each round leaves out what the one before found; a part that still does not fit is left out as a whole. */
const MOST_ROUNDS = 8;

/** Undefined when nothing readable is left. Does not change `value`. */
export function remainderOf<T>(
  value: unknown,
  schema: z.ZodType<T>,
  issues: readonly Issue[],
): Remainder<T> | undefined {
  const rest = structuredClone(value);
  const leftOut: KeyPath[] = [];
  let faulty = issues;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const paths = new Map(faulty.flatMap(placesOf).map((path) => [JSON.stringify(path), path]));
    // From the end of a list, so that the places before stay what they were.
    for (const path of [...paths.values()].reverse()) {
      const removed = removeAt(rest, path);
      if (removed.length === 0) return undefined;
      leftOut.push(removed);
    }
    const parsed = schema.safeParse(rest);
    if (parsed.success) return { value: parsed.data, leftOut };
    faulty = parsed.error.issues;
  }
  return undefined;
}

function placesOf(issue: Issue): KeyPath[] {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
}

/** Takes a key away; where there is none, what should have had it. Returns the place that is gone, empty for the whole file. */
function removeAt(value: unknown, path: KeyPath): KeyPath {
  for (let length = path.length; length > 0; length--) {
    const key = path[length - 1]!;
    const holder = path.slice(0, length - 1).reduce<unknown>((here, part) => childOf(here, part), value);
    if (childOf(holder, key) === undefined) continue;
    // Places in a list keep their numbers: what is after them is found in the file by number.
    if (Array.isArray(holder)) return removeAt(value, path.slice(0, length - 1));
    Reflect.deleteProperty(holder as object, key);
    return path.slice(0, length);
  }
  return [];
}

function childOf(value: unknown, key: string | number): unknown {
  return value !== null && typeof value === "object" && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

/**
 * Whether a fault that was found in the remainder is one of the whole file too. It is not where the part it speaks of lost a
 * key, or where a name that it looked for may have been left out.
 *
 * @param path of the fault
 * @param isWritten whether something stands there in the file; else the fault is that nothing does
 */
export function holdsForWholeFile(path: KeyPath, leftOut: readonly KeyPath[], isWritten: boolean): boolean {
  if (leftOut.some((each) => startsWith(each, path) || startsWith(path, each))) return false;
  const parent = path.slice(0, -1);
  // What is missing may be what a neighbour was meant to be.
  if (!isWritten && leftOut.some((each) => each.length === path.length && startsWith(each, parent))) return false;
  const namesLost = leftOut.filter(losesNames);
  if (namesLost.length === 0) return true;
  return path[0] === "networks" && !namesLost.some((each) => each.length === 1 || each[1] === path[1]);
}

/** A network, a pool or a declared region: others speak of it by its name. */
function losesNames(path: KeyPath): boolean {
  if (path[0] !== "networks") return false;
  if (path.length <= 2) return true;
  return (path[2] === "pools" && path.length <= 4) || path[2] === "regions" || path[2] === "weights";
}

function startsWith(path: KeyPath, start: KeyPath): boolean {
  return start.every((part, i) => path[i] === part);
}
