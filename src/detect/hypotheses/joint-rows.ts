/**
 * Log-likelihood ratio of a region's fall where the errors of the weights are correlated: c ~ N(d mean, d^2 covariance) over the
 * rows. Rows are added one after the other, each against the prediction of the rows before it (chain rule), with the same bounded
 * likelihood as an independent row. With a diagonal covariance this is the sum of the rows' own ratios. A row updates the
 * prediction of others by the probability that it shows the region at all (assumed density filtering).
 */
import { DROPS } from "../model/grids.ts";
import type { RegionRows } from "../model/score-model.ts";
import { type RowNulls, type RowPrior, rowRatio } from "./likelihood.ts";

/** Sufficient statistics of the rows at one cell, beginning at `offset`. */
export interface RowSums {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly offset: number;
}

/** With less probability than this a row does not update the others. */
const LEAST_TRUST = 1e-6;

/** Adds the log-likelihood ratio of each of DROPS to `into`, from `to` on. */
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
