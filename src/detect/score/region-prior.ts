/**
 * How the chance of a fall, and with it the budget of false alarms, is shared among regions: by the square root of what each
 * has of the network. Half of a region is as likely to fail in a large one as in a small one; but a false alarm about one
 * percent of the network is bought with patience about a third of it, so the budget lies where it matters.
 */
import type { ScoreModel } from "./rows.ts";

/** No region has less than this part of an equal share. */
const LEAST = 0.2;

/** Sums to 1. `reference`: H/s per row. */
export function regionPriorOf(model: ScoreModel, reference: Float64Array): Float64Array {
  const roots = model.regions.map(({ rows, weight }) => {
    let hashrate = 0;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      if (model.counted[row]) hashrate += weight[k]! * reference[row]!;
    }
    return Math.sqrt(hashrate);
  });
  const mean = roots.reduce((a, b) => a + b, 0) / roots.length;
  if (!(mean > 0)) return new Float64Array(roots.length).fill(1 / roots.length);
  const held = roots.map((root) => Math.max(LEAST * mean, root));
  const total = held.reduce((a, b) => a + b, 0);
  return Float64Array.from(held, (root) => root / total);
}
