/**
 * The full score of what stirs. Every explanation is a log of a sum over onsets (weighted by their spacing), ramps and
 * sizes of prior times likelihood ratio, so it is a Shiryaev-Roberts statistic: its expectation under "nothing happened"
 * grows by its prior per step, from which `threshold.ts` derives when to speak.
 */
import { commonFall } from "./common-fall.ts";
import type { RowPrior } from "./likelihood.ts";
import { logSum } from "./log-sum.ts";
import { logProduct } from "./products.ts";
import { makeRowTables } from "./row-tables.ts";
import type { ScoreModel } from "./rows.ts";
import type { Screen } from "./screen.ts";
import { DROP_PRIOR, DROP_TOTAL, DROPS, SHARED, SHARED_PRIOR, SHARED_SD, WIDE } from "./sizes.ts";
import { makeWideRatio } from "./wide.ts";

/**
 * Onsets and ramps this far (in T) under the best one cannot matter to a sum of likelihoods. T bounds each row and so
 * flatters what is spread over many: the stronger the signal, the deeper one must look.
 */
const COMBO_DEPTH = 2;
const COMBO_MOST = 24;
const REGION_DEPTH = 3;
const REGION_MOST = 24;
/** With hundreds of rows less is summed, so that no tick takes long: this many row ratios at most. */
const RATIOS_MOST = 600_000;
const MANY_ROWS = 64;
const REGION_MOST_MANY = 10;
/** No row says more than this many standard deviations about what all rows show. */
const WIDE_BOUND = 8;
/** Above this peak every region is scored, as far as there is room. */
const STRONG = 5;

export interface Sums {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly slots: number;
  readonly ramps: number;
}

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

/** How thoroughly to sum: everything that matters, or a glance at the best few. */
export type Effort = "full" | "glance";
const GLANCE_COMBOS = 3;
const GLANCE_DROPS = 3;

/** Onsets and ramps that are summed, best first. */
export function chooseCombos(found: Screen, most: number = COMBO_MOST): number[] {
  const depth = Math.max(COMBO_DEPTH, 0.3 * found.peak);
  const order = [...found.combos.keys()].filter((k) => found.combos[k]! > found.peak - depth);
  order.sort((x, y) => found.combos[y]! - found.combos[x]! || x - y);
  return order.slice(0, most);
}

function chooseRegions(found: Screen, rows: number): number[] {
  const depth = found.peak > STRONG ? Number.POSITIVE_INFINITY : REGION_DEPTH;
  return [...found.best.keys()]
    .filter((r) => found.best[r]! > found.peak - depth)
    .sort((x, y) => found.best[y]! - found.best[x]! || x - y)
    .slice(0, rows > MANY_ROWS ? REGION_MOST_MANY : REGION_MOST)
    .sort((x, y) => x - y);
}

/**
 * @param regionPrior of each region, sums to 1
 * @param slotWeight steps that each slot stands for
 * @param row what is presumed of every row
 */
export function posterior(
  model: ScoreModel,
  sums: Sums,
  found: Screen,
  regionPrior: Float64Array,
  rampPrior: readonly number[],
  slotWeight: Float64Array,
  row: RowPrior & { readonly widePrior: number },
  effort: Effort = "full",
  other: OtherEvidence | null = null,
): Posterior {
  const rows = model.rows.length;
  const stride = effort === "full" ? 1 : GLANCE_DROPS;
  const active = chooseRegions(found, rows);
  const affordable = Math.max(
    GLANCE_COMBOS,
    Math.floor(RATIOS_MOST / (rows * (active.length * DROPS.length + WIDE.length))),
  );
  const combos = chooseCombos(found, effort === "full" ? Math.min(COMBO_MOST, affordable) : GLANCE_COMBOS);
  const cells = active.map(() => new Float64Array(combos.length * DROPS.length).fill(Number.NEGATIVE_INFINITY));
  const wide = new Float64Array(combos.length * WIDE.length).fill(Number.NEGATIVE_INFINITY);
  const shared = model.operators.map(() => new Float64Array(combos.length * SHARED.length));
  const { a, b } = sums;
  const tables = makeRowTables(model, a, b, row);
  const { nulls } = tables;
  const { counted } = model;
  const whole = new Float64Array(rows).fill(1);
  const wideRatio = makeWideRatio(model, row);
  const loosely = new Float64Array(rows).fill(SHARED_SD);
  for (const [c, combo] of combos.entries()) {
    const offset = combo * rows;
    tables.begin(offset);
    const onset = Math.log(slotWeight[Math.floor(combo / sums.ramps)]!);
    const any = onset + Math.log(rampPrior[combo % sums.ramps]! / DROP_TOTAL);
    const slot = Math.floor(combo / sums.ramps);
    const elsewhere = other?.regions(slot);
    const elsewhereWide = other?.wide(slot);
    for (const [n, r] of active.entries()) {
      const prior = any + Math.log(regionPrior[r]!);
      for (let d = stride - 1; d < DROPS.length; d += stride) {
        const ratio = tables.region(r, d);
        const added = elsewhere ? elsewhere[r * DROPS.length + d]! : 0;
        cells[n]![c * DROPS.length + d] = prior + Math.log(stride * DROP_PRIOR[d]!) + ratio + added;
      }
    }
    const widely = onset + Math.log(row.widePrior / (WIDE.length * sums.ramps));
    const common = commonFall(a, b, offset, counted, WIDE_BOUND).size;
    for (let d = 0; d < WIDE.length; d++) {
      const ratio = wideRatio(d, common, a, b, offset, nulls);
      wide[c * WIDE.length + d] = widely + ratio + (elsewhereWide ? elsewhereWide[d]! : 0);
    }
    const together = onset + Math.log(SHARED_PRIOR / (SHARED.length * sums.ramps));
    for (const [n, group] of model.operators.entries()) {
      for (let d = 0; d < SHARED.length; d++) {
        const ratio = logProduct(group.rows, whole, loosely, SHARED[d]!, a, b, offset, counted, row, nulls);
        shared[n]![c * SHARED.length + d] = together + ratio;
      }
    }
  }
  const regions = active.map((index, n): RegionPosterior => {
    const values = cells[n]!;
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
  });
  regions.sort((x, y) => y.score - x.score || x.index - y.index);
  let best = 0;
  wide.forEach((value, k) => {
    if (value > wide[best]!) best = k;
  });
  const network = {
    score: logSum(wide),
    drop: WIDE[best % WIDE.length]!,
    combo: combos[Math.floor(best / WIDE.length)] ?? 0,
  };
  const operators = model.operators.map((group, n) => ({ operator: group.operator, score: logSum(shared[n]!) }));
  return {
    regions,
    total: logSum(regions.map((entry) => entry.score)),
    network,
    operators,
    rivals: logSum([0, network.score, ...operators.map((entry) => entry.score)]),
  };
}
