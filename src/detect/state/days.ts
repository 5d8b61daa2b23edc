/**
 * Raw levels of the last eight days, half an hour apart: what every row did at this hour on earlier days. Unlike the history
 * of hours it keeps what open alerts speak of, since a fall that was told yesterday is what today's is compared with.
 */

/** Half an hour: fine enough to tell one hour of the day from the next, and small enough to be kept for a week. */
const BIN_MS = 30 * 60_000;
/** The same weekday of last week, a fall of some hours on it, and the levels before that. */
const BINS = 8 * 48;

export interface DaysShape {
  readonly binMs: number;
  readonly bins: number;
}

/** Half-hours, or the interval where that is longer. */
export function daysShape(intervalSeconds: number): DaysShape {
  const binMs = Math.max(BIN_MS, intervalSeconds * 1000);
  return { binMs, bins: Math.ceil((BINS * BIN_MS) / binMs) };
}

interface Days {
  readonly rows: readonly unknown[];
  /** Level at the end of each bin, H/s; bin n ends at n x binMs and lies at n modulo the bins; NaN where unknown. */
  readonly days: Float32Array;
  /** End of the newest bin, ms; 0 before the first. */
  daysAt: number;
  readonly recent: Float64Array;
  readonly recentAt: Float64Array;
}

/** One tick: the newest levels stand for the bin that holds it. */
export function keepDays(state: Days, at: number, shape: DaysShape): void {
  const { binMs, bins } = shape;
  const rows = state.rows.length;
  const newest = Math.ceil(at / binMs);
  const from = Math.max(Math.round(state.daysAt / binMs) + 1, newest - bins + 1);
  for (let bin = from; bin <= newest; bin++)
    state.days.fill(Number.NaN, (bin % bins) * rows, ((bin % bins) + 1) * rows);
  state.daysAt = newest * binMs;
  for (let row = 0; row < rows; row++) {
    if (at - state.recentAt[row]! < binMs) state.days[(newest % bins) * rows + row] = state.recent[row]!;
  }
}

/** A row's level at the end of the bin that ends at `time` (ms, a multiple of the bin); NaN when it is not known. */
export function levelAt(state: Days, shape: DaysShape, row: number, time: number): number {
  const { binMs, bins } = shape;
  const bin = Math.round(time / binMs);
  if (time > state.daysAt || time <= state.daysAt - bins * binMs || bin < 0) return Number.NaN;
  return state.days[(bin % bins) * state.rows.length + row]!;
}
