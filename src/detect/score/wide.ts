/** A fall of everything at one onset and ramp, by size: all rows alike, or as unlike as a dip of another shape looks. */
import type { RowNull, RowPrior } from "./likelihood.ts";
import { logSum } from "./log-sum.ts";
import { logProduct } from "./products.ts";
import type { ScoreModel } from "./rows.ts";
import { WIDE, WIDE_LOOSE, WIDE_LOOSE_SDS, WIDE_SD } from "./sizes.ts";

/** Sizes further than this factor from what all rows together show cannot matter and are left out. */
const REACH = 3;

/**
 * Log ratio of the size at `index` of WIDE for the sums at `offset`, whose nulls are given; `seen`: the fall that all rows
 * together show. -Infinity where the size is left out.
 */
export type WideRatio = (
  index: number,
  seen: number,
  a: Float64Array,
  b: Float64Array,
  offset: number,
  nulls: readonly RowNull[],
) => number;

export function makeWideRatio(model: ScoreModel, prior: RowPrior): WideRatio {
  const rows = model.rows.length;
  const everyone = Int32Array.from({ length: rows }, (_, i) => i);
  const whole = new Float64Array(rows).fill(1);
  const alike = new Float64Array(rows).fill(WIDE_SD);
  const unlike = WIDE_LOOSE_SDS.map((sd) => new Float64Array(rows).fill(sd));
  return (index, seen, a, b, offset, nulls) => {
    const size = WIDE[index]!;
    if (!(size > seen / REACH && size < seen * REACH)) return Number.NEGATIVE_INFINITY;
    const ratio = (sd: Float64Array): number =>
      logProduct(everyone, whole, sd, size, a, b, offset, model.counted, prior, nulls, 0);
    return logSum([ratio(alike) + Math.log(1 - WIDE_LOOSE), ratio(unlike[index]!) + Math.log(WIDE_LOOSE)]);
  };
}
