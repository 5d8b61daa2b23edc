/**
 * Fits a region's fall to levels: each row's level now against its level before, once its averaging window shows the fall. No
 * filter is needed, so the fit stays right where the configured window is wrong. Levels take the form of the sufficient
 * statistics (A = y d / v, B = d^2 / v; y: the present fall, d: the part of it that the window shows, v: variance), so that the
 * same likelihood applies.
 */
import { logSum, type RowPrior } from "../hypotheses/likelihood.ts";
import { makeRowTables } from "../hypotheses/row-tables.ts";
import { DROP_PRIOR, DROP_TOTAL, DROPS } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { type Fit, fitRegion } from "./region-fit.ts";

/** Sufficient statistics of the rows' levels, per row of the model; 0 where a row has none. */
export interface LevelStatistics {
  readonly a: Float64Array;
  readonly b: Float64Array;
}

export interface LevelRow {
  readonly index: number;
  /** Present fall without the move that all rows share, relative to the reference, and its variance. */
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

/** Levels as evidence for every region of the model. */
export interface LevelScores {
  /** Log of the mean likelihood ratio over drops, per region. */
  readonly scores: Float64Array;
  /** Log terms per region x DROPS, drops fastest. */
  readonly cells: Float64Array;
}

export function scoreLevels(model: ScoreModel, statistics: LevelStatistics, prior: RowPrior): LevelScores {
  const tables = makeRowTables(model, statistics, prior);
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

export interface LevelFitInput {
  readonly model: ScoreModel;
  readonly statistics: LevelStatistics;
  readonly scored: LevelScores;
  /** H/s per row that falls are relative to. */
  readonly reference: Float64Array;
  readonly prior: RowPrior;
}

/** Fits the region at `index` of the model. */
export function fitLevels({ model, statistics, scored, reference, prior }: LevelFitInput, index: number): Fit {
  const { scores, cells } = scored;
  const mine = cells.subarray(index * DROPS.length, (index + 1) * DROPS.length);
  const drops = Float64Array.from(mine, (log) => Math.exp(log - scores[index]!));
  const score = scores[index]!;
  const once = { cells: new Map([[0, 1]]), sizesAt: new Map([[0, drops]]) };
  const found = { index, score, withoutWitnesses: score, drops, ...once };
  return fitRegion(model, { ...statistics, slots: 1, ramps: 1 }, found, reference, prior);
}
