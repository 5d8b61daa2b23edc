/**
 * What a configuration's pools can show, before any sample came: per region the smallest drop that would open an alert
 * within an hour and within a day, and the regions it would be confused with. Expected log-likelihood ratios under the
 * configured windows and weight errors and ordinary noise, scored by the very functions that score live.
 */

import { NAMED_ODDS } from "../model/candidates.ts";
import { OTHER_REGION } from "../model/region.ts";
import { DAY_SECONDS, HOUR_SECONDS } from "../model/time-units.ts";
import type { DetectorModel } from "./contract.ts";
import { BUDGET_SHARE, logThreshold } from "./decide/threshold.ts";
import type { BankEntry, ScaleSpec } from "./filter/bank.ts";
import { emptyNulls, logSum, rowRatio, setNull } from "./hypotheses/likelihood.ts";
import { DROP_PRIOR, DROP_TOTAL, DROPS, WIDE, WIDE_SD } from "./model/grids.ts";
import { GAUSS_HERMITE } from "./model/normal.ts";
import type { RegionRows } from "./model/score-model.ts";
import { compile } from "./network-model.ts";
import { agesOf } from "./statistics/onset-grid.ts";
import { agedPools } from "./weights/age.ts";

/** Innovation of an ordinary pool figure in five minutes: pools of the synthetic fleets and published series show 0.4 to 1 %. */
export const ORDINARY_NOISE = 0.006;
const NAMED_LOG_ODDS = Math.log(NAMED_ODDS);
/** Confusion is judged at a blackout of this size. */
const BLACKOUT = 0.8;

export interface Confusion {
  readonly region: string;
  /** Expected log odds for the true region against this one after a day; under ln 4 they are reported together. */
  readonly logOdds: number;
}

export interface RegionResolvability {
  readonly region: string;
  /**
   * Smallest drop (0..1) whose expected score opens within an hour, whatever its name; null when none does. In simulated
   * worlds it is opened in two cases of three, 0.6 of it in one of ten, and 1.5 times it in all but one of a hundred
   * (test/false-alarms/smallest-drops).
   */
  readonly smallestDropHour: number | null;
  /** The same within a day. */
  readonly smallestDropDay: number | null;
  /** Regions that a blackout of this one cannot be told apart from within a day, worst first. */
  readonly confusedWith: readonly Confusion[];
}

/** Information of every row about a step of a given age: sum of g^2 / v. */
function information(
  banks: readonly (readonly BankEntry[])[],
  spec: ScaleSpec,
  noise: number,
  ageSteps: number,
): Float64Array {
  const ages = agesOf(spec);
  return Float64Array.from(banks, (bank) => {
    const entry = bank[Math.min(1, bank.length - 1)]!;
    let sum = 0;
    for (let age = 0; age <= Math.min(ageSteps, spec.maxAge); age++) sum += entry.response[age % ages]! ** 2;
    return sum / noise ** 2;
  });
}

