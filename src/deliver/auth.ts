/** Tokens with scopes. Every token is compared in constant time, so that response times reveal nothing. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { ServerConfig } from "../config/resolve/resolved.ts";

export type TokenScope = "read" | "write";

/** What a request may do. */
export interface Grant {
  /** The token's name; null without a token. */
  readonly name: string | null;
  readonly read: boolean;
  readonly write: boolean;
  /** Whether a token was given that is not configured. */
  readonly refused: boolean;
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

interface KnownToken {
  readonly name: string;
  readonly digest: Buffer;
  readonly scopes: readonly TokenScope[];
}

export class Authenticator {
  readonly #tokens: readonly KnownToken[];
  readonly #anonymousWrites: boolean;

  /**
   * Without configured tokens everybody may read, and may write as long as only this machine can reach the port.
   *
   * @param isPublic whether other machines can reach the port: a public bind, or a configured `publicUrl`
   */
  constructor(tokens: ServerConfig["tokens"], isPublic: boolean) {
    this.#tokens = tokens.map(({ name, token, scopes }) => ({ name, digest: digest(token), scopes }));
    this.#anonymousWrites = tokens.length === 0 && !isPublic;
  }

  /** Whether tokens are configured at all. */
  get guarded(): boolean {
    return this.#tokens.length > 0;
  }

  /** @param viaProxy whether the request came through a proxy, where it needs a token to write */
  grant(token: string | null, viaProxy: boolean): Grant {
    const open = !this.guarded;
    if (token === null || open)
      return { name: null, read: open, write: this.#anonymousWrites && !viaProxy, refused: false };
    const given = digest(token);
    let found: KnownToken | undefined;
    for (const known of this.#tokens) if (timingSafeEqual(known.digest, given)) found = known;
    if (!found) return { name: null, read: false, write: false, refused: true };
    return { name: found.name, read: true, write: found.scopes.includes("write"), refused: false };
  }
}

/** The token of `Authorization: Bearer ...`; null without one. */
export function bearerToken(header: string | undefined): string | null {
  return /^bearer +(\S+) *$/i.exec(header ?? "")?.[1] ?? null;
}

/** The subprotocol that every client offers. Browsers send their token as a second one. */
export const WS_SUBPROTOCOL = "hashfall.v1";
const WS_TOKEN_PREFIX = "hashfall.bearer.";

/** The token of a WebSocket's `Sec-WebSocket-Protocol: hashfall.v1, hashfall.bearer.<base64url of the token>`. */
export function subprotocolToken(header: string | undefined): string | null {
  const offered = (header ?? "").split(",").map((part) => part.trim());
  const entry = offered.find((part) => part.startsWith(WS_TOKEN_PREFIX));
  return entry ? Buffer.from(entry.slice(WS_TOKEN_PREFIX.length), "base64url").toString("utf8") : null;
}
