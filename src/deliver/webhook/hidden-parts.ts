/** What must never be read in a log, an error or a dead letter: a receiver may echo anything that it was sent. */
import type { WebhookConfig } from "./contract.ts";

/** A piece of a path as long as this may be a token (`/services/T0000/B0000/xyz`). */
const TOKEN_LENGTH = 8;

/** Longest first, so that a whole is cut out before its parts. */
export function hiddenParts({ url, secrets, authorization, hidden }: WebhookConfig): readonly string[] {
  const { pathname, search, searchParams } = new URL(url);
  const path = `${pathname}${search}`;
  const pieces = pathname.split("/").filter((piece) => piece.length >= TOKEN_LENGTH);
  const parts = [
    url,
    ...(path === "/" ? [] : [path]),
    ...pieces,
    ...searchParams.values(),
    ...hidden,
    ...secrets.flatMap((secret) => [secret, secret.replace(/^whsec_/, "")]),
    ...(authorization === undefined ? [] : [authorization, ...authorization.split(/\s+/)]),
  ];
  // A part of two letters would cut holes into every text.
  return [...new Set(parts.filter((part) => part.length > 2))].sort((a, b) => b.length - a.length);
}
