/** What a region lost: fall per row, lost hash rate, drop and onset with 90 % intervals, from the posterior of the scores. */

import type { ScaleSpec } from "../filter/bank.ts";
import { largestAt } from "../hypotheses/hypothesis.ts";
import {
  emptyNulls,
  LOOSE_VARIANCE_FACTOR,
  LOOSE_WEIGHT,
  logSum,
  MOST_ROW_NATS,
  type RowPrior,
  rowRatio,
  setNull,
} from "../hypotheses/likelihood.ts";
import { ownFallFit, ownRows } from "../hypotheses/quick-fit.ts";
import type { RegionPosterior } from "../hypotheses/region.ts";
import { DROPS } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { Interval } from "../state/alert-state.ts";
import { cellOffset, onsetOfCell, rampOfCell, stepsBetween } from "../statistics/onset-grid.ts";
import type { ScaleState, SufficientStatistics } from "../statistics/scale-state.ts";
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
  logOutage: number | undefined,
): { mean: number; variance: number; trust: number } {
  const known = emptyNulls(1);
  setNull(a, b, prior, known, 0, logOutage);
  const v = variance + prior.wander;
  const k = 1 / (1 + v * b);
  const tight = Math.sqrt(k) * Math.exp((m * a + 0.5 * v * a * a - 0.5 * m * m * b) * k - known.shift[0]!);
  const trust = ((1 - prior.own) * tight) / ((1 - prior.own) * tight + known.own[0]!);
  const looseVariance = LOOSE_VARIANCE_FACTOR * variance + prior.wander;
  const loose =
    Math.sqrt(1 / (1 + looseVariance * b)) *
    Math.exp((m * a + 0.5 * looseVariance * a * a - 0.5 * m * m * b) / (1 + looseVariance * b) - known.shift[0]!);
  const share = ((1 - LOOSE_WEIGHT) * tight) / ((1 - LOOSE_WEIGHT) * tight + LOOSE_WEIGHT * loose || 1);
  const post = share * v * k + (1 - share) * (looseVariance / (1 + looseVariance * b));
  const mean = share * (m + v * a) * k + (1 - share) * ((m + looseVariance * a) / (1 + looseVariance * b));
  // A row that is likely to have its own outage is no measure of the region's part in it. Its prior is kept.
  return { mean: trust * mean + (1 - trust) * m, variance: trust * post + (1 - trust) * variance, trust };
}

/** Cells (onset and ramp) with less probability than this are left out of the fit. */
const LEAST_CELL = 0.01;
/** Least probability of one drop at one cell that enters the fit. */
const LEAST_MASS = 1e-4;

/** The key of the largest value. */
function likeliest(masses: ReadonlyMap<number, number>): number {
  let [key, most] = [0, -1];
  for (const [other, mass] of masses) if (mass > most) [key, most] = [other, mass];
  return key;
}

/** What is lost by now and of what part of the region, summed over onsets, ramps and drops with their masses. */
function lostByNow(
  model: ScoreModel,
  statistics: SufficientStatistics,
  found: RegionPosterior,
  reference: Float64Array,
  prior: RowPrior,
  progress: (cell: number) => number,
): { lost: number; lostSd: number; drops: Float64Array; wholeDrops: Float64Array } {
  const { rows: members, weight, sd } = model.regions[found.index]!;
  const drops = new Float64Array(DROPS.length);
  const wholeDrops = new Float64Array(DROPS.length);
  let [total, lost, square] = [0, 0, 0];
  for (const [cell, sizes] of found.sizesAt) {
    if (found.cells.get(cell)! < LEAST_CELL) continue;
    const offset = cellOffset(cell, model.rows.length);
    const part = progress(cell);
    const own = statistics.outages?.logAt(cell);
    for (const [d, p] of sizes.entries()) {
      if (p < LEAST_MASS) continue;
      let [mean, variance] = [0, 0];
      for (const [k, row] of members.entries()) {
        if (!model.counted[row]) continue;
        const { a, b } = statistics;
        const fall = rowFall(
          a[offset + row]!,
          b[offset + row]!,
          weight[k]! * DROPS[d]!,
          (sd[k]! * DROPS[d]!) ** 2,
          prior,
          own?.[row],
        );
        mean += part * fall.mean * reference[row]!;
        variance += part * part * fall.variance * reference[row]! ** 2;
      }
      total += p;
      lost += p * mean;
      square += p * (variance + mean * mean);
      addDrop(drops, part * DROPS[d]!, p);
      wholeDrops[d]! += p;
    }
  }
  lost /= total;
  return { lost, lostSd: Math.sqrt(Math.max(0, square / total - lost * lost)), drops, wholeDrops };
}

/** Divides a probability between the two drops of the grid that lie around a drop. */
function addDrop(mass: Float64Array, drop: number, p: number): void {
  let above = 1;
  while (above < DROPS.length - 1 && DROPS[above]! < drop) above++;
  const part = Math.min(1, Math.max(0, (drop - DROPS[above - 1]!) / (DROPS[above]! - DROPS[above - 1]!)));
  mass[above - 1]! += (1 - part) * p;
  mass[above]! += part * p;
}

