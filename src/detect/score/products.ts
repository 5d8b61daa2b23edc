/** Log-likelihood ratio over rows of a fall that no table serves: one of all pools, or of an operator's. */
import { type RowNulls, type RowPrior, rowRatio } from "./likelihood.ts";

/** A row of which a hypothesis expects less than this (in standard deviations) has nothing to say about it. */
const SILENT = 0.02;
const LARGE = 1e100;

/**
 * Sum of the rows' log ratios for falls of mean weight x drop and standard deviation sd x drop. The product is carried as
 * long as it is a safe number and its log taken rarely.
 */
export function logProduct(
  members: Int32Array,
  weight: Float64Array,
  sd: Float64Array,
  drop: number,
  a: Float64Array,
  b: Float64Array,
  offset: number,
  counted: Uint8Array,
  prior: RowPrior,
  nulls: RowNulls,
  loose?: number,
): number {
  let product = 1;
  let log = 0;
  for (let k = 0; k < members.length; k++) {
    const i = members[k]!;
    const information = b[offset + i]!;
    if (information <= 0 || counted[i] === 0) continue;
    const m = weight[k]! * drop;
    if (m * m * information < SILENT * SILENT) continue;
    const deviation = sd[k]! * drop;
    product *= rowRatio(a[offset + i]!, information, m, deviation * deviation, prior, nulls, i, loose);
    if (product > LARGE || product < 1 / LARGE) {
      log += Math.log(product);
      product = 1;
    }
  }
  return log + Math.log(product);
}
