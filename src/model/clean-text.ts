/**
 * Texts from outside (notes, names, the words of an upstream) as they may be stored, logged and shown: cleaned once, where
 * they come in, so that no terminal, log or chat that they reach later can be steered by them.
 */

/**
 * Control characters (escape sequences begin with them), halves of characters, separators of lines and paragraphs, and
 * marks that turn the direction of writing.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;
/** Control and format characters, separators of lines and paragraphs. */
const SHOWN_AS_TEXT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line of printable text: what is unsafe becomes a space, and both ends are trimmed. */
export function cleanText(text: string): string {
  return text.replace(UNSAFE, " ").trim();
}

/** Control and format characters written out (`\u{1b}`), for people who must see that they were there. */
export function escapeControls(text: string): string {
  return text.replace(SHOWN_AS_TEXT, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** JSON of the same value in which no such character stands as itself. */
export function escapeJson(json: string): string {
  return json.replace(SHOWN_AS_TEXT, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
