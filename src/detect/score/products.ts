/** Log-likelihood ratio of one hypothesis over its rows: the innermost loop of the full score. */
import { type RowNull, type RowPrior, rowNull, rowRatio } from "./likelihood.ts";

/** The null of every row at one onset and ramp. */
export type Nulls = RowNull[];

export function emptyNulls(rows: number): Nulls {
  return Array.from({ length: rows }, () => ({ shift: 0, own: 0, whole: 1 }));
}

export function fillNulls(
  into: Nulls,
  a: Float64Array,
  b: Float64Array,
  offset: number,
  counted: Uint8Array,
  prior: RowPrior,
): void {
  for (let i = 0; i < into.length; i++) {
    if (counted[i] && b[offset + i]! > 0) rowNull(a[offset + i]!, b[offset + i]!, prior, into[i]!);
  }
}

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
  nulls: Nulls,
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
    product *= rowRatio(a[offset + i]!, information, m, deviation * deviation, prior, nulls[i]!, loose);
    if (product > LARGE || product < 1 / LARGE) {
      log += Math.log(product);
      product = 1;
    }
  }
  return log + Math.log(product);
}
