/** Whom an alert is about, in words. Browsers load this file: it imports no more than they need. */

import type { AlertEvent } from "./alert.ts";
import { CANDIDATE_PROBABILITY } from "./candidates.ts";

/**
 * `KZ`, `KZ or RU` while it is not sure, `pool antpool`, `source mempool`, `network bitcoin`. Fit for the middle of a line;
 * `sentence` makes the beginning of one of it.
 *
 * @param nameOf how a region's code is shown; as it stands by default
 */
export function subjectOf(
  alert: Pick<AlertEvent, "scope" | "region" | "pool" | "source" | "network" | "candidates">,
  nameOf: (region: string) => string = (region) => region,
): string {
  if (alert.scope === "pool") return `pool ${alert.pool ?? "unknown"}`;
  if (alert.scope === "source" && alert.source) return `source ${alert.source}`;
  if (alert.scope !== "region") return `network ${alert.network}`;
  if (alert.region !== null) return nameOf(alert.region);
  const likely = (alert.candidates ?? []).filter(({ probability }) => probability >= CANDIDATE_PROBABILITY);
  return likely.length === 0 ? "an unnamed region" : likely.map(({ region }) => nameOf(region)).join(" or ");
}

/** The same text with a capital at its beginning. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
