/**
 * The full score of what stirs. Every explanation is a log of a sum over onsets (weighted by their spacing), ramps and
 * sizes of prior times likelihood ratio, so it is a Shiryaev-Roberts statistic: its expectation under "nothing happened"
 * grows by its prior per step, from which `threshold.ts` derives when to speak.
 */
import type { RowPrior } from "./likelihood.ts";
import { logSum } from "./log-sum.ts";
import type { Look } from "./look.ts";
import { logProduct } from "./products.ts";
import { makeRowTables } from "./row-tables.ts";
import type { ScoreModel } from "./rows.ts";
import { DROP_PRIOR, DROP_TOTAL, DROPS, SHARED, SHARED_PRIOR, SHARED_SD, WIDE } from "./sizes.ts";
import type { Sums } from "./sums.ts";
import { makeWideRatios } from "./wide.ts";

/** When so many onsets and ramps in a row, best first, each added less than this part to a sum, the rest adds nothing. */
const ENOUGH_COMBOS = 3;
const NEGLIGIBLE = Math.log(0.004);
const LOG_DROP_PRIOR = DROP_PRIOR.map(Math.log);

export interface RegionPosterior {
  readonly index: number;
  /** Log of the statistic. */
  readonly score: number;
  /** Mass per drop of the grid, sums to 1. */
  readonly drops: Float64Array;
  /** Mass per slot x ramp, sums to 1. */
  readonly combos: Map<number, number>;
}

export interface Posterior {
  /** What was summed. */
  readonly look: Look;
  /** Best first; regions that could not matter are left out. */
  readonly regions: readonly RegionPosterior[];
  /** Log statistic of all regions together. */
  readonly total: number;
  readonly network: { readonly score: number; readonly drop: number; readonly combo: number };
  readonly operators: readonly { readonly operator: string; readonly score: number }[];
  /** Log statistic of every rival explanation together. */
  readonly rivals: number;
}

/** Evidence of another kind for the same hypotheses, independent of the rows given what happened: log ratios to be added. */
export interface OtherEvidence {
  /** Per region of the model x DROPS, drops fastest. */
  regions(slot: number): Float64Array;
  /** Per size of WIDE. */
  wide(slot: number): Float64Array;
}

/** What is presumed before anything was seen. */
export interface Priors {
  /** Of each region, sums to 1. */
  readonly region: Float64Array;
  readonly ramp: readonly number[];
  /** Steps that each slot stands for. */
  readonly slotWeight: Float64Array;
  readonly row: RowPrior & { readonly widePrior: number };
}

/** Goes through combos best first until they add nothing. `sum`: adds the k-th and returns its largest log term. */
function untilNegligible(combos: readonly number[], sum: (combo: number, k: number) => number): number {
  let running = Number.NEGATIVE_INFINITY;
  let idle = 0;
  for (const [k, combo] of combos.entries()) {
    const fresh = sum(combo, k);
    idle = fresh > running + NEGLIGIBLE ? 0 : idle + 1;
    running = Math.max(running, fresh);
    if (idle >= ENOUGH_COMBOS) return k + 1;
  }
  return combos.length;
}

interface RegionSums {
  /** Combos that were summed. */
  readonly combos: readonly number[];
  readonly regions: readonly RegionPosterior[];
  readonly operators: readonly { readonly operator: string; readonly score: number }[];
}

function regionPosterior(index: number, values: Float64Array, combos: readonly number[]): RegionPosterior {
  const score = logSum(values);
  const drops = new Float64Array(DROPS.length);
  const mass = new Map<number, number>();
  for (let c = 0; c < combos.length; c++) {
    let sum = 0;
    for (let d = 0; d < DROPS.length; d++) {
      const p = Math.exp(values[c * DROPS.length + d]! - score);
      drops[d]! += p;
      sum += p;
    }
    mass.set(combos[c]!, sum);
  }
  return { index, score, drops, combos: mass };
}

