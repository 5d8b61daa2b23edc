/** A fall of everything at one onset and ramp, by size: all rows alike, or as unlike as a dip of another shape looks. */
import { commonFall } from "./common-fall.ts";
import { emptyNulls, type RowNulls, type RowPrior, rowRatio, setNull } from "./likelihood.ts";
import type { ScoreModel } from "./rows.ts";
import { WIDE, WIDE_LOOSE, WIDE_LOOSE_SDS, WIDE_SD } from "./sizes.ts";

/** Sizes further than this factor from what all rows together show cannot matter and are left out. */
const REACH = 3;
/** A row of which a size expects less than this (in standard deviations) has nothing to say about it. */
const SILENT = 0.02;
/** Rows whose ratios are multiplied before a log is taken: each is within e^6 and far above e^-30. */
const AT_ONCE = 16;

/** No row says more than this many standard deviations about what all rows show. */
const BOUND = 8;

/** Writes the log ratio of each size of WIDE from `to` on, for the sums at `offset`; -Infinity where a size is left out. */
export type WideRatios = (offset: number, into: Float64Array, to: number) => void;

/** Sum of the rows' log ratios of a fall of `size`, each row's own within `sd` of it. */
function logProduct(
  size: number,
  sd: number,
  a: Float64Array,
  b: Float64Array,
  offset: number,
  counted: Uint8Array,
  prior: RowPrior,
  nulls: RowNulls,
): number {
  const variance = (sd * size) ** 2;
  const least = (SILENT / size) ** 2;
  let log = 0;
  let product = 1;
  let held = 0;
  for (let i = 0; i < counted.length; i++) {
    const information = b[offset + i]!;
    if (counted[i] === 0 || !(information > least)) continue;
    product *= rowRatio(a[offset + i]!, information, size, variance, prior, nulls, i, 0);
    held += 1;
    if (held < AT_ONCE) continue;
    log += Math.log(product);
    product = 1;
    held = 0;
  }
  return log + Math.log(product);
}

export function makeWideRatios(model: ScoreModel, a: Float64Array, b: Float64Array, prior: RowPrior): WideRatios {
  const { counted } = model;
  const alike = Math.log(1 - WIDE_LOOSE);
  const unlike = Math.log(WIDE_LOOSE);
  const nulls = emptyNulls(counted.length);
  return (offset, into, to) => {
    const seen = commonFall(a, b, offset, counted, BOUND).size;
    for (let i = 0; i < counted.length; i++) if (counted[i]) setNull(a[offset + i]!, b[offset + i]!, prior, nulls, i);
    for (let k = 0; k < WIDE.length; k++) {
      const size = WIDE[k]!;
      if (!(size > seen / REACH && size < seen * REACH)) {
        into[to + k] = Number.NEGATIVE_INFINITY;
        continue;
      }
      const x = alike + logProduct(size, WIDE_SD, a, b, offset, counted, prior, nulls);
      const y = unlike + logProduct(size, WIDE_LOOSE_SDS[k]!, a, b, offset, counted, prior, nulls);
      into[to + k] = Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
    }
  };
}
