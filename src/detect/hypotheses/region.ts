/** A region fell, summed over onsets, ramps and drops: the hypothesis that alerts are opened for. */

import { DROP_PRIOR, DROP_TOTAL, DROPS } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { onsetOfCell, rampOfCell } from "../statistics/onset-grid.ts";
import { type EvaluationInput, type Explanation, type Hypothesis, largestAt, untilNegligible } from "./hypothesis.ts";
import { logSum } from "./likelihood.ts";
import { makeRowTables } from "./row-tables.ts";

const LOG_DROP_PRIOR = DROP_PRIOR.map(Math.log);

/** The posterior of one region's fall. */
export interface RegionPosterior {
  /** Index of the region in the model. */
  readonly index: number;
  /** Log evidence. */
  readonly score: number;
  /** Log evidence without witnesses; equal to `score` where none signalled. */
  readonly withoutWitnesses: number;
  /** Posterior mass per drop of DROPS, sums to 1. */
  readonly drops: Float64Array;
  /** Posterior mass per cell (onset x ramp), sums to 1. */
  readonly cells: Map<number, number>;
  /** The same per cell and drop of DROPS: a slow ramp under way is a large drop, a sudden one a small. */
  readonly sizesAt: ReadonlyMap<number, Float64Array>;
}

type RegionExplanation = RegionPosterior & Explanation;
type Masses = Pick<RegionPosterior, "drops" | "cells" | "sizesAt">;

/** Posterior masses of a region's log terms (cells x DROPS, drops fastest), against their sum `score`. */
function massesOf(terms: Float64Array, score: number, cells: readonly number[]): Masses {
  const drops = new Float64Array(DROPS.length);
  const mass = new Map<number, number>();
  const sizesAt = new Map<number, Float64Array>();
  for (const [c, cell] of cells.entries()) {
    let sum = 0;
    const sizes = new Float64Array(DROPS.length);
    for (let d = 0; d < DROPS.length; d++) {
      const p = Math.exp(terms[c * DROPS.length + d]! - score);
      sizes[d] = p;
      drops[d]! += p;
      sum += p;
    }
    mass.set(cell, sum);
    sizesAt.set(cell, sizes);
  }
  return { drops, cells: mass, sizesAt };
}

/** A region's posterior. Its masses are made when they are asked for: most regions are asked for their score alone. */
class SummedRegion implements RegionExplanation {
  readonly subject: string;
  readonly index: number;
  readonly score: number;
  readonly withoutWitnesses: number;
  readonly size: number;
  readonly cell: number;
  readonly #terms: Float64Array;
  readonly #summed: readonly number[];
  #masses: Masses | undefined;

  /** @param bare the terms without witnesses; null where none signalled */
  constructor(
    subject: string,
    index: number,
    terms: Float64Array,
    bare: Float64Array | null,
    summed: readonly number[],
  ) {
    this.subject = subject;
    this.index = index;
    this.score = logSum(terms);
    this.withoutWitnesses = bare === null ? this.score : logSum(bare);
    const best = largestAt(terms);
    this.size = DROPS[best % DROPS.length] ?? 0;
    this.cell = summed[Math.floor(best / DROPS.length)] ?? 0;
    this.#terms = terms;
    this.#summed = summed;
  }

  get summedOver(): readonly number[] {
    return this.#summed;
  }

  get drops(): Float64Array {
    return this.#made().drops;
  }

  get cells(): Map<number, number> {
    return this.#made().cells;
  }

  get sizesAt(): ReadonlyMap<number, Float64Array> {
    return this.#made().sizesAt;
  }

  #made(): Masses {
    this.#masses ??= massesOf(this.#terms, this.score, this.#summed);
    return this.#masses;
  }
}

/** Sums the shortlist's regions over its regional cells, and stops at those that add nothing. Best region first. */
function evaluate({ model, statistics, priors, shortlist, other, witnesses }: EvaluationInput): RegionExplanation[] {
  const { ramps } = statistics;
  const active = shortlist.regions;
  const terms = active.map(() => new Float64Array(shortlist.regional.length * DROPS.length));
  const bare = witnesses ? active.map(() => new Float64Array(shortlist.regional.length * DROPS.length)) : null;
  const tables = makeRowTables(model, statistics, priors.row);
  const done = untilNegligible(shortlist.regional, (cell, k) => {
    const onset = onsetOfCell(cell, ramps);
    const anyRegion =
      Math.log(priors.onsetSteps[onset]!) + Math.log(priors.ramp[rampOfCell(cell, ramps)]! / DROP_TOTAL);
    const elsewhere = other?.regions(onset);
    const witnessed = witnesses?.regions(onset);
    const to = k * DROPS.length;
    let best = Number.NEGATIVE_INFINITY;
    tables.begin(cell);
    for (let n = 0; n < active.length; n++) {
      const mine = terms[n]!;
      const region = active[n]!;
      const prior = anyRegion + Math.log(priors.region[region]!);
      tables.region(region, mine, to);
      for (let d = 0; d < DROPS.length; d++) {
        const added = elsewhere ? elsewhere[region * DROPS.length + d]! : 0;
        const figures = mine[to + d]! + prior + LOG_DROP_PRIOR[d]! + added;
        const log = witnessed ? figures + witnessed[region * DROPS.length + d]! : figures;
        mine[to + d] = log;
        if (bare) bare[n]![to + d] = figures;
        if (log > best) best = log;
      }
    }
    return best;
  });
  const cells = shortlist.regional.slice(0, done);
  return active
    .map(
      (index, n) =>
        new SummedRegion(
          model.regions[index]!.region,
          index,
          terms[n]!.subarray(0, done * DROPS.length),
          bare === null ? null : bare[n]!.subarray(0, done * DROPS.length),
          cells,
        ),
    )
    .sort((x, y) => y.score - x.score || x.index - y.index);
}

function predict(model: ScoreModel, subject: string, size: number): Float64Array {
  const fall = new Float64Array(model.rows.length);
  const part = model.regions.find(({ region }) => region === subject);
  part?.rows.forEach((row, k) => {
    fall[row] = (part.weight[k] ?? 0) * size;
  });
  return fall;
}

export const regionFall: Hypothesis<RegionExplanation> = {
  name: "region",
  asked: "every-step",
  sizes: DROPS,
  // The unit of the rivals' priors: one regional fall per onset.
  prior: () => 1,
  evaluate,
  predict,
};

/** Least prior of a region, as a part of an equal share. */
const LEAST_REGION_PRIOR = 0.2;

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
  const held = roots.map((root) => Math.max(LEAST_REGION_PRIOR * mean, root));
  const total = held.reduce((a, b) => a + b, 0);
  return Float64Array.from(held, (root) => root / total);
}
