/** Reading fields of parsed JSON without trusting its shape. */
import { excerpt, SourceFailure } from "../failure.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object; throws a `format` failure that names what was expected there. */
export function objectAt(value: unknown, what: string): JsonObject {
  if (!isObject(value)) throw new SourceFailure("format", `${what} is ${excerpt(value)}, expected an object`);
  return value;
}

/** The value as an array; throws a `format` failure that names what was expected there. */
export function arrayAt(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new SourceFailure("format", `${what} is ${excerpt(value)}, expected a list`);
  return value;
}

/** Own properties only: `constructor` of a stranger's object is no field. */
export function own(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Like `own`, without regard to upper and lower case: forks rename `poolHashRate` to `poolHashrate`. */
export function ownAnyCase(value: unknown, key: string): unknown {
  if (!isObject(value)) return undefined;
  const exact = own(value, key);
  if (exact !== undefined) return exact;
  const wanted = key.toLowerCase();
  const found = Object.keys(value).find((name) => name.toLowerCase() === wanted);
  return found === undefined ? undefined : value[found];
}

/** Text of a field, or undefined. Numbers are taken as their digits: ids come as either. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : undefined;
}
