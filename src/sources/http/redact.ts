/** Removes secrets from text before it is shown or stored. */
import { escapeControls } from "../../model/clean-text.ts";

const MARK = "[redacted]";
const LONGEST = 160;

/**
 * Replaces every secret, plain, URL-encoded or in base64, and whatever stands before an @ in a URL. Text is cut to one
 * line of at most 160 characters, since upstreams may echo anything.
 */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < 3) continue;
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")];
    for (const form of new Set(forms)) clean = clean.replaceAll(form, MARK);
  }
  clean = clean
    .replaceAll(/\/\/[^\s/@]+@/g, `//${MARK}@`)
    .replaceAll(/\s+/g, " ")
    .trim();
  clean = escapeControls(clean);
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1)}…` : clean;
}
