/** Levels: of the last quarter of an hour, of every history bin, and the daily medians that the slow scale uses. */
import { float32At, floatAt, itemAt } from "./model/elements.ts";
import { SLOW_STEP_SECONDS, SLOW_WINDOW_SECONDS } from "./model/time-scales.ts";
import { daysShape, historyShape, keepDays, medianOf } from "./state/history.ts";
import { SLOW_BINS } from "./state/initial.ts";
import { knownRegionFalls, regionAlerts } from "./state/state.ts";
import type { TickContext } from "./state/tick-context.ts";
import { advanceScale, restartScale } from "./statistics/accumulate.ts";

/** Time constant of the present level, ms. */
const RECENT_SECONDS = 900;
/** Steps of the slow scale before a row counts there: two days, after the day that the first median needs. */
export const SLOW_WARM_STEPS = 8;

/**
 * Whether an open alert of the fast scale includes a row. The row's levels are then left out of the history. Adding the fitted
 * fall back instead would leave the error of the fit, and the alert's end would look like a fall of that region.
 */
function heldBy({ state }: TickContext): (row: number) => boolean {
  const open = regionAlerts(state).filter((alert) => alert.scale === "fast");
  return (row) => open.some((alert) => (alert.fallHashrate[row] ?? 0) > 0);
}

/** Onset of the newest fall that is still being fitted on a scale. Onsets near it are kept at full density. */
export function youngestOnset(context: TickContext, scale: "fast" | "slow"): number {
  let newest = Number.NEGATIVE_INFINITY;
  for (const alert of knownRegionFalls(context.state)) {
    if (alert.scale === scale && !alert.settled && alert.onset > newest) newest = alert.onset;
  }
  return newest;
}

export function keepHistory(context: TickContext, figures: Float64Array): void {
  const { state, compiled, at } = context;
  const rows = state.rows.length;
  const pull = Math.min(1, compiled.model.intervalSeconds / RECENT_SECONDS);
  for (let row = 0; row < rows; row++) {
    const figure = floatAt(figures, row);
    if (!(figure > 0)) continue;
    const stale = at - floatAt(state.recentAt, row) > 4 * RECENT_SECONDS * 1000;
    state.recent[row] = stale ? figure : floatAt(state.recent, row) + pull * (figure - floatAt(state.recent, row));
    state.recentAt[row] = at;
  }
  keepDays(state, at, daysShape(compiled.model.intervalSeconds));
  const shape = historyShape(compiled.model.intervalSeconds);
  if (at % shape.binMs !== 0) return;
  state.historyHead = (state.historyHead + 1) % shape.bins;
  state.historyAt = at;
  const isHeld = heldBy(context);
  for (let row = 0; row < rows; row++) {
    const fresh = at - floatAt(state.recentAt, row) < shape.binMs;
    const figure = floatAt(figures, row) > 0 ? floatAt(figures, row) : floatAt(state.recent, row);
    state.history[state.historyHead * rows + row] = fresh && !isHeld(row) ? figure : Number.NaN;
  }
}

/** Median of the newest `seconds` of a row; NaN when fewer than a quarter of the figures exist. */
function medianOfLast(context: TickContext, row: number, seconds: number): number {
  const { state, compiled } = context;
  const shape = historyShape(compiled.model.intervalSeconds);
  const take = Math.min(shape.bins, Math.max(1, Math.round((seconds * 1000) / shape.binMs)));
  const values: number[] = [];
  for (let back = 0; back < take; back++) {
    const at = ((state.historyHead - back + shape.bins) % shape.bins) * state.rows.length + row;
    if (float32At(state.history, at) > 0) values.push(float32At(state.history, at));
  }
  return values.length >= take / 4 ? medianOf(values) : Number.NaN;
}

/** Runs the six-hourly step of the slow scale. Returns false between steps. */
export function advanceSlow(context: TickContext): boolean {
  const { state, compiled, layout, at } = context;
  if (at % (SLOW_STEP_SECONDS * 1000) !== 0) return false;
  const rows = state.rows.length;
  state.slowHead = (state.slowHead + 1) % SLOW_BINS;
  state.slowAt = at;
  const figures = new Float64Array(rows).fill(Number.NaN);
  for (let row = 0; row < rows; row++) {
    state.slowHistory[state.slowHead * rows + row] = medianOfLast(context, row, SLOW_STEP_SECONDS);
    // The median of a whole day: an outage, dip or curtailment of less than half a day does not move it.
    const known = at - itemAt(state.gate, row).firstAt >= SLOW_WINDOW_SECONDS * 1000;
    figures[row] = known ? medianOfLast(context, row, SLOW_WINDOW_SECONDS) : Number.NaN;
  }
  if (state.slowRestartAt > 0 && at >= state.slowRestartAt) {
    state.slowRestartAt = 0;
    restartScale(state.slow, figures);
  }
  advanceScale(state.slow, compiled.slow.spec, layout.slowBanks, at, figures, {
    protect: youngestOnset(context, "slow"),
    ready: (row) => floatAt(state.slow.seen, row) >= SLOW_WARM_STEPS,
  });
  return true;
}
