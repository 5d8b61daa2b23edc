/** The last thirty hours of every row, a figure per bin: levels before an event are read from here. */
export const HISTORY_SECONDS = 30 * 3600;

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
  // A typed array sorts numbers ten times as fast as an array with a comparison does.
  const sorted = new Float64Array(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median of a row's bins in (from, to], ms; NaN when it has none there. `at` is the time of the newest bin. */
export function medianBetween(
  ring: Float32Array,
  head: number,
  at: number,
  shape: { readonly binMs: number; readonly bins: number },
  rows: number,
  row: number,
  from: number,
  to: number,
): number {
  const values: number[] = [];
  for (let back = 0; back < shape.bins; back++) {
    const time = at - back * shape.binMs;
    if (time > to) continue;
    if (time <= from) break;
    const value = ring[((head - back + shape.bins) % shape.bins) * rows + row]!;
    if (value > 0) values.push(value);
  }
  return medianOf(values);
}
