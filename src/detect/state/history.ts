import { HOUR_SECONDS, MINUTE_MS } from "../../model/time-units.ts";
import { float32At, floatAt, numberAt } from "../model/elements.ts";
import type { Row } from "../model/score-model.ts";

/** Length of the history of every row. Levels before an event are read from it. */
export const HISTORY_SECONDS = 30 * HOUR_SECONDS;

export interface HistoryShape {
  readonly binMs: number;
  readonly bins: number;
}

export function historyShape(intervalSeconds: number): HistoryShape {
  const binMs = Math.max(300, intervalSeconds) * 1000;
  return { binMs, bins: Math.ceil((HISTORY_SECONDS * 1000) / binMs) };
}

export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  // A typed array sorts numbers ten times as fast as an array with a comparison function.
  const sorted = new Float64Array(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? floatAt(sorted, middle)
    : (floatAt(sorted, middle - 1) + floatAt(sorted, middle)) / 2;
}

/** A ring of bins: levels of all rows at equal distances in time, H/s. */
export interface LevelRing {
  /** Per bin and row, rows fastest. */
  readonly levels: Float32Array;
  /** The newest bin, and its time, ms. */
  readonly head: number;
  readonly at: number;
  readonly binMs: number;
  readonly bins: number;
  readonly rows: number;
}

/** Median of a row's bins in (from, to], ms; NaN when it has none there. */
export function medianBetween(
  { levels, head, at, binMs, bins, rows }: LevelRing,
  row: number,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  const values: number[] = [];
  for (let back = 0; back < bins; back++) {
    const time = at - back * binMs;
    if (time > to) continue;
    if (time <= from) break;
    const value = float32At(levels, ((head - back + bins) % bins) * rows + row);
    if (value > 0) values.push(value);
  }
  return medianOf(values);
}

/** @param levels H/s per row; what is not above 0 is unknown. */
export function networkLevel(rows: readonly Row[], levels: ArrayLike<number>): number {
  const wholes = new Set(rows.flatMap((row, k) => (row.region === null && numberAt(levels, k) > 0 ? [row.pool] : [])));
  return rows.reduce((sum, row, k) => {
    const level = numberAt(levels, k);
    return level > 0 && (row.region === null || !wholes.has(row.pool)) ? sum + level : sum;
  }, 0);
}

/** Width of a bin of the eight days, ms: fine enough to distinguish hours of the day, and small enough to keep for a week. */
const BIN_MS = 30 * MINUTE_MS;
/** Eight days: the same weekday of last week, a fall of some hours on it, and the levels before that. */
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

/** Writes the newest levels into the bin that contains the tick. */
export function keepDays(state: Days, at: number, shape: DaysShape): void {
  const { binMs, bins } = shape;
  const rows = state.rows.length;
  const newest = Math.ceil(at / binMs);
  const from = Math.max(Math.round(state.daysAt / binMs) + 1, newest - bins + 1);
  for (let bin = from; bin <= newest; bin++)
    state.days.fill(Number.NaN, (bin % bins) * rows, ((bin % bins) + 1) * rows);
  state.daysAt = newest * binMs;
  for (let row = 0; row < rows; row++) {
    if (at - floatAt(state.recentAt, row) < binMs)
      state.days[(newest % bins) * rows + row] = floatAt(state.recent, row);
  }
}

/** A row's level at the end of the bin that ends at `time` (ms, a multiple of the bin); NaN when it is not known. */
export function levelAt(state: Days, shape: DaysShape, row: number, time: number): number {
  const { binMs, bins } = shape;
  const bin = Math.round(time / binMs);
  if (time > state.daysAt || time <= state.daysAt - bins * binMs || bin < 0) return Number.NaN;
  return float32At(state.days, (bin % bins) * state.rows.length + row);
}
