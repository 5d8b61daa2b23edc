/** Regions, and the operators whose pools fell together, summed over onsets, ramps and sizes. */

import { DROP_PRIOR, DROP_TOTAL, DROPS, SHARED, SHARED_PRIOR, SHARED_SD } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { Sums } from "../statistics/scale-state.ts";
import { type Look, type OtherEvidence, type Priors, type RegionPosterior, untilNegligible } from "./hypothesis.ts";
import { logProduct, logSum } from "./likelihood.ts";
import { makeRowTables } from "./row-tables.ts";

const LOG_DROP_PRIOR = DROP_PRIOR.map(Math.log);

export interface RegionSums {
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

/** Sums regions, and falls shared by an operator's pools, over the look's regional onsets and ramps. */
export function sumRegions(
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
          SHARED[d]!,
          SHARED_SD,
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

/** No region has less than this part of an equal share. */
const LEAST = 0.2;

/** Sums to 1. `reference`: H/s per row. */
export function regionPriorOf(model: ScoreModel, reference: Float64Array): Float64Array {
  const roots = model.regions.map(({ rows, weight }) => {
    let hashrate = 0;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      if (model.counted[row]) hashrate += weight[k]! * reference[row]!;
    }
    return Math.sqrt(hashrate);
  });
  const mean = roots.reduce((a, b) => a + b, 0) / roots.length;
  if (!(mean > 0)) return new Float64Array(roots.length).fill(1 / roots.length);
  const held = roots.map((root) => Math.max(LEAST * mean, root));
  const total = held.reduce((a, b) => a + b, 0);
  return Float64Array.from(held, (root) => root / total);
}
