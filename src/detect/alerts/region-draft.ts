/** Builds a regional alert from an evaluation, publishes it, and removes it from the open alerts. */

import { OTHER_REGION } from "../../model/region.ts";
import { DAY_MS, MINUTE_MS } from "../../model/time-units.ts";
import type { FallEnd } from "../blocks/contract.ts";
import { candidatesOf, isOpposed } from "../decide/candidates.ts";
import { type Fit, fitRegion, onsetOf, progressOf, weighOnsets } from "../estimate/region-fit.ts";
import { figuresBundle } from "../evidence/bundle.ts";
import type { Posterior } from "../hypotheses/posterior.ts";
import type { RegionPosterior } from "../hypotheses/region.ts";
import { Z_90 } from "../model/normal.ts";
import { REST } from "../model/score-model.ts";
import type { Evaluation } from "../search/evaluate.ts";
import { emptyAlert, type RegionAlert } from "../state/alert-state.ts";
import { historyShape, type LevelRing, medianBetween, networkLevel } from "../state/history.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { cellOffset } from "../statistics/onset-grid.ts";
import { emit, nextId, rounded } from "./events.ts";
import { BASE_MS, MOST_EVIDENCE } from "./lifecycle.ts";
import { severityOf } from "./severity.ts";

/** Rows with less evidence than this, nats, are left out of an event's list. */
const LISTED_SCORE = 0.05;

/** Level of every row before an onset, H/s. */
function levelsBefore(context: TickContext, view: ScaleView, onset: number): number[] {
  const { state, compiled } = context;
  const rows = state.rows.length;
  const isFast = view.name === "fast";
  const ring: LevelRing = isFast
    ? {
        ...historyShape(compiled.model.intervalSeconds),
        ...{ levels: state.history, head: state.historyHead, at: state.historyAt, rows },
      }
    : {
        ...{ binMs: view.scale.spec.stepSeconds * 1000, bins: state.slowHistory.length / rows },
        ...{ levels: state.slowHistory, head: state.slowHead, at: state.slowAt, rows },
      };
  const span = { from: onset - (isFast ? BASE_MS : DAY_MS), to: onset };
  return state.rows.map((_, row) => {
    const level = medianBetween(ring, row, span);
    return level > 0 ? level : view.state.reference[row]!;
  });
}

/**
 * Relative standard deviation added to `lost`, which the posterior does not contain: levels wander after the reference before
 * the fall, and real falls are not exactly ramps.
 */
const SHAPE_SD = 0.1;

/** Sizes of a fit: what is lost and of what, per row and in all. `fitSd`: standard deviation of the fit itself, H/s. */
export function takeFit(
  context: TickContext,
  alert: RegionAlert,
  fit: Fit,
  reference: Float64Array,
  fitSd = fit.lostSd,
): void {
  const { layout, state } = context;
  alert.fallHashrate = [...fit.fall].map((fall, row) => fall * reference[row]!);
  const network = networkLevel(layout.rows, alert.base);
  const lostSd = Math.hypot(fitSd, SHAPE_SD * fit.lost);
  alert.lost = {
    estimate: fit.lost,
    low: Math.max(0, fit.lost - Z_90 * lostSd),
    high: fit.lost + Z_90 * lostSd,
    networkShare: network > 0 ? Math.min(1, fit.lost / network) : 0,
  };
  alert.drop = fit.drop;
  alert.evidence = layout.rows
    .map((row, k) => ({
      pool: row.pool,
      ...(row.region === null ? {} : { region: row.region === REST ? "rest" : row.region }),
      expected: rounded(alert.base[k]!),
      observed: rounded(state.recent[k]! || alert.base[k]!),
      score: rounded(fit.support[k]!, 3),
    }))
    .filter((entry) => Math.abs(entry.score) >= LISTED_SCORE)
    .sort((x, y) => y.score - x.score || (x.pool < y.pool ? -1 : 1))
    .slice(0, MOST_EVIDENCE);
}

