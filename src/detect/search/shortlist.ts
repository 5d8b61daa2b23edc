/**
 * What is summed in full: which regions, and at which onsets and ramps, best first. The matched filter flatters what one row
 * alone shows, so those that it puts first are ordered by how well a fall of the size that they show fits all rows, with
 * every row's say bounded as in the score. A fall of everything has onsets and ramps of its own.
 */

import type { Look } from "../hypotheses/hypothesis.ts";
import type { RowPrior } from "../hypotheses/likelihood.ts";
import { regionalFit, wideFit } from "../hypotheses/quick-fit.ts";
import { DROPS, WIDE } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { Sums } from "../statistics/scale-state.ts";
import type { Screen } from "./screen.ts";

/** How thoroughly to look: at everything that matters, or at the best few. */
export type Effort = "full" | "glance";

/**
 * Onsets and ramps this far (in T) under the best one cannot matter to a sum of likelihoods. T bounds each row and so
 * flatters what is spread over many: the stronger the signal, the deeper one must look.
 */
const COMBO_DEPTH = 2;
const COMBO_DEPTH_PART = 0.4;
const REGION_DEPTH = 3;
const MOST = { regions: 24, regional: 14, wide: 14 } as const;
const GLANCE = 3;
/** Looked at for each one that is summed. */
const SHORTLIST = 4;
/** With hundreds of rows less is summed, so that no tick takes long: this many row ratios at most. */
const RATIOS_MOST = 600_000;
const MANY_ROWS = 64;
const REGION_MOST_MANY = 10;
/** Above this peak every region is scored, as far as there is room. */
const STRONG = 5;

function comboDepth(peak: number): number {
  return Math.max(COMBO_DEPTH, COMBO_DEPTH_PART * peak);
}

/** A screen that leaves out what is under this changes nothing here, if its peak is at least `peak`. */
export function screenBar(peak: number): number {
  return peak - Math.max(REGION_DEPTH, comboDepth(peak));
}

function chooseRegions(found: Screen, rows: number): number[] {
  const depth = found.peak > STRONG ? Number.POSITIVE_INFINITY : REGION_DEPTH;
  return [...found.best.keys()]
    .filter((r) => found.best[r]! > found.peak - depth)
    .sort((x, y) => found.best[y]! - found.best[x]! || x - y)
    .slice(0, rows > MANY_ROWS ? REGION_MOST_MANY : MOST.regions)
    .sort((x, y) => x - y);
}

/** The best by a first look, at most `most`, none further than the depth under the best. */
function shortlist(t: Float64Array, most: number): number[] {
  const peak = t.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY);
  const least = peak - comboDepth(peak);
  const order = [...t.keys()].filter((k) => t[k]! > least);
  order.sort((x, y) => t[y]! - t[x]! || x - y);
  return order.slice(0, most);
}

/** The best `most` by a second look. */
function bestOf(combos: readonly number[], most: number, look: (combo: number) => number): number[] {
  const found = combos.map((combo) => ({ combo, score: look(combo) }));
  found.sort((x, y) => y.score - x.score || x.combo - y.combo);
  return found.slice(0, most).map((entry) => entry.combo);
}

/**
 * @param rampPrior of each ramp
 * @param slotWeight steps that each slot stands for
 */
export function chooseLook(
  model: ScoreModel,
  sums: Sums,
  found: Screen,
  rampPrior: readonly number[],
  slotWeight: Float64Array,
  prior: RowPrior,
  effort: Effort,
): Look {
  const rows = model.rows.length;
  const regions = chooseRegions(found, rows);
  const affordable = Math.floor(RATIOS_MOST / (rows * (regions.length * DROPS.length + WIDE.length)));
  const most = (usual: number): number => (effort === "full" ? Math.max(GLANCE, Math.min(usual, affordable)) : GLANCE);
  const chance = (combo: number): number =>
    Math.log(slotWeight[Math.floor(combo / sums.ramps)]! * rampPrior[combo % sums.ramps]!);
  const regional = bestOf(
    shortlist(found.combos, SHORTLIST * most(MOST.regional)),
    most(MOST.regional),
    (combo) => chance(combo) + regionalFit(model, sums, regions, combo * rows, prior),
  );
  const wide = bestOf(
    shortlist(found.wide, SHORTLIST * most(MOST.wide)),
    most(MOST.wide),
    (combo) => chance(combo) + wideFit(model, sums, combo * rows, prior),
  );
  return { regions, regional, wide };
}
