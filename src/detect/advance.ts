/** One tick: gate, filters, scores, lifecycle, in this order. */
import type { RateSample, Sample } from "../model/sample.ts";
import { BUDGET_SHARE, logThreshold } from "./decide/threshold.ts";
import { SLOW_STEP_SECONDS } from "./filter/scales.ts";
import { intake } from "./intake.ts";
import type { TickContext } from "./lifecycle/context.ts";
import { advanceRegionAlert, judgeClean, openRegions, regionAlerts, type ScaleView } from "./lifecycle/region.ts";
import { isWarm } from "./quality/warm.ts";
import type { Judgement } from "./score/judge.ts";
import { advanceScale, restartScale } from "./score/scale.ts";
import { historyShape, medianOf } from "./state/history.ts";
import { SLOW_BINS } from "./state/initial.ts";

/** Time constant of the level of "now". */
const RECENT_SECONDS = 900;
/** Part of the rows that must be warm before a network is judged. */
const WARM_PART = 0.5;
/** After a fast alert the means of a day still hold what it left: the slow scale is silent for so long. */
const SLOW_MASK_MS = 30 * 3_600_000;
/** Steps of the slow scale before it may speak: three days. */
const SLOW_WARM_STEPS = 12;

function fastView(context: TickContext): ScaleView {
  const { compiled, layout, state } = context;
  const { falseAlarmsPerMonth } = compiled.model.detection;
  const threshold = logThreshold(falseAlarmsPerMonth, compiled.model.intervalSeconds, BUDGET_SHARE.fast);
  return { name: "fast", scale: compiled.fast, state: state.fast, banks: layout.fastBanks, threshold };
}

function slowView(context: TickContext): ScaleView {
  const { compiled, layout, state } = context;
  const { falseAlarmsPerMonth } = compiled.model.detection;
  const threshold = logThreshold(falseAlarmsPerMonth, SLOW_STEP_SECONDS, BUDGET_SHARE.slow);
  return { name: "slow", scale: compiled.slow, state: state.slow, banks: layout.slowBanks, threshold };
}

/** What open alerts of the fast scale take away from a row now, H/s. */
function takenAway(context: TickContext, row: number): number {
  let sum = 0;
  for (const alert of regionAlerts(context.state)) {
    if (alert.scale === "fast") sum += (alert.fallHashrate[row] ?? 0) * Math.min(1.2, Math.max(0, alert.remaining));
  }
  return sum;
}

/** Onset of the alert that was opened last on a scale: there onsets stay dense. */
function youngest(context: TickContext, scale: "fast" | "slow"): number {
  return regionAlerts(context.state)
    .filter((alert) => alert.scale === scale && !alert.settled)
    .reduce((newest, alert) => Math.max(newest, alert.onset), Number.NEGATIVE_INFINITY);
}

function keepHistory(context: TickContext, figures: Float64Array): void {
  const { state, compiled, at } = context;
  const rows = state.rows.length;
  const pull = Math.min(1, compiled.model.intervalSeconds / RECENT_SECONDS);
  for (let row = 0; row < rows; row++) {
    const figure = figures[row]!;
    if (!(figure > 0)) continue;
    const stale = at - state.recentAt[row]! > 4 * RECENT_SECONDS * 1000;
    state.recent[row] = stale ? figure : state.recent[row]! + pull * (figure - state.recent[row]!);
    state.recentAt[row] = at;
  }
  const shape = historyShape(compiled.model.intervalSeconds);
  if (at % shape.binMs !== 0) return;
  state.historyHead = (state.historyHead + 1) % shape.bins;
  state.historyAt = at;
  for (let row = 0; row < rows; row++) {
    const fresh = at - state.recentAt[row]! < shape.binMs;
    const figure = figures[row]! > 0 ? figures[row]! : state.recent[row]!;
    state.history[state.historyHead * rows + row] = fresh ? figure + takenAway(context, row) : Number.NaN;
  }
}

