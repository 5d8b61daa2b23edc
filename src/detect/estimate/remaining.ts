/**
 * How much of a fitted fall is still there: robust regression of the rows' present falls on their fitted ones. Levels, not
 * innovations: a fall that has lasted for days has left the filters. Rows with trouble of their own lose their say.
 */
export interface RemainingRow {
  /** Fitted fall, H/s. */
  readonly fall: number;
  /** Present fall against the level before the event, H/s. */
  readonly present: number;
  /** Standard deviation of `present`, H/s. */
  readonly sd: number;
}

/** Degrees of freedom of the weights: 3 keeps a far row from pulling, and near ones whole. */
const NU = 3;

/** Fraction and its standard error; null when no row can say. */
export function remainingFraction(rows: readonly RemainingRow[]): { fraction: number; sd: number } | null {
  const usable = rows.filter((row) => row.fall > 0 && row.sd > 0 && Number.isFinite(row.present));
  if (usable.length === 0) return null;
  const order = usable
    .map((row) => ({ ratio: row.present / row.fall, weight: row.fall / row.sd }))
    .sort((x, y) => x.ratio - y.ratio);
  const half = order.reduce((sum, entry) => sum + entry.weight, 0) / 2;
  let sum = 0;
  let fraction = order[0]!.ratio;
  for (const entry of order) {
    sum += entry.weight;
    fraction = entry.ratio;
    if (sum >= half) break;
  }
  let power = 0;
  for (let k = 0; k < 8; k++) {
    let signal = 0;
    power = 0;
    for (const row of usable) {
      // A fall itself is only known to a quarter or so: near the full effect that is most of the scatter.
      const spread = Math.hypot(row.sd, 0.15 * row.fall);
      const z = (row.present - fraction * row.fall) / spread;
      const weight = (NU + 1) / (NU + z * z) / (spread * spread);
      signal += weight * row.fall * row.present;
      power += weight * row.fall * row.fall;
    }
    fraction = signal / power;
  }
  return { fraction, sd: 1 / Math.sqrt(power) };
}
