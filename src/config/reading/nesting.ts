/**
 * How deep a YAML text nests, measured without recursion. The parser recurses, and the engine ends the whole process
 * when a regular expression is compiled at the very end of the stack: too deep has to be refused before parsing.
 */
import { Lexer } from "yaml";

/** Levels of brackets and braces. A configuration has about six. */
const MOST_FLOW_LEVELS = 50;

/** Columns before the first word of a line, and indicators (`-`, `?`, `:`) on one line: each may be a level. */
const MOST_BLOCK_LEVELS = 100;

export function nestsTooDeep(text: string): boolean {
  let flow = 0;
  let indicators = 0;
  let lineStart = true;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") flow++;
    else if (token === "]" || token === "}") flow = Math.max(0, flow - 1);
    else if (flow === 0) {
      if (token === "-" || token === "?" || token === ":") indicators++;
      else if (lineStart && /^ +$/.test(token)) indicators += token.length;
    }
    lineStart = token.endsWith("\n");
    if (lineStart) indicators = 0;
    if (flow > MOST_FLOW_LEVELS || indicators > MOST_BLOCK_LEVELS) return true;
  }
  return false;
}