/** Writes a region's fit into an alert. */
export function applyFit(
  context: TickContext,
  view: ScaleView,
  alert: RegionAlert,
  evaluated: Evaluation,
  judged: RegionPosterior,
): void {
  const { layout } = context;
  const { state } = view;
  const found = weighOnsets(layout.score, evaluated.statistics, judged);
  context.evidence.set(alert.id, (event) => figuresBundle(alert, event, view, layout.score, evaluated));
  const { spec } = view.scale;
  const progress = progressOf(state, spec);
  const fit = fitRegion(layout.score, evaluated.statistics, found, state.reference, spec, progress);
  const onset = onsetOf(found, state.slotAt, evaluated.statistics.ramps, view.scale.spec.stepSeconds * 1000);
  // The first minutes know the onset best. Later a slow ramp with an earlier onset fits the wandering just as well.
  const leading = layout.score.regions[found.index]!.region;
  if (alert.revision === 0 || view.name === "slow" || leading !== alert.leading) {
    alert.startedAt = Math.round(onset.estimate / MINUTE_MS) * MINUTE_MS;
    alert.startedAtLow = Math.round(onset.low / MINUTE_MS) * MINUTE_MS;
    alert.startedAtHigh = Math.round(Math.min(onset.high, context.at) / MINUTE_MS) * MINUTE_MS;
    delete alert.levels;
  }
  alert.leading = leading;
  alert.onset = state.slotAt[fit.onset]!;
  alert.ramp = fit.ramp;
  alert.fall = [...fit.fall];
  const [first, end] = [cellOffset(fit.cell, layout.rows.length), cellOffset(fit.cell + 1, layout.rows.length)];
  const { a, b } = evaluated.statistics;
  alert.seen = { a: [...a.slice(first, end)], b: [...b.slice(first, end)], reference: [...state.reference] };
  alert.opposed = isOpposed(layout.score.regions[found.index]!, fit.support, state.reference, layout.score.counted);
  // Once levels show the fall they know its size better than innovations do. Which region fell, and when, stays with the
  // innovations.
  if (alert.levels) return;
  alert.base = levelsBefore(context, view, alert.onset - view.scale.spec.stepSeconds * 1000);
  takeFit(context, alert, fit, state.reference);
}

/** The leading region if it is likely enough to be named; else null. */
export function nameOf(
  { compiled }: Pick<TickContext, "compiled">,
  candidates: readonly { region: string; probability: number }[],
): string | null {
  const best = candidates[0];
  const isLikely = best !== undefined && best.probability >= compiled.settings.nameProbability;
  return isLikely && best.region !== OTHER_REGION ? best.region : null;
}

/** The alert that an evaluation would open. */
export function draft(
  context: TickContext,
  view: ScaleView,
  evaluated: Evaluation,
  found: Posterior,
  index = 0,
): RegionAlert {
  const alert = emptyAlert(nextId(context, "region"), context.at, view.name);
  const { severity } = context.compiled.model.detection;
  applyFit(context, view, alert, evaluated, found.regions[index]!);
  alert.candidates = candidatesOf(
    found,
    context.layout.score.regions.map((entry) => entry.region),
  );
  alert.region = alert.opposed ? null : nameOf(context, alert.candidates);
  alert.logOdds = found.total - found.rivals;
  const probability = alert.candidates.reduce((sum, entry) => sum + entry.probability, 0);
  alert.severity = severityOf(severity, alert.lost.networkShare, probability);
  return alert;
}

/** Adds the alert to the open ones and emits its opening. */
export function publish(context: TickContext, alert: RegionAlert): RegionAlert {
  context.state.alerts.push(alert);
  holdBlocks(context, alert);
  emit(context, alert, "opened");
  return alert;
}

/** Lowers the block counts that are expected by an alert's fall, so that the baseline does not learn the fall. */
export function holdBlocks(context: TickContext, alert: RegionAlert): void {
  const { state, compiled } = context;
  // For a region without weights nobody knows which blocks are missing.
  if (!state.blocks || alert.leading === OTHER_REGION) return;
  compiled.blocks?.hold(state.blocks, { region: alert.leading, drop: alert.drop.estimate, since: alert.onset });
}

/** Removes an alert from the open ones. The same region opens again only for an onset that is later. */
export function close(context: TickContext, alert: RegionAlert, how: FallEnd["kind"]): void {
  const { state } = context;
  state.alerts = state.alerts.filter((entry) => entry !== alert);
  state.closedAt[alert.leading] = context.at;
  if (!state.blocks) return;
  const end: FallEnd = how === "recovered" ? { kind: how, endedAt: context.at } : { kind: how };
  context.compiled.blocks?.end(state.blocks, alert.leading, end);
}
