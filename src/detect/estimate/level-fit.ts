/**
 * A region's fall fitted to levels: what the rows show now against before, once their windows show it. Needs no filter, so
 * it stays right where a window is other than configured. In the form of the score's statistics (A = y d / v, B = d^2 / v with y
 * the present fall and d the part of it that the window shows), so that the same likelihood and the same fit serve.
 */
import { logSum, type RowPrior } from "../hypotheses/likelihood.ts";
import { makeRowTables } from "../hypotheses/row-tables.ts";
import { DROP_PRIOR, DROP_TOTAL, DROPS } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { type Fit, fitRegion } from "./region-fit.ts";

/** Sums of the rows' levels, per row of the model; 0 where a row cannot say. */
export interface LevelStatistics {
  readonly a: Float64Array;
  readonly b: Float64Array;
}

export interface LevelRow {
  readonly index: number;
  /** Present fall with the common move taken out, relative to the reference, and its variance. */
  readonly fall: number;
  readonly variance: number;
  /** Part of a fall that the row's window shows by now, 0..1. */
  readonly developed: number;
}

export function levelStatistics(rows: readonly LevelRow[], count: number): LevelStatistics {
  const a = new Float64Array(count);
  const b = new Float64Array(count);
  for (const { index, fall, variance, developed } of rows) {
    a[index] = (developed * fall) / variance;
    b[index] = developed ** 2 / variance;
  }
  return { a, b };
}

/** What the levels say of every region of the model. */
export interface LevelScores {
  /** Log of the mean likelihood ratio over drops, per region. */
  readonly scores: Float64Array;
  /** Log terms per region x DROPS, drops fastest. */
  readonly cells: Float64Array;
}

export function scoreLevels(model: ScoreModel, statistics: LevelStatistics, prior: RowPrior): LevelScores {
  const tables = makeRowTables(model, statistics.a, statistics.b, prior);
  tables.begin(0);
  const scores = new Float64Array(model.regions.length);
  const cells = new Float64Array(model.regions.length * DROPS.length);
  for (let r = 0; r < scores.length; r++) {
    tables.region(r, cells, r * DROPS.length);
    const mine = cells.subarray(r * DROPS.length, (r + 1) * DROPS.length);
    for (let d = 0; d < DROPS.length; d++) mine[d]! += Math.log(DROP_PRIOR[d]! / DROP_TOTAL);
    scores[r] = logSum(mine);
  }
  return { scores, cells };
}

/** Fits the region at `index` of the model. `reference`: H/s that falls are relative to. */
export function fitLevels(
  model: ScoreModel,
  statistics: LevelStatistics,
  { scores, cells }: LevelScores,
  index: number,
  reference: Float64Array,
  prior: RowPrior,
): Fit {
  const mine = cells.subarray(index * DROPS.length, (index + 1) * DROPS.length);
  const drops = Float64Array.from(mine, (log) => Math.exp(log - scores[index]!));
  const score = scores[index]!;
  const once = { cells: new Map([[0, 1]]), sizesAt: new Map([[0, drops]]) };
  const found = { index, score, withoutWitnesses: score, drops, ...once };
  return fitRegion(model, { ...statistics, slots: 1, ramps: 1 }, found, reference, prior);
}
