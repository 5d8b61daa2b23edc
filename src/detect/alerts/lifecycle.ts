/** Time limits and sizes that apply to every followed regional fall, whether reported or withheld. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";

/** For this long after its onset the size and onset of a fast fall are fitted again and again, ms; then the fit is final. */
export const YOUNG_MS = 6 * HOUR_MS;
/**
 * How far a new fit may move the onset, ms, and the fewest steps it may move. A limit in steps alone would let a fall move to
 * another one's onset hours later where ticks are half an hour apart.
 */
const ONSET_REACH_MS = { fast: 40 * MINUTE_MS, slow: 2 * DAY_MS } as const;
const ONSET_REACH_STEPS_LEAST = 2;

/** How far a new fit may move the onset of a fall of that scale, ms. */
export function onsetReach(scale: "fast" | "slow", stepMs: number): number {
  return Math.max(ONSET_REACH_MS[scale], ONSET_REACH_STEPS_LEAST * stepMs);
}
/** A fall is over when less than OVER_PART of it remains, and levels have shown that for OVER_MS. */
export const OVER_PART = 0.4;
export const OVER_MS = 15 * MINUTE_MS;
/** A row is used to measure how much of a fall remains once its averaging window shows this part of the fall. */
export const WELL_DEVELOPED = 0.5;
/** The level before a fall is the median over this time before its onset, ms. */
export const BASE_MS = 3 * HOUR_MS;
/**
 * The slow scale restarts this long after the end of a fall, ms: nine hours of return, and a day of nothing but the new level.
 */
export const SLOW_RESTART_MS = 33 * HOUR_MS;
/** Most rows that an event lists as evidence. */
export const MOST_EVIDENCE = 24;

/** An open alert is fitted at every step for this many steps after its opening, then at every third step. */
const OFTEN_STEPS = 12;
const SELDOM_STEPS = 3;

/** Whether a fall that was opened at `openedAt` is due for a new fit at `at`; all in ms. */
export function isRevisionDue(openedAt: number, at: number, stepMs: number): boolean {
  return at - openedAt <= OFTEN_STEPS * stepMs || Math.round(at / stepMs) % SELDOM_STEPS === 0;
}
