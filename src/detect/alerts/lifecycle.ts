/** Numbers that regional falls of every kind share while they are followed, told or withheld. */
import { HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";

/** The size and onset of a fast fall are fitted anew for so long after its onset; then the fit stands. */
export const YOUNG_MS = 6 * HOUR_MS;
/** How far a new fit may move the onset, in steps. */
export const ONSET_REACH_STEPS = 8;
/** A fall is over when less than this part of it is left, and levels have said so for this long. */
export const OVER_PART = 0.4;
export const OVER_MS = 15 * MINUTE_MS;
/** A row says how much is left once its averaging window shows this part of the fall. */
export const WELL_DEVELOPED = 0.5;
/** The level before a fall is the median of this long before its onset. */
export const BASE_MS = 3 * HOUR_MS;
/** The slow scale begins anew this long after an end: nine hours of return, and a day that holds nothing but the new level. */
export const SLOW_RESTART_MS = 33 * HOUR_MS;
/** Rows that an event lists as evidence, at most. */
export const MOST_EVIDENCE = 24;

/** A fit is made at every step for so many steps after the opening, then at every third. */
const OFTEN_STEPS = 12;
const SELDOM_STEPS = 3;

/** Whether a fall that was opened at `openedAt` is fitted anew at `at`; all in ms. */
export function isRevisionDue(openedAt: number, at: number, stepMs: number): boolean {
  return at - openedAt <= OFTEN_STEPS * stepMs || Math.round(at / stepMs) % SELDOM_STEPS === 0;
}