/** Six-hourly medians and their mean over a day, as the slow scale sees it. */
function advanceSlow(context: TickContext): boolean {
  const { state, compiled, layout, at } = context;
  const stepMs = SLOW_STEP_SECONDS * 1000;
  if (at % stepMs !== 0) return false;
  const rows = state.rows.length;
  const shape = historyShape(compiled.model.intervalSeconds);
  state.slowHead = (state.slowHead + 1) % SLOW_BINS;
  state.slowAt = at;
  const figures = new Float64Array(rows).fill(Number.NaN);
  const take = Math.max(1, Math.round(stepMs / shape.binMs));
  for (let row = 0; row < rows; row++) {
    const values: number[] = [];
    for (let back = 0; back < Math.min(take, shape.bins); back++) {
      const value = state.history[((state.historyHead - back + shape.bins) % shape.bins) * rows + row]!;
      if (value > 0) values.push(value);
    }
    const enough = values.length >= take / 4;
    state.slowHistory[state.slowHead * rows + row] = enough ? medianOf(values) : Number.NaN;
    let sum = 0;
    let count = 0;
    for (let back = 0; back < 4; back++) {
      const value = state.slowHistory[((state.slowHead - back + SLOW_BINS) % SLOW_BINS) * rows + row]!;
      if (!(value > 0)) continue;
      sum += value;
      count += 1;
    }
    if (enough && count === 4) figures[row] = sum / count;
  }
  if (state.slowRestartAt > 0 && at >= state.slowRestartAt) {
    state.slowRestartAt = 0;
    restartScale(state.slow, figures);
  }
  advanceScale(state.slow, compiled.slow.spec, layout.slowBanks, at, figures, youngest(context, "slow"));
  return true;
}

function keepScores(context: TickContext, judged: Judgement): void {
  const { layout, state } = context;
  const { posterior, screen } = judged;
  state.scores = Object.fromEntries(
    layout.score.regions.map(({ region }, index) => {
      const exact = posterior?.regions.find((entry) => entry.index === index);
      const t = screen.best[index]!;
      // Not scored in full: what its matched filter could reach at most, with the prior of one region among all.
      const bound = Math.max(0, t) ** 2 / 2 - Math.log(layout.score.regions.length) - 4;
      return [region, Number((exact ? exact.score - posterior!.rivals : Number.isFinite(t) ? bound : -9).toFixed(3))];
    }),
  );
}

export function advanceTick(
  context: TickContext,
  _rows: readonly Sample[],
  found: ReadonlyMap<string, RateSample>,
  rejected: Record<string, number>,
): void {
  const { state, compiled, layout, at } = context;
  const taken = intake(compiled, state, at, found, rejected);
  if (state.firstAt === 0 && taken.spoke > 0) state.firstAt = at;
  state.at = at;
  advanceScale(state.fast, compiled.fast.spec, layout.fastBanks, at, taken.figures, youngest(context, "fast"));
  keepHistory(context, taken.figures);
  const slow = advanceSlow(context);
  const warm = state.gate.filter((gate) => isWarm(gate, at)).length;
  if (warm < Math.max(1, WARM_PART * state.rows.length) || taken.backfilled) return;
  const fast = fastView(context);
  for (const alert of regionAlerts(state)) {
    const view = alert.scale === "fast" ? fast : slowView(context);
    advanceRegionAlert(context, view, alert, alert.scale === "fast" || slow);
  }
  const judged = judgeClean(context, fast);
  keepScores(context, judged);
  openRegions(context, fast, judged);
  if (regionAlerts(state).some((alert) => alert.scale === "fast")) state.fastOpenAt = at;
  const masked = state.slowRestartAt > 0 || (state.fastOpenAt > 0 && at - state.fastOpenAt < SLOW_MASK_MS);
  if (slow && !masked && state.slow.seen.some((seen) => seen >= SLOW_WARM_STEPS)) {
    const view = slowView(context);
    openRegions(context, view, judgeClean(context, view));
  }
}
