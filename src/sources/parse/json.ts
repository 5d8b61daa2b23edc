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
  } catch (error) {
    // A connection that closes without having said a length leaves the beginning of a document.
    if (endsTooSoon(error, trimmed))
      throw new SourceFailure("partial", `JSON that breaks off after ${trimmed.length} characters`);
    throw new SourceFailure("format", `no JSON: ${excerpt(trimmed)}`);
  }
}

/** Whether all of a text was a beginning of JSON: the engine names the end of the text as the place where it went wrong. */
function endsTooSoon(error: unknown, text: string): boolean {
  if (!(error instanceof SyntaxError) || !/^[{["]/.test(text)) return false;
  if (/end of JSON input|Unterminated string/.test(error.message)) return true;
  const position = /at position (\d+)/.exec(error.message)?.[1];
  return position !== undefined && Number(position) >= text.length;
}

/**
 * Parses several JSON documents in order, whatever stands between them: one per line, indented over several lines, or
 * one directly behind another. Throws as `parseJson`.
 */
export function parseJsonDocuments(text: string): unknown[] {
  const parts = topLevelParts(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  if (parts.length === 0) throw new SourceFailure("format", "an empty body");
  return parts.map((part) => parseJson(part));
}

/** Cuts a text behind every bracket that closes the outermost one; what is left over is a part of its own. */
function topLevelParts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let inString = false;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) depth++;
    else if ((code === 0x7d || code === 0x5d) && --depth === 0) {
      parts.push(text.slice(from, i + 1));
      from = i + 1;
    }
  }
  const rest = text.slice(from);
  return rest.trim() === "" ? parts : [...parts, rest];
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
