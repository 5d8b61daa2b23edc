/**
 * What a configuration's pools can show, before any sample came: per region the smallest drop that would open an alert
 * within an hour and within a day, and the regions it would be confused with. Expected log-likelihood ratios under the
 * configured windows and weight errors and ordinary noise, scored by the very functions that score live.
 */
import { compile } from "./compiled.ts";
import type { DetectorModel } from "./contract.ts";
import { BUDGET_SHARE, logThreshold } from "./decide/threshold.ts";
import type { BankEntry, ScaleSpec } from "./filter/bank.ts";
import { rowNull, rowRatio } from "./score/likelihood.ts";
import { DROPS } from "./score/posterior.ts";
import type { RegionRows } from "./score/rows.ts";

/** Innovation of an ordinary pool figure in five minutes: pools of the synthetic fleets and published series show 0.4 to 1 %. */
export const ORDINARY_NOISE = 0.006;
/** Odds of 4 to 1: what naming a region with probability 0.8 needs. */
const NAMED_LOG_ODDS = Math.log(4);
/** Confusion is judged at a blackout of this size. */
const BLACKOUT = 0.8;
const STEP = 0.01;

export interface Confusion {
  readonly region: string;
  /** Expected log odds for the true region against this one after a day; under ln 4 they are reported together. */
  readonly logOdds: number;
}

export interface RegionResolvability {
  readonly region: string;
  /** Smallest drop (0..1) that is expected to open within an hour, whatever its name; null when none does. */
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
  const ages = spec.maxAge + 1;
  return Float64Array.from(banks, (bank) => {
    const entry = bank[Math.min(1, bank.length - 1)]!;
    let sum = 0;
    for (let age = 0; age <= Math.min(ageSteps, spec.maxAge); age++) sum += entry.response[age % ages]! ** 2;
    return sum / noise ** 2;
  });
}

/** Expected score of "this region fell by `drop`" when the rows really fell by `fall`, at the right onset. */
function expectedScore(
  rows: RegionRows,
  info: Float64Array,
  fall: Float64Array,
  drop: number,
  spec: ScaleSpec,
): number {
  const known = { shift: 0, own: 0, whole: 1 };
  let sum = 0;
  for (let k = 0; k < rows.rows.length; k++) {
    const i = rows.rows[k]!;
    const b = info[i]!;
    if (b <= 0) continue;
    rowNull(fall[i]! * b, b, spec, known);
    sum += Math.log(rowRatio(fall[i]! * b, b, rows.weight[k]! * drop, (rows.sd[k]! * drop) ** 2, spec, known));
  }
  return sum;
}

function fallOf(rows: RegionRows, count: number, drop: number): Float64Array {
  const fall = new Float64Array(count);
  rows.rows.forEach((i, k) => {
    fall[i] = rows.weight[k]! * drop;
  });
  return fall;
}

function smallestDrop(rows: RegionRows, info: Float64Array, needed: number, spec: ScaleSpec): number | null {
  for (let drop = STEP; drop <= 1 + STEP / 2; drop += STEP) {
    if (expectedScore(rows, info, fallOf(rows, info.length, drop), drop, spec) >= needed)
      return Number(drop.toFixed(2));
  }
  return null;
}

/**
 * Per region of the model, OTHER left out, in order of names.
 *
 * @param options.noise relative standard deviation of a pool's innovation in one interval, where something better is known
 */
export function resolvability(model: DetectorModel, options: { readonly noise?: number } = {}): RegionResolvability[] {
  const compiled = compile(model);
  const layout = compiled.layout(compiled.pools.map((pool) => ({ pool: pool.id, region: null })));
  const { spec } = compiled.fast;
  const scaled = ORDINARY_NOISE * Math.sqrt(Math.max(1, model.intervalSeconds / 300));
  const noise = options.noise ?? scaled;
  const hour = information(layout.fastBanks, spec, noise, Math.round(3600 / spec.stepSeconds) - 1);
  const day = information(layout.fastBanks, spec, noise, Math.round(86_400 / spec.stepSeconds) - 1);
  const threshold = logThreshold(model.detection.falseAlarmsPerMonth, spec.stepSeconds, BUDGET_SHARE.fast);
  // A region is one of many, and so is its drop and ramp: the prior that the sum over them carries.
  const needed = threshold + Math.log(layout.score.regions.length);
  return layout.score.regions.map((rows): RegionResolvability => {
    const fall = fallOf(rows, day.length, BLACKOUT);
    const own = Math.max(...DROPS.map((drop) => expectedScore(rows, day, fall, drop, spec)));
    const confusedWith = layout.score.regions
      .filter((other) => other !== rows)
      .map((other): Confusion => {
        const score = Math.max(...DROPS.map((drop) => expectedScore(other, day, fall, drop, spec)));
        return { region: other.region, logOdds: Number((own - score).toFixed(2)) };
      })
      .filter((entry) => entry.logOdds < NAMED_LOG_ODDS)
      .sort((x, y) => x.logOdds - y.logOdds);
    return {
      region: rows.region,
      smallestDropHour: smallestDrop(rows, hour, needed, spec),
      smallestDropDay: smallestDrop(rows, day, needed, spec),
      confusedWith,
    };
  });
}
