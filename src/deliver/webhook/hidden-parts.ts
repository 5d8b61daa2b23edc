/** Secrets that must not appear in a log, an error or a dead letter. A receiver may echo anything that it was sent. */
import type { WebhookConfig } from "./contract.ts";

/** A path segment of at least this length may be a token (`/services/T0000/B0000/xyz`). */
const TOKEN_LENGTH = 8;

/** The parts to hide, longest first, so that a whole is replaced before its parts. */
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
  // A part of two letters would match in every text.
  return [...new Set(parts.filter((part) => part.length > 2))].sort((a, b) => b.length - a.length);
}
