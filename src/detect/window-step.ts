/** Learns the rows' averaging windows, a few rows a tick, and gives a row whose figures show another window the filter of that one. */

import { HOUR_SECONDS } from "../model/time-units.ts";
import { learnWindow, WINDOW_SUMS, windowShown } from "./filter/window-learning.ts";
import { float32At, itemAt } from "./model/elements.ts";
import type { Compiled } from "./network-model.ts";
import { historyShape } from "./state/history.ts";
import { type DetectorState, knownRegionFalls } from "./state/state.ts";
import { refilterRow } from "./statistics/accumulate.ts";

/** How often a row's newest figures are learned from; rows take turns. */
const LEARN_SECONDS = 6 * HOUR_SECONDS;

/** A row's history, oldest first, H/s; NaN where missing. */
function pastOf(state: DetectorState, bins: number, row: number): Float64Array {
  const figures = new Float64Array(bins);
  const rows = state.rows.length;
  for (let k = 0; k < bins; k++) {
    figures[k] = float32At(state.history, ((state.historyHead + 1 + k) % bins) * rows + row);
  }
  return figures;
}

/** Whether a fall is being looked at: sums of one event must come from one filter. */
function isBusy(state: DetectorState): boolean {
  return state.networkFalls.length > 0 || knownRegionFalls(state).some((fall) => !fall.settled);
}

/** The window that is in use, in steps of the history. */
function stepsInUse(compiled: Compiled, state: DetectorState, row: number, stepSeconds: number): number {
  const { pool, region } = itemAt(state.rows, row);
  const configured = region === null ? compiled.pools.find(({ id }) => id === pool)?.windowSeconds : undefined;
  const seconds = itemAt(state.windows, row) || configured;
  return seconds === undefined ? 0 : Math.max(1, Math.round(seconds / stepSeconds));
}

/** One tick, after the history has taken it. In place. */
export function learnWindows(compiled: Compiled, state: DetectorState): void {
  const { bins, binMs } = historyShape(compiled.model.intervalSeconds);
  if (state.historyAt !== state.at) return;
  const stepSeconds = binMs / 1000;
  const turns = Math.max(1, Math.round(LEARN_SECONDS / stepSeconds));
  const turn = Math.round(state.at / binMs) % turns;
  for (let row = turn; row < state.rows.length; row += turns) {
    const figures = pastOf(state, bins, row);
    learnWindow(state.windowSums, row * WINDOW_SUMS, figures, turns, stepSeconds);
    const shown = windowShown(state.windowSums, row * WINDOW_SUMS);
    if (shown === 0 || shown === stepsInUse(compiled, state, row, stepSeconds) || isBusy(state)) continue;
    state.windows[row] = shown * stepSeconds;
    const bank = itemAt(compiled.fast.banks([state.windows[row]]), 0);
    // A history that is coarser than the steps has no past for the filter: it begins at the newest level.
    const past = stepSeconds === compiled.model.intervalSeconds ? figures : figures.subarray(-1);
    refilterRow(state.fast, compiled.fast.spec, bank, row, past);
  }
}
