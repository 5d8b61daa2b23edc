/**
 * A row's averaging window, read off its own figures.
 *
 * A figure is the mean of what its window holds, so its change from one step to the next is what came in less what went out,
 * (x(t) - x(t - W)) / W. What came in at one step goes out W steps later: the changes have an autocorrelation of up to -1/2
 * at a lag of just W, and none beside it, as far as what is averaged has noise from step to step. Smooth wandering, level
 * walks and daily curtailment have no such spike, and noise that is added after the averaging has it at a lag of one alone,
 * so a pool whose figures cannot tell says nothing. (The spike is that of the difference filter 1 - B^W: Box and Jenkins,
 * Time Series Analysis, 1976, chapter 9.)
 */

import { DAY_SECONDS } from "../../model/time-units.ts";
import { float32At, floatAt, numberAt } from "../model/elements.ts";

/** Longest window that is looked for, in steps of the history. */
const MOST_WINDOW_STEPS = 72;
/** Per row: the number of products, then their sums at lags of 1 .. MOST_WINDOW_STEPS + 1. */
export const WINDOW_SUMS = MOST_WINDOW_STEPS + 2;
/** Changes are clipped at this many standard deviations: outages and falls do not show the window. */
const CHANGE_CLIP = 3.5;
/**
 * A spike this many standard errors above its neighbours is a window. One of 72 lags reaches it by chance in one of 10^7
 * trials.
 */
const SURE_SPIKE = 6;
/** Standard errors by which the best spike must exceed every other one. */
const APART = 2;
/** Memory of the sums: about two weeks, so that a changed window is learned within days. */
const MEMORY_SECONDS = 14 * DAY_SECONDS;
/**
 * A history is skipped when fewer of its changes exist, or when more of them are exactly zero (a page that is updated rarely).
 */
const LEAST_CHANGES = 60;
const MOST_STILL = 0.3;
/** Least number of products, a day's, before a window is learned. */
const LEAST_COUNT = 250;

/**
 * Relative changes in units of their own robust spread, clipped; NaN where a figure is missing. Null where they teach nothing.
 */
function changesOf(figures: ArrayLike<number>): Float64Array | null {
  const changes = new Float64Array(Math.max(0, figures.length - 1));
  const sizes: number[] = [];
  let still = 0;
  for (let i = 0; i < changes.length; i++) {
    const change =
      numberAt(figures, i) > 0 && numberAt(figures, i + 1) > 0
        ? Math.log(numberAt(figures, i + 1) / numberAt(figures, i))
        : Number.NaN;
    changes[i] = change;
    if (Number.isNaN(change)) continue;
    sizes.push(Math.abs(change));
    if (change === 0) still += 1;
  }
  if (sizes.length < LEAST_CHANGES || still > MOST_STILL * sizes.length) return null;
  const spread = floatAt(Float64Array.from(sizes).sort(), sizes.length >> 1) / 0.6745;
  for (let i = 0; i < changes.length; i++)
    changes[i] = Math.max(-CHANGE_CLIP, Math.min(CHANGE_CLIP, floatAt(changes, i) / spread));
  return changes;
}

/**
 * Adds what the newest figures show to a row's sums, in place.
 *
 * @param sums WINDOW_SUMS of them from `offset` on
 * @param figures of the row, H/s, a history step apart, oldest first, NaN where missing
 * @param fresh how many of the newest have not been learned from yet
 * @param stepSeconds of the history
 */
export function learnWindow(
  sums: Float32Array,
  offset: number,
  figures: ArrayLike<number>,
  fresh: number,
  stepSeconds: number,
): void {
  const changes = changesOf(figures);
  if (!changes) return;
  const first = Math.max(0, changes.length - fresh);
  let square = 0;
  let count = 0;
  for (let i = first; i < changes.length; i++) {
    if (Number.isNaN(floatAt(changes, i))) continue;
    square += floatAt(changes, i) ** 2;
    count += 1;
  }
  if (!(square > 0)) return;
  const keep = Math.exp((-fresh * stepSeconds) / MEMORY_SECONDS);
  const scale = count / square;
  for (let lag = 1; lag < WINDOW_SUMS; lag++) {
    let sum = 0;
    for (let i = Math.max(first, lag); i < changes.length; i++) {
      const product = floatAt(changes, i) * floatAt(changes, i - lag);
      if (!Number.isNaN(product)) sum += product;
    }
    sums[offset + lag] = keep * float32At(sums, offset + lag) + scale * sum;
  }
  sums[offset] = keep * float32At(sums, offset) + count;
}

/** Lags that are looked at for how the errors of autocorrelations hang together. */
const SHORT = 4;

/**
 * Standard error of a spike, the autocorrelation at a lag less the mean of its neighbours', where there is none: Bartlett's
 * formula (Journal of the Royal Statistical Society B 8, 1946). Noise that is added after the averaging makes the errors
 * of neighbouring lags alternate.
 */
function spikeError(at: (lag: number) => number, count: number): number {
  let same = 0;
  let next = 0;
  let second = 0;
  for (let lag = -SHORT; lag <= SHORT; lag++) {
    same += at(lag) ** 2;
    next += at(lag) * at(lag + 1);
    second += at(lag) * at(lag + 2);
  }
  return Math.sqrt(Math.max(1, 1.5 * same - 2 * next + 0.5 * second) / count);
}

/** The window that a row's sums show, in steps of the history; 0 while they show none. One step is no window that could show. */
export function windowShown(sums: Float32Array, offset: number): number {
  const count = float32At(sums, offset);
  if (!(count >= LEAST_COUNT)) return 0;
  const at = (lag: number): number => (lag === 0 ? 1 : float32At(sums, offset + Math.abs(lag)) / count);
  const unit = 1 / spikeError((lag) => (Math.abs(lag) > SHORT ? 0 : at(lag)), count);
  const spike = (lag: number): number => ((lag > 2 ? at(lag - 1) : at(lag + 1)) / 2 + at(lag + 1) / 2 - at(lag)) * unit;
  let best = 2;
  for (let lag = 2; lag <= MOST_WINDOW_STEPS; lag++) if (spike(lag) > spike(best)) best = lag;
  if (spike(best) < SURE_SPIKE) return 0;
  for (let lag = 2; lag <= MOST_WINDOW_STEPS; lag++) {
    if (Math.abs(lag - best) > 1 && spike(lag) > spike(best) - APART) return 0;
  }
  return best;
}
