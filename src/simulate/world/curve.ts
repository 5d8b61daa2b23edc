/** A region's surviving fraction over time. */
import type { Corner } from "../scenarios/contract.ts";

/** Straight lines between corners, level before the first (1) and after the last. Corners are in order of time. */
export function aliveAt(corners: readonly Corner[], at: number): number {
  let before: Corner | undefined;
  for (const corner of corners) {
    if (corner.at > at) {
      if (before === undefined) return 1;
      return before.alive + ((corner.alive - before.alive) * (at - before.at)) / (corner.at - before.at);
    }
    before = corner;
  }
  return before?.alive ?? 1;
}
