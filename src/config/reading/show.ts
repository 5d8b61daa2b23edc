/** How a value of the configuration is shown to people: short, and never a secret. */
import type { KeyPath } from "./document.ts";

const SECRET_KEY = /token|secret|passw|key$|apikey|auth|credential|cookie/i;

const LONGEST = 60;

/** Whether the value at a path may be a secret, by the name of its key (of its list, for the entry of a list). */
export function isSecretPath(path: KeyPath): boolean {
  if (path.slice(0, -1).includes("secretHeaders")) return true;
  const key = path.findLast((part) => typeof part === "string");
  return typeof key === "string" && SECRET_KEY.test(key);
}

/** `"7m"`, `1.2`, `a list`, `(hidden)`; URLs without what stands before `@` and after `?`. */
export function showValue(path: KeyPath, value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a set of keys";
  if (isSecretPath(path)) return "(hidden)";
  if (typeof value !== "string") return String(value);
  const bare = value.replace(/:\/\/[^/@\s]*@/, "://(hidden)@").replace(/\?.*$/s, "?(hidden)");
  return JSON.stringify(bare.length > LONGEST ? `${bare.slice(0, LONGEST)}...` : bare);
}
