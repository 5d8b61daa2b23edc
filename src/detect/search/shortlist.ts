/**
 * Chooses what is summed in full: which regions, at which cells, best first. The matched filter overrates what a single row shows.
 * So the cells that it ranks first are ordered by the quick fit, in which every row is bounded as in the score. A network-wide fall
 * has cells of its own.
 */

import type { Shortlist } from "../hypotheses/hypothesis.ts";
import type { RowPrior } from "../hypotheses/likelihood.ts";
import { ownFallFit, ownRows, regionalFit, wideFit } from "../hypotheses/quick-fit.ts";
import { floatAt, itemAt } from "../model/elements.ts";
import { DROPS, WIDE } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { cellOffset, onsetOfCell, rampOfCell } from "../statistics/onset-grid.ts";
import type { SufficientStatistics } from "../statistics/scale-state.ts";
import type { Screen } from "./screen.ts";

/** How much is summed: everything that matters, or only the best few cells. */
export type Effort = "full" | "preview";

/**
 * Cells further below the best one than this, in T, do not matter to a sum of likelihoods. T clips each row and so overrates what
 * is spread over many rows: the stronger the signal, the deeper the cells that can matter.
 */
const CELL_DEPTH = 2;
const CELL_DEPTH_PART = 0.4;
const REGION_DEPTH = 3;
const MOST_SUMMED = { regions: 24, regional: 14, networkWide: 14 } as const;
const PREVIEW_CELLS = 3;
/** Cells that are compared for each one that is summed. */
const PASSED_PER_SUMMED = 4;
/** Most row ratios in one sum, so that no tick takes long with hundreds of rows. */
const RATIOS_MOST = 600_000;
const MANY_ROWS = 64;
const REGION_MOST_MANY = 10;
/** Above this T every region is scored, as far as the limit allows. */
const STRONG = 5;

function cellDepth(peak: number): number {
  return Math.max(CELL_DEPTH, CELL_DEPTH_PART * peak);
}

/** T under which a screen may leave cells out without changing the shortlist, if its peak is at least `peak`. */
export function screenBar(peak: number): number {
  return peak - Math.max(REGION_DEPTH, cellDepth(peak));
}

function chooseRegions(found: Screen, rows: number): number[] {
  const depth = found.peak > STRONG ? Number.POSITIVE_INFINITY : REGION_DEPTH;
  return [...found.best.keys()]
    .filter((r) => floatAt(found.best, r) > found.peak - depth)
    .sort((x, y) => floatAt(found.best, y) - floatAt(found.best, x) || x - y)
    .slice(0, rows > MANY_ROWS ? REGION_MOST_MANY : MOST_SUMMED.regions)
    .sort((x, y) => x - y);
}

/** The best cells by T, at most `most`, none further below the best than the depth. */
function passingCells(t: Float64Array, most: number): number[] {
  const peak = t.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY);
  const least = peak - cellDepth(peak);
  const order = [...t.keys()].filter((k) => floatAt(t, k) > least);
  order.sort((x, y) => floatAt(t, y) - floatAt(t, x) || x - y);
  return order.slice(0, most);
}

/** The best `most` cells by a second criterion. */
function bestOf(cells: readonly number[], most: number, fitOf: (cell: number) => number): number[] {
  const found = cells.map((cell) => ({ cell, score: fitOf(cell) }));
  found.sort((x, y) => y.score - x.score || x.cell - y.cell);
  return found.slice(0, most).map((entry) => entry.cell);
}

/** Onsets and ramps that regions' own figures show best, at most so many. */
const MOST_SHOWN = 3;

/** Cells at which a fall of each regional row, between none and all of it, fits best; none without such rows. */
function shownCells(model: ScoreModel, statistics: SufficientStatistics, passed: Float64Array): number[] {
  const own = ownRows(model);
  if (own.length === 0) return [];
  const fit = (cell: number): number => own.reduce((sum, row) => sum + ownFallFit(model, statistics, cell, row), 0);
  const looked = [...passed.keys()].filter((cell) => floatAt(passed, cell) > Number.NEGATIVE_INFINITY);
  return bestOf(looked, MOST_SHOWN, fit);
}

export interface ShortlistInput {
  readonly model: ScoreModel;
  readonly statistics: SufficientStatistics;
  readonly screened: Screen;
  /** Of each ramp. */
  readonly rampPrior: readonly number[];
  /** Steps that each onset stands for. */
  readonly onsetSteps: Float64Array;
  readonly prior: RowPrior;
}

/** The regions, onsets and ramps that are worth the whole sum. */
export function chooseShortlist(input: ShortlistInput, effort: Effort): Shortlist {
  const { model, statistics, screened: found, rampPrior, onsetSteps, prior } = input;
  const rows = model.rows.length;
  const regions = chooseRegions(found, rows);
  const affordable = Math.floor(RATIOS_MOST / (rows * (regions.length * DROPS.length + WIDE.length)));
  const most = (usual: number): number =>
    effort === "full" ? Math.max(PREVIEW_CELLS, Math.min(usual, affordable)) : PREVIEW_CELLS;
  const chance = (cell: number): number =>
    Math.log(
      floatAt(onsetSteps, onsetOfCell(cell, statistics.ramps)) * itemAt(rampPrior, rampOfCell(cell, statistics.ramps)),
    );
  const bestFitting = bestOf(
    passingCells(found.cells, PASSED_PER_SUMMED * most(MOST_SUMMED.regional)),
    most(MOST_SUMMED.regional),
    (cell) => chance(cell) + regionalFit(model, statistics, regions, cellOffset(cell, rows), prior),
  );
  // Bounded rows are alike at every onset. The onsets that regions' own figures show are summed whatever the others say.
  const shown = effort === "full" ? shownCells(model, statistics, found.cells) : [];
  const regional = [...new Set([...shown, ...bestFitting])].slice(0, Math.max(shown.length, bestFitting.length));
  const networkWide = bestOf(
    passingCells(found.networkWide, PASSED_PER_SUMMED * most(MOST_SUMMED.networkWide)),
    most(MOST_SUMMED.networkWide),
    (cell) => chance(cell) + wideFit(model, statistics, cellOffset(cell, rows), prior),
  );
  return { regions, regional, networkWide };
}
