/** `Retry-After`: seconds, an HTTP date, or garbage. */
import { DAY_MS } from "../../model/time-units.ts";

/**
 * Milliseconds to wait; undefined when the header is absent or says nothing usable. At most a day: longer waits are the
 * circuit breaker's business.
 *
 * @param servedAt upstream's own time (its `Date` header) or ours, ms: dates are measured against it
 */
export function retryAfterMs(header: string | undefined, servedAt: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, DAY_MS);
  // Only dates as HTTP writes them: Date.parse accepts far too much ("5 minutes" is the year 2001 to it).
  if (!/^[A-Z][a-z]{2,8},? \d{2}[ -]/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.min(Math.max(date - servedAt, 0), DAY_MS);
}