/** What a row loses at most, nats, at an onset that does not fit its own fall. */
const MOST_MISFIT_NATS = MOST_ROW_NATS;

/**
 * Weighs onsets and ramps by the region's own figures. A row's bounded likelihood ratio is alike at every onset once it is at its
 * bound, so a figure that fell to nothing within a step would not say when. Here each regional row compares its best fall (0 to 1)
 * at an onset with its best fall at any, log-likelihood c A - c^2 B / 2.
 */
export function weighOnsets(
  model: ScoreModel,
  statistics: SufficientStatistics,
  found: RegionPosterior,
): RegionPosterior {
  const members = new Set(model.regions[found.index]!.rows);
  const own = ownRows(model).filter((row) => members.has(row));
  if (own.length === 0 || found.cells.size < 2) return found;
  const places = [...found.cells.keys()];
  const logs = places.map((cell) => Math.log(found.cells.get(cell)!));
  for (const row of own) {
    const fits = places.map((cell) => ownFallFit(model, statistics, cell, row));
    const best = Math.max(...fits);
    fits.forEach((fit, k) => {
      logs[k]! += Math.max(fit - best, -MOST_MISFIT_NATS);
    });
  }
  const whole = logSum(logs);
  const drops = new Float64Array(DROPS.length);
  const cells = new Map<number, number>();
  const sizesAt = new Map<number, Float64Array>();
  places.forEach((cell, k) => {
    const mass = Math.exp(logs[k]! - whole);
    const before = found.cells.get(cell)!;
    const sizes = found.sizesAt.get(cell)!.map((p) => (before > 0 ? (p * mass) / before : 0));
    sizes.forEach((p, d) => {
      drops[d]! += p;
    });
    cells.set(cell, mass);
    sizesAt.set(cell, sizes);
  });
  return { ...found, drops, cells, sizesAt };
}

/**
 * @param progress part of a fall that has happened by now, 0..1, by its cell; less than 1 while the ramp is under way. `lost` and
 *   `drop` are what is gone by now, because nobody knows yet how far the fall will go. `fall` is its size when the ramp is over.
 */
export function fitRegion(
  model: ScoreModel,
  statistics: SufficientStatistics,
  found: RegionPosterior,
  reference: Float64Array,
  prior: RowPrior,
  progress: (cell: number) => number = () => 1,
): Fit {
  const cell = likeliest(found.cells);
  const mass = found.cells.get(cell)!;
  const sizes = found.sizesAt.get(cell)!;
  const rows = model.rows.length;
  const { rows: members, weight, sd } = model.regions[found.index]!;
  const fall = new Float64Array(rows);
  const variance = new Float64Array(rows);
  const support = new Float64Array(rows);
  const top = largestAt(sizes);
  const offset = cellOffset(cell, rows);
  const own = statistics.outages?.logAt(cell);
  for (let k = 0; k < members.length; k++) {
    const i = members[k]!;
    const a = statistics.a[offset + i]!;
    const b = statistics.b[offset + i]!;
    let first = 0;
    let second = 0;
    for (let d = 0; d < DROPS.length; d++) {
      const p = sizes[d]! / mass;
      if (p < LEAST_MASS) continue;
      const part = rowFall(a, b, weight[k]! * DROPS[d]!, (sd[k]! * DROPS[d]!) ** 2, prior, own?.[i]);
      first += p * part.mean;
      second += p * (part.variance + part.mean ** 2);
    }
    fall[i] = Math.max(0, first);
    variance[i] = Math.max(0, second - first * first);
    const known = emptyNulls(1);
    setNull(a, b, prior, known, 0, own?.[i]);
    support[i] = Math.log(rowRatio(a, b, weight[k]! * DROPS[top]!, (sd[k]! * DROPS[top]!) ** 2, prior, known, 0));
  }
  const now = lostByNow(model, statistics, found, reference, prior, progress);
  const { lost, lostSd } = now;
  const drop = dropInterval(now.drops);
  // Through an averaging window a sudden fall looks like the beginning of a slow one. The interval's upper end contains both.
  const high = Math.max(drop.high, dropInterval(now.wholeDrops).high);
  return {
    lost,
    lostSd,
    cell,
    onset: onsetOfCell(cell, statistics.ramps),
    ramp: rampOfCell(cell, statistics.ramps),
    fall,
    variance,
    drop: { ...drop, high },
    support,
  };
}

/** Part of a fall that has happened at the newest step, by its onset and ramp. */
export function progressOf(state: ScaleState, spec: ScaleSpec): (cell: number) => number {
  const ramps = spec.rampSeconds.length;
  return (cell) => {
    const age = stepsBetween(state.slotAt[onsetOfCell(cell, ramps)]!, state.at, spec.stepSeconds);
    return rampProgress(age, spec.rampSeconds[rampOfCell(cell, ramps)]!, spec.stepSeconds);
  };
}

/** Part of a fall that has happened `age` steps after its onset, 0..1. On average an onset lies in the middle of its step. */
function rampProgress(age: number, rampSeconds: number, stepSeconds: number): number {
  return Math.max(0, Math.min(1, ((age + 0.5) * stepSeconds) / Math.max(rampSeconds, stepSeconds / 2)));
}

/** Median onset; `low` to `high` contains 90 %, and at least one step either way. */
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