/** What a region's fall does to the rows: expected fall and its standard deviation by the weights' errors. */
interface Truth {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

function truthOf(rows: RegionRows, count: number, drop: number): Truth {
  const mean = new Float64Array(count);
  const sd = new Float64Array(count);
  rows.rows.forEach((i, k) => {
    mean[i] = rows.weight[k]! * drop;
    sd[i] = rows.sd[k]! * drop;
  });
  return { mean, sd };
}

/** Expected log ratio of one row for a fall of mean m and variance v, over the error of its true weight. */
function expectedRow(
  b: number,
  i: number,
  truth: Truth,
  m: number,
  v: number,
  spec: ScaleSpec,
  loose?: number,
): number {
  const known = emptyNulls(1);
  let sum = 0;
  for (const { at, mass } of GAUSS_HERMITE) {
    const a = (truth.mean[i]! + at * truth.sd[i]!) * b;
    setNull(a, b, spec, known, 0);
    sum += mass * Math.log(rowRatio(a, b, m, v, spec, known, 0, loose));
  }
  return sum;
}

/** Expected score of "this region fell by `drop`", at the right onset. */
function expectedScore(rows: RegionRows, info: Float64Array, truth: Truth, drop: number, spec: ScaleSpec): number {
  let sum = 0;
  for (let k = 0; k < rows.rows.length; k++) {
    const i = rows.rows[k]!;
    if (info[i]! > 0) sum += expectedRow(info[i]!, i, truth, rows.weight[k]! * drop, (rows.sd[k]! * drop) ** 2, spec);
  }
  return sum;
}

/** Log of the mean over sizes of the expected ratio, as the score takes it. */
function meanOverDrops(rows: RegionRows, info: Float64Array, truth: Truth, spec: ScaleSpec): number {
  const scores = DROPS.map(
    (drop, k) => Math.log(DROP_PRIOR[k]! / DROP_TOTAL) + expectedScore(rows, info, truth, drop, spec),
  );
  return logSum(scores);
}

/** Expected score of a fall of everything, its size no better known. */
function expectedWide(info: Float64Array, truth: Truth, spec: ScaleSpec): number {
  const score = (size: number): number =>
    info.reduce((sum, b, i) => (b > 0 ? sum + expectedRow(b, i, truth, size, (WIDE_SD * size) ** 2, spec, 0) : sum), 0);
  return logSum(WIDE.map(score)) + Math.log(spec.widePrior / (WIDE.length * spec.rampSeconds.length));
}

/** Bisection over drops of whole percents; null when even a whole region's fall would not open. */
function smallestDrop(
  rows: RegionRows,
  info: Float64Array,
  threshold: number,
  regions: number,
  spec: ScaleSpec,
): number | null {
  const opens = (percent: number): boolean => {
    const drop = percent / 100;
    const truth = truthOf(rows, info.length, drop);
    // What is fallen, and how, is not told beforehand: a region is one of many, a sudden fall one of several ramps, and its
    // size one of a grid. Only part of the prior lies where the data will.
    const prior = spec.rampPrior[0]! / regions;
    const score = meanOverDrops(rows, info, truth, spec) + Math.log(prior);
    return score >= threshold && score >= Math.max(0, expectedWide(info, truth, spec)) + spec.margin;
  };
  if (!opens(100)) return null;
  let low = 0;
  let high = 100;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (opens(middle)) high = middle;
    else low = middle;
  }
  return high / 100;
}

/**
 * Per region of the model, OTHER left out, in order of names.
 *
 * @param options.noise relative standard deviation of a pool's innovation in one interval, where something better is known
 * @param options.at when, ms: weights that are old by then count for less
 */
export function resolvability(
  model: DetectorModel,
  options: { readonly noise?: number; readonly at?: number } = {},
): RegionResolvability[] {
  const compiled = compile(options.at === undefined ? model : { ...model, pools: agedPools(model.pools, options.at) });
  const layout = compiled.layout(compiled.pools.map((pool) => ({ pool: pool.id, region: null })));
  const { spec } = compiled.fast;
  const scaled = ORDINARY_NOISE * Math.sqrt(Math.max(1, model.intervalSeconds / 300));
  const noise = options.noise ?? scaled;
  // What just passes the threshold must do so at two steps in a row.
  const ageAfter = (seconds: number): number => Math.max(0, Math.floor(seconds / spec.stepSeconds) - 2);
  const hour = information(layout.fastBanks, spec, noise, ageAfter(HOUR_SECONDS));
  const day = information(layout.fastBanks, spec, noise, ageAfter(DAY_SECONDS));
  const threshold = logThreshold(model.detection.falseAlarmsPerMonth, spec.stepSeconds, BUDGET_SHARE.fast);
  const regions = layout.score.regions.length;
  const listed = layout.score.regions.filter(({ region }) => region !== OTHER_REGION);
  return listed.map((rows): RegionResolvability => {
    const fall = truthOf(rows, day.length, BLACKOUT);
    const own = Math.max(...DROPS.map((drop) => expectedScore(rows, day, fall, drop, spec)));
    const confusedWith = listed
      .filter((other) => other !== rows)
      .map((other): Confusion => {
        const score = Math.max(...DROPS.map((drop) => expectedScore(other, day, fall, drop, spec)));
        return { region: other.region, logOdds: Number((own - score).toFixed(2)) };
      })
      .filter((entry) => entry.logOdds < NAMED_LOG_ODDS)
      .sort((x, y) => x.logOdds - y.logOdds);
    return {
      region: rows.region,
      smallestDropHour: smallestDrop(rows, hour, threshold, regions, spec),
      smallestDropDay: smallestDrop(rows, day, threshold, regions, spec),
      confusedWith,
    };
  });
}
