/**
 * A JSON file as a plain value, at a tenth of what reading it as YAML takes. Only for files that the YAML reader has nothing
 * to say about, of which it makes the same value; any other file is refused without a reason, which is that reader's to give.
 */
import type { ConfigDocument } from "./document.ts";
import { MOST_BYTES, MOST_FLOW_LEVELS } from "./file-limits.ts";

export function jsonDocument(text: string, file: string): ConfigDocument {
  const start = { line: 1, column: 1 };
  const value = plainJson(text);
  const faults = value === undefined ? [{ file, ...start, key: "", text: "not plain JSON" }] : [];
  return { file, value, faults, locate: () => start };
}

function plainJson(text: string): unknown {
  // Tabs are no indentation in YAML.
  if (text.length > MOST_BYTES || text.includes("\t")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    // A key that stands twice would be dropped without a word.
    return keysIn(value, 0) === keysWritten(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

function keysWritten(text: string): number {
  let count = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:)?/g)) if (colon !== undefined) count++;
  return count;
}

/** NaN where it nests too deep, or a key would be a trap. */
function keysIn(value: unknown, level: number): number {
  if (typeof value !== "object" || value === null) return 0;
  if (level > MOST_FLOW_LEVELS || Object.hasOwn(value, "__proto__")) return Number.NaN;
  const inner = Object.values(value);
  return inner.reduce((sum, each) => sum + keysIn(each, level + 1), Array.isArray(value) ? 0 : inner.length);
}
