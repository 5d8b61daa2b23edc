/** Cold start is a state of its own, with the time left, and never an alert. */
import type { GateRow } from "./gate.ts";

/** A row is warm after a day of figures: a day holds the whole daily cycle, and enough innovations for the noise unit. */
export const WARM_SECONDS = 86_400;

export function isWarm(gate: GateRow, at: number): boolean {
  return gate.firstAt > 0 && at - gate.firstAt >= WARM_SECONDS * 1000;
}
