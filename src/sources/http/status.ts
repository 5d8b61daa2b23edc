/** What an HTTP status means for a source. */
import type { ErrorClass } from "../contract.ts";

/** Statuses that say "too often"; which one is used differs by API (402 Blockchair, 418 Binance, 430 others). */
const RATE_LIMITED = new Set([402, 418, 420, 429, 430]);

/** Going on after these gets an address banned. */
const BAN_RISK = new Set([403, 418, 429, 430]);

/**
 * Class of a status that is neither success nor 304. `overrides` is the adapter's own table: it wins.
 *
 * @example classOfStatus(503, { 503: "rate-limited" }) // yiimp when overloaded
 */
export function classOfStatus(status: number, overrides: Readonly<Record<number, ErrorClass>> = {}): ErrorClass {
  const own = overrides[status];
  if (own) return own;
  if (RATE_LIMITED.has(status)) return "rate-limited";
  if (status === 401 || status === 403 || status === 407) return "auth";
  if (status === 451) return "geo-blocked";
  if (status === 408 || status === 504) return "timeout";
  if (status >= 300 && status < 400) return "redirect";
  return "http";
}

export function isBanRisk(status: number): boolean {
  return BAN_RISK.has(status);
}

/** Statuses after which a second try in the same tick may help and hurts nobody. */
export function isWorthRetrying(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504;
}
