/** Levels: of the last quarter of an hour, of every history bin, and the medians of a day that the slow scale looks at. */
import { float32At, floatAt, itemAt } from "./model/elements.ts";
import { SLOW_STEP_SECONDS, SLOW_WINDOW_SECONDS } from "./model/time-scales.ts";
import { daysShape, historyShape, keepDays, medianOf } from "./state/history.ts";
import { SLOW_BINS } from "./state/initial.ts";
import { knownRegionFalls, regionAlerts } from "./state/state.ts";
import type { TickContext } from "./state/tick-context.ts";
import { advanceScale, restartScale } from "./statistics/accumulate.ts";

/** Time constant of the level of "now". */
const RECENT_SECONDS = 900;
/** Steps of the slow scale before a row is evidence there: two days, after the day that the first median needs. */
export const SLOW_WARM_STEPS = 8;

/**
 * Whether an open alert of the fast scale speaks of a row. Its levels are then left out of the history: figures with the
 * fitted fall put back are off by the error of the fit, and its end would look like a fall of just that region.
 */
function isHeld(context: TickContext, row: number): boolean {
  return regionAlerts(context.state).some((alert) => alert.scale === "fast" && (alert.fallHashrate[row] ?? 0) > 0);
}

/** Onset of the fall that was found last on a scale and is still being fitted: there onsets stay dense. */
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
  for (let row = 0; row < rows; row++) {
    const fresh = at - floatAt(state.recentAt, row) < shape.binMs;
    const figure = floatAt(figures, row) > 0 ? floatAt(figures, row) : floatAt(state.recent, row);
    state.history[state.historyHead * rows + row] = fresh && !isHeld(context, row) ? figure : Number.NaN;
  }
}

/** Median of the newest `seconds` of a row; NaN when a quarter of them is not there. */
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

/** Six-hourly step of the slow scale; false between them. */
export function advanceSlow(context: TickContext): boolean {
  const { state, compiled, layout, at } = context;
  if (at % (SLOW_STEP_SECONDS * 1000) !== 0) return false;
  const rows = state.rows.length;
  state.slowHead = (state.slowHead + 1) % SLOW_BINS;
  state.slowAt = at;
  const figures = new Float64Array(rows).fill(Number.NaN);
  for (let row = 0; row < rows; row++) {
    state.slowHistory[state.slowHead * rows + row] = medianOfLast(context, row, SLOW_STEP_SECONDS);
    // The median of a whole day: no outage, dip or curtailment of less than half a day moves it.
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
