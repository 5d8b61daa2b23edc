/** Secrets in a URL: some APIs want keys in the path or the query, and their error pages repeat them. */

const SHORTEST_KEY = 16;
const KEY_NAME = /key|token|secret|passw|auth|sig/i;

/**
 * What may be a secret in a URL: the user and password, values of the query whose name says so, and every part of the path
 * or the query that looks like a key (sixteen characters and more, letters and digits). Too much hidden does no harm.
 */
export function secretsInUrl(text: string | undefined): readonly string[] {
  if (text === undefined || !URL.canParse(text)) return [];
  const url = new URL(text);
  const parts = url.pathname.split("/").filter(looksLikeKey);
  const values = [...url.searchParams].flatMap(([name, value]) =>
    KEY_NAME.test(name) || looksLikeKey(value) ? [value] : [],
  );
  const found = [url.username, url.password, ...parts, ...values].filter((part) => part !== "");
  return [...new Set([...found, ...found.map(decoded)])];
}

function looksLikeKey(part: string): boolean {
  return part.length >= SHORTEST_KEY && /\d/.test(part) && /[a-z]/i.test(part);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
