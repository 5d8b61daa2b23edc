/** What a region lost: fall per row, lost hash rate, drop and onset with 90 % intervals, from the posterior of the scores. */

import {
  emptyNulls,
  LOOSE_VARIANCE_FACTOR,
  LOOSE_WEIGHT,
  type RowPrior,
  rowRatio,
  setNull,
} from "../hypotheses/likelihood.ts";
import type { RegionPosterior } from "../hypotheses/region.ts";
import { DROPS } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { Interval } from "../state/alert-state.ts";
import { cellOffset, onsetOfCell, rampOfCell } from "../statistics/onset-grid.ts";
import type { SufficientStatistics } from "../statistics/scale-state.ts";
import { dropInterval } from "./drop-interval.ts";

export interface Fit {
  readonly cell: number;
  readonly onset: number;
  readonly ramp: number;
  /** Fall per row relative to the reference, and its variance. */
  readonly fall: Float64Array;
  readonly variance: Float64Array;
  readonly drop: Interval;
  /** Evidence per row at the best drop, log-likelihood ratio. */
  readonly support: Float64Array;
  /** Lost hash rate with its standard deviation, H/s. */
  readonly lost: number;
  readonly lostSd: number;
}

/** Posterior mean and variance of one row's share of a regional fall. */
function rowFall(
  a: number,
  b: number,
  m: number,
  variance: number,
  prior: RowPrior,
): { mean: number; variance: number; trust: number } {
  const known = emptyNulls(1);
  setNull(a, b, prior, known, 0);
  const v = variance + prior.wander;
  const k = 1 / (1 + v * b);
  const tight = Math.sqrt(k) * Math.exp((m * a + 0.5 * v * a * a - 0.5 * m * m * b) * k - known.shift[0]!);
  const trust = ((1 - prior.own) * tight) / ((1 - prior.own) * tight + known.own[0]!);
  const wide = LOOSE_VARIANCE_FACTOR * variance + prior.wander;
  const loose =
    Math.sqrt(1 / (1 + wide * b)) *
    Math.exp((m * a + 0.5 * wide * a * a - 0.5 * m * m * b) / (1 + wide * b) - known.shift[0]!);
  const share = ((1 - LOOSE_WEIGHT) * tight) / ((1 - LOOSE_WEIGHT) * tight + LOOSE_WEIGHT * loose || 1);
  const post = share * v * k + (1 - share) * (wide / (1 + wide * b));
  const mean = share * (m + v * a) * k + (1 - share) * ((m + wide * a) / (1 + wide * b));
  // A row with trouble of its own says nothing of the region's part in it: the prior stands.
  return { mean: trust * mean + (1 - trust) * m, variance: trust * post + (1 - trust) * variance, trust };
}

export function fitRegion(
  model: ScoreModel,
  statistics: SufficientStatistics,
  found: RegionPosterior,
  reference: Float64Array,
  prior: RowPrior,
): Fit {
  let cell = 0;
  let mass = -1;
  for (const [key, value] of found.cells) {
    if (value > mass) {
      mass = value;
      cell = key;
    }
  }
  const rows = model.rows.length;
  const { rows: members, weight, sd } = model.regions[found.index]!;
  const fall = new Float64Array(rows);
  const variance = new Float64Array(rows);
  const support = new Float64Array(rows);
  const lostAt = new Float64Array(DROPS.length);
  const varianceAt = new Float64Array(DROPS.length);
  let top = 0;
  found.drops.forEach((p, k) => {
    if (p > found.drops[top]!) top = k;
  });
  const offset = cellOffset(cell, rows);
  for (let k = 0; k < members.length; k++) {
    const i = members[k]!;
    const a = statistics.a[offset + i]!;
    const b = statistics.b[offset + i]!;
    let first = 0;
    let second = 0;
    for (let d = 0; d < DROPS.length; d++) {
      const p = found.drops[d]!;
      if (p < 1e-4) continue;
      const part = rowFall(a, b, weight[k]! * DROPS[d]!, (sd[k]! * DROPS[d]!) ** 2, prior);
      first += p * part.mean;
      second += p * (part.variance + part.mean ** 2);
      if (!model.counted[i]) continue;
      lostAt[d]! += part.mean * reference[i]!;
      varianceAt[d]! += part.variance * reference[i]! ** 2;
    }
    fall[i] = Math.max(0, first);
    variance[i] = Math.max(0, second - first * first);
    const known = emptyNulls(1);
    setNull(a, b, prior, known, 0);
    support[i] = Math.log(rowRatio(a, b, weight[k]! * DROPS[top]!, (sd[k]! * DROPS[top]!) ** 2, prior, known, 0));
  }
  let lost = 0;
  let square = 0;
  found.drops.forEach((p, d) => {
    lost += p * lostAt[d]!;
    square += p * (varianceAt[d]! + lostAt[d]! ** 2);
  });
  return {
    lost,
    lostSd: Math.sqrt(Math.max(0, square - lost * lost)),
    cell,
    onset: onsetOfCell(cell, statistics.ramps),
    ramp: rampOfCell(cell, statistics.ramps),
    fall,
    variance,
    drop: dropInterval(found.drops),
    support,
  };
}

/** Weighted quantile of onsets; `low` and `high` hold 90 % and at least one step either way. */
export function onsetOf(
  found: RegionPosterior,
  slotAt: Float64Array,
  ramps: number,
  stepMs: number,
): { estimate: number; low: number; high: number } {
  const byOnset = new Map<number, number>();
  for (const [cell, mass] of found.cells) {
    const onset = onsetOfCell(cell, ramps);
    byOnset.set(onset, (byOnset.get(onset) ?? 0) + mass);
  }
  const order = [...byOnset].sort((x, y) => x[0] - y[0]);
  const quantile = (q: number): number => {
    let sum = 0;
    for (const [onset, mass] of order) {
      sum += mass;
      if (sum >= q) return slotAt[onset]!;
    }
    return slotAt[order.at(-1)![0]]!;
  };
  const middle = stepMs / 2;
  return {
    estimate: quantile(0.5) - middle,
    low: quantile(0.05) - stepMs - middle,
    high: quantile(0.95) + middle,
  };
}
