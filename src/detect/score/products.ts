/** Log-likelihood ratio over rows of a fall that takes all of them alike, and no table serves: of all pools, or of an operator's. */
import { type RowNulls, type RowPrior, rowRatio } from "./likelihood.ts";

/** A row of which a hypothesis expects less than this (in standard deviations) has nothing to say about it. */
const SILENT = 0.02;
const LARGE = 1e100;

/**
 * Sum of the members' log ratios of a fall of `size`, each member's own within `relativeSd` of it. The product is carried as
 * long as it is a safe number and its log taken rarely.
 */
export function logProduct(
  members: Int32Array,
  size: number,
  relativeSd: number,
  a: Float64Array,
  b: Float64Array,
  offset: number,
  counted: Uint8Array,
  prior: RowPrior,
  nulls: RowNulls,
  loose?: number,
): number {
  const variance = (relativeSd * size) ** 2;
  const least = (SILENT / size) ** 2;
  let product = 1;
  let log = 0;
  for (let k = 0; k < members.length; k++) {
    const i = members[k]!;
    const information = b[offset + i]!;
    if (counted[i] === 0 || !(information > least)) continue;
    product *= rowRatio(a[offset + i]!, information, size, variance, prior, nulls, i, loose);
    if (product > LARGE || product < 1 / LARGE) {
      log += Math.log(product);
      product = 1;
    }
  }
  return log + Math.log(product);
}
