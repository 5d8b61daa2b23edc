/** Helpers that scenarios draw their stories with. */
import { MINUTE_MS } from "../../model/time-units.ts";
import type { Corner } from "./contract.ts";

/**
 * A pool's share in a region that makes its reported fall: `fall` of what the pool had just before, when the region
 * falls by `drop` and earlier falls had left the fraction `remaining` of the pool.
 */
export function shareForFall(fall: number, drop: number, remaining = 1): number {
  return Math.min(0.99, (fall * remaining) / drop);
}

/** Corners in order of time; corners that drawn times have put out of order are dropped. */
export function curve(corners: readonly Corner[]): readonly Corner[] {
  const kept: Corner[] = [];
  for (const corner of corners) {
    const last = kept.at(-1);
    if (last === undefined || corner.at > last.at) kept.push(corner);
  }
  return kept;
}

/** A drawn time, to the minute. */
export function wholeMinute(at: number): number {
  return Math.round(at / MINUTE_MS) * MINUTE_MS;
}
