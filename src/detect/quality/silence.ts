/** When a row's silence means something: sources speak at their own pace, so each row is held to its own. */
import type { GateRow } from "./gate.ts";
import { GAP_UNKNOWN_MS, PAUSES_KNOWN } from "./warm.ts";

/** A row takes part in the verdict on the network while it has spoken within this time. */
const ACTIVE_MS = 86_400_000;

/** Only rows whose pace is known: the first silences of a source that speaks every half hour are no failure. */
export function wasActive(gate: GateRow, at: number, since: number): boolean {
  return gate.pauses >= PAUSES_KNOWN && Math.min(at, since) - gate.acceptedAt <= ACTIVE_MS;
}

/** Two of the row's usual pauses without a figure that can be used. */
export function isOverdue(gate: GateRow, at: number, intervalMs: number): boolean {
  return at - gate.acceptedAt >= 2 * Math.max(intervalMs, gate.pauseMs);
}

/** A row is stale when it had nothing to use for this long, and for three of its own pauses; one missed poll is no news. */
const STALE_MS = 3_600_000;

/** A row that never said anything of use is held to when it first spoke; one whose pace is not known is given time. */
export function isStale(gate: GateRow, at: number): boolean {
  const unknown = gate.acceptedAt > 0 && gate.pauses < PAUSES_KNOWN;
  const patience = Math.max(unknown ? GAP_UNKNOWN_MS : STALE_MS, 3 * gate.pauseMs);
  return at - Math.max(gate.acceptedAt, gate.firstAt) >= patience;
}
