/** A fall of everything at one onset and ramp, by size: all rows alike, or as unlike as a dip of another shape looks. */
import { commonFall } from "./common-fall.ts";
import { emptyNulls, type RowPrior, setNull } from "./likelihood.ts";
import { logProduct } from "./products.ts";
import type { ScoreModel } from "./rows.ts";
import { WIDE, WIDE_LOOSE, WIDE_LOOSE_SDS, WIDE_SD } from "./sizes.ts";

/** Sizes further than this factor from what all rows together show cannot matter and are left out. */
const REACH = 3;
/** No row says more than this many standard deviations about what all rows show. */
const BOUND = 8;

/** Writes the log ratio of each size of WIDE from `to` on, for the sums at `offset`; -Infinity where a size is left out. */
export type WideRatios = (offset: number, into: Float64Array, to: number) => void;

export function makeWideRatios(model: ScoreModel, a: Float64Array, b: Float64Array, prior: RowPrior): WideRatios {
  const { counted } = model;
  const alike = Math.log(1 - WIDE_LOOSE);
  const unlike = Math.log(WIDE_LOOSE);
  const nulls = emptyNulls(counted.length);
  const everyone = Int32Array.from(counted.keys());
  return (offset, into, to) => {
    const seen = commonFall(a, b, offset, counted, BOUND).size;
    for (let i = 0; i < counted.length; i++) if (counted[i]) setNull(a[offset + i]!, b[offset + i]!, prior, nulls, i);
    for (let k = 0; k < WIDE.length; k++) {
      const size = WIDE[k]!;
      if (!(size > seen / REACH && size < seen * REACH)) {
        into[to + k] = Number.NEGATIVE_INFINITY;
        continue;
      }
      const x = alike + logProduct(everyone, size, WIDE_SD, a, b, offset, counted, prior, nulls, 0);
      const y = unlike + logProduct(everyone, size, WIDE_LOOSE_SDS[k]!, a, b, offset, counted, prior, nulls, 0);
      into[to + k] = Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
    }
  };
}
