/**
 * How much of a fitted fall is still there: a robust regression of the rows' present falls on their fitted ones and on a move
 * that all rows share (a network-wide dip must not count as more of a region's fall). It uses levels, because a fall that has
 * lasted for days is no longer in the filters' innovations. Rows with an outage of their own lose their weight.
 */
import { lastOf } from "../model/elements.ts";
export interface RemainingRow {
  /** Fitted fall, H/s; 0 for a row in which the region has no share. */
  readonly fall: number;
  /** Level before the event, H/s. */
  readonly base: number;
  /** Present fall against that level, H/s. */
  readonly present: number;
  /** Standard deviation of `present`, H/s. */
  readonly sd: number;
}

export interface Remaining {
  /** 1: the fitted fall is there in full; 0: it is gone. */
  readonly fraction: number;
  readonly sd: number;
  /** The fall that all rows share besides, relative to the levels before, with its standard deviation. */
  readonly common: number;
  readonly commonSd: number;
}

/** Degrees of freedom of the Student weights: 3 limits the pull of outliers and keeps nearly full weight for other rows. */
const NU = 3;
/** Prior standard deviation of the shared move, relative. A larger one is accepted when most rows show it. */
const COMMON_SD = 0.01;
const ROUNDS = 12;
/** Iteration ends when neither figure moves by more than this part of its standard error. */
const CONVERGED = 1e-4;
/** Relative error of the fitted falls themselves. Near the full fall it is most of the scatter. */
const FIT_SD = 0.15;

/** Starting point of the regression: weighted median of present over fitted falls. */
function medianRatio(rows: readonly RemainingRow[]): number {
  const order = rows
    .filter((row) => row.fall > 0)
    .map((row) => ({ ratio: row.present / row.fall, weight: row.fall / row.sd }))
    .sort((x, y) => x.ratio - y.ratio);
  const half = order.reduce((sum, entry) => sum + entry.weight, 0) / 2;
  let sum = 0;
  for (const entry of order) {
    sum += entry.weight;
    if (sum >= half) return entry.ratio;
  }
  return lastOf(order).ratio;
}

/**
 * Fraction and shared move with their standard errors; null when no row has a fitted fall.
 *
 * @param fitSd relative error of the rows' fitted falls against each other
 */
export function remainingFraction(rows: readonly RemainingRow[], fitSd = FIT_SD): Remaining | null {
  const usable = rows.filter((row) => row.sd > 0 && row.base > 0 && Number.isFinite(row.present));
  if (!usable.some((row) => row.fall > 0)) return null;
  let fraction = medianRatio(usable);
  let common = 0;
  let variance = Number.POSITIVE_INFINITY;
  let commonVariance = COMMON_SD ** 2;
  for (let round = 0; round < ROUNDS; round++) {
    // Normal equations of present = fraction x fall + common x base, weighted; the prior of `common` has the same heavy tails.
    const prior = (NU + 1) / (NU + (common / COMMON_SD) ** 2) / COMMON_SD ** 2;
    let ff = 0;
    let fb = 0;
    let bb = prior;
    let fy = 0;
    let by = 0;
    for (const row of usable) {
      const spread = Math.hypot(row.sd, fitSd * row.fall);
      const z = (row.present - fraction * row.fall - common * row.base) / spread;
      const weight = (NU + 1) / (NU + z * z) / (spread * spread);
      ff += weight * row.fall * row.fall;
      fb += weight * row.fall * row.base;
      bb += weight * row.base * row.base;
      fy += weight * row.fall * row.present;
      by += weight * row.base * row.present;
    }
    const determinant = ff * bb - fb * fb;
    if (!(determinant > 0)) break;
    const moved = Math.abs((bb * fy - fb * by) / determinant - fraction);
    const commonMoved = Math.abs((ff * by - fb * fy) / determinant - common);
    fraction = (bb * fy - fb * by) / determinant;
    common = (ff * by - fb * fy) / determinant;
    variance = bb / determinant;
    commonVariance = ff / determinant;
    if (moved < CONVERGED * Math.sqrt(variance) && commonMoved < CONVERGED * Math.sqrt(commonVariance)) break;
  }
  return { fraction, sd: Math.sqrt(variance), common, commonSd: Math.sqrt(commonVariance) };
}
