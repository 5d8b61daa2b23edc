/**
 * Texts from outside (notes, names, the words of an upstream) as they may be stored, logged and shown: cleaned once, where
 * they come in, so that no terminal, log or chat that they reach later can be steered by them.
 */

/**
 * Control characters (escape sequences begin with them), halves of characters, separators of lines and paragraphs, and
 * marks that turn the direction of writing.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** One line of printable text: what is unsafe becomes a space, and both ends are trimmed. */
export function cleanText(text: string): string {
  return text.replace(UNSAFE, " ").trim();
}
