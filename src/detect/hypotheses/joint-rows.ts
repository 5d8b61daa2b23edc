/**
 * Log ratio of a region's fall where the weights' errors are known to go together: c ~ N(d mean, d^2 covariance) over the rows.
 * Rows are taken one after the other, each against what those before it predict of it (the chain rule), with the very same
 * bounded likelihood as a row that stands alone: with a diagonal covariance this is the sum of the rows' own ratios. What a row
 * says of the others counts by how likely it is about the region at all (assumed density filtering).
 */
import { DROPS } from "../model/grids.ts";
import type { RegionRows } from "../model/score-model.ts";
import { type RowNulls, type RowPrior, rowRatio } from "./likelihood.ts";

/** Sums of the rows at one onset and ramp, beginning at `offset`. */
export interface RowSums {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly offset: number;
}

/** Under this part a row's say on the others is nothing. */
const LEAST_TRUST = 1e-6;

/** Adds to `into`, from `to` on, the log ratio of each of DROPS. */
export function addJointRows(
  members: RegionRows,
  covariance: Float64Array,
  { a, b, offset }: RowSums,
  counted: Uint8Array,
  prior: RowPrior,
  nulls: RowNulls,
  into: Float64Array,
  to: number,
): void {
  const n = members.rows.length;
  const heard: number[] = [];
  for (let k = 0; k < n; k++) {
    const row = members.rows[k]!;
    if (counted[row] === 1 && b[offset + row]! > 0) heard.push(k);
  }
  const mean = new Float64Array(n);
  const spread = new Float64Array(n * n);
  for (const [d, drop] of DROPS.entries()) {
    for (const k of heard) {
      mean[k] = members.weight[k]! * drop;
      for (const j of heard) spread[k * n + j] = covariance[k * n + j]! * drop * drop;
    }
    let log = 0;
    for (const [taken, k] of heard.entries()) {
      const row = members.rows[k]!;
      const [signal, information] = [a[offset + row]!, b[offset + row]!];
      const variance = Math.max(0, spread[k * n + k]!);
      const ratio = rowRatio(signal, information, mean[k]!, variance, prior, nulls, row);
      log += Math.log(ratio);
      const trust = 1 - nulls.own[row]! / (ratio * nulls.whole[row]!);
      if (!(trust > LEAST_TRUST)) continue;
      const seen = 1 / (1 + prior.wander * information);
      const weight = trust * seen * information;
      const step = (trust * seen * signal - weight * mean[k]!) / (1 + variance * weight);
      const shrink = weight / (1 + variance * weight);
      for (let next = taken + 1; next < heard.length; next++) {
        const j = heard[next]!;
        const shared = spread[j * n + k]!;
        mean[j]! += shared * step;
        for (let other = taken + 1; other < heard.length; other++) {
          const m = heard[other]!;
          spread[j * n + m]! -= shared * spread[m * n + k]! * shrink;
        }
      }
    }
    into[to + d]! += log;
  }
}
