/** When a row's silence means something: sources speak at their own pace, so each row is held to its own. */
import type { GateRow } from "./gate.ts";

/** A row takes part in the verdict on the network while it has spoken within this time. */
const ACTIVE_MS = 86_400_000;

export function wasActive(gate: GateRow, at: number, since: number): boolean {
  return gate.acceptedAt > 0 && Math.min(at, since) - gate.acceptedAt <= ACTIVE_MS;
}

/** Two of the row's usual pauses without a figure that can be used. */
export function isOverdue(gate: GateRow, at: number, intervalMs: number): boolean {
  return at - gate.acceptedAt >= 2 * Math.max(intervalMs, gate.pauseMs);
}
