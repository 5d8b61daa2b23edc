/** JSON from strangers: bounded depth, and errors that say what came instead. */
import { excerpt, SourceFailure } from "../failure.ts";

const MAX_DEPTH = 40;

/**
 * Parses one JSON document whatever its content type says. Throws a `format` failure for an empty body, HTML, text,
 * truncated JSON and documents nested deeper than any real API's.
 */
export function parseJson(text: string): unknown {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const trimmed = body.trim();
  if (trimmed === "") throw new SourceFailure("format", "an empty body");
  if (trimmed.startsWith("<")) throw new SourceFailure("format", `HTML or XML instead of JSON: ${excerpt(trimmed)}`);
  if (depthOf(trimmed) > MAX_DEPTH) throw new SourceFailure("format", `JSON nested deeper than ${MAX_DEPTH}`);
  try {
    return JSON.parse(trimmed);
  } catch {
    throw new SourceFailure("format", `no JSON: ${excerpt(trimmed)}`);
  }
}

/** Parses several JSON documents, one per line (or just one), in order. Empty lines are skipped. */
export function parseJsonLines(text: string): unknown[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new SourceFailure("format", "an empty body");
  return lines.map((line) => parseJson(line));
}

/** Deepest nesting, counted without recursion; brackets inside strings do not count. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return deepest;
}