function sumRegions(
  model: ScoreModel,
  { a, b, ramps }: Sums,
  look: Look,
  priors: Priors,
  other: OtherEvidence | null,
): RegionSums {
  const rows = model.rows.length;
  const active = look.regions;
  const cells = active.map(() => new Float64Array(look.regional.length * DROPS.length));
  const shared = model.operators.map(() => new Float64Array(look.regional.length * SHARED.length));
  const tables = makeRowTables(model, a, b, priors.row);
  const whole = new Float64Array(rows).fill(1);
  const loosely = new Float64Array(rows).fill(SHARED_SD);
  const { counted, operators } = model;
  const done = untilNegligible(look.regional, (combo, k) => {
    const slot = Math.floor(combo / ramps);
    const onset = Math.log(priors.slotWeight[slot]!);
    const any = onset + Math.log(priors.ramp[combo % ramps]! / DROP_TOTAL);
    const elsewhere = other?.regions(slot);
    const to = k * DROPS.length;
    let best = Number.NEGATIVE_INFINITY;
    tables.begin(combo * rows);
    for (let n = 0; n < active.length; n++) {
      const mine = cells[n]!;
      const prior = any + Math.log(priors.region[active[n]!]!);
      tables.region(active[n]!, mine, to);
      for (let d = 0; d < DROPS.length; d++) {
        const added = elsewhere ? elsewhere[active[n]! * DROPS.length + d]! : 0;
        const log = mine[to + d]! + prior + LOG_DROP_PRIOR[d]! + added;
        mine[to + d] = log;
        if (log > best) best = log;
      }
    }
    const together = onset + Math.log(SHARED_PRIOR / (SHARED.length * ramps));
    for (const [n, group] of operators.entries()) {
      for (let d = 0; d < SHARED.length; d++) {
        const ratio = logProduct(
          group.rows,
          whole,
          loosely,
          SHARED[d]!,
          a,
          b,
          combo * rows,
          counted,
          priors.row,
          tables.nulls,
        );
        shared[n]![k * SHARED.length + d] = together + ratio;
      }
    }
    return best;
  });
  const combos = look.regional.slice(0, done);
  const regions = active.map((index, n) => regionPosterior(index, cells[n]!.subarray(0, done * DROPS.length), combos));
  regions.sort((x, y) => y.score - x.score || x.index - y.index);
  return {
    combos,
    regions,
    operators: operators.map((group, n) => ({
      operator: group.operator,
      score: logSum(shared[n]!.subarray(0, done * SHARED.length)),
    })),
  };
}

function sumWide(
  model: ScoreModel,
  { a, b, ramps }: Sums,
  look: Look,
  priors: Priors,
  other: OtherEvidence | null,
): Posterior["network"] & { readonly combos: readonly number[] } {
  const rows = model.rows.length;
  const cells = new Float64Array(look.wide.length * WIDE.length);
  const ratios = makeWideRatios(model, a, b, priors.row);
  const done = untilNegligible(look.wide, (combo, k) => {
    const slot = Math.floor(combo / ramps);
    const widely = Math.log((priors.slotWeight[slot]! * priors.row.widePrior) / (WIDE.length * ramps));
    const elsewhere = other?.wide(slot);
    const to = k * WIDE.length;
    ratios(combo * rows, cells, to);
    let best = Number.NEGATIVE_INFINITY;
    for (let d = 0; d < WIDE.length; d++) {
      cells[to + d]! += widely + (elsewhere ? elsewhere[d]! : 0);
      if (cells[to + d]! > best) best = cells[to + d]!;
    }
    return best;
  });
  const found = cells.subarray(0, done * WIDE.length);
  let best = 0;
  for (let k = 0; k < found.length; k++) if (found[k]! > found[best]!) best = k;
  return {
    score: logSum(found),
    drop: WIDE[best % WIDE.length]!,
    combo: look.wide[Math.floor(best / WIDE.length)] ?? 0,
    combos: look.wide.slice(0, done),
  };
}

/** Sums every explanation over what `look` says. */
export function posterior(
  model: ScoreModel,
  sums: Sums,
  look: Look,
  priors: Priors,
  other: OtherEvidence | null = null,
): Posterior {
  const { combos: regional, regions, operators } = sumRegions(model, sums, look, priors, other);
  const { combos: wide, ...network } = sumWide(model, sums, look, priors, other);
  return {
    look: { regions: look.regions, regional, wide },
    regions,
    total: logSum(regions.map((entry) => entry.score)),
    network,
    operators,
    rivals: logSum([0, network.score, ...operators.map((entry) => entry.score)]),
  };
}
