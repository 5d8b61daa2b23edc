/** The life of a regional alert: fitted while young, then followed until the fall is over or is accepted as the new normal. */

import { HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import { candidatesOf } from "../decide/candidates.ts";
import { remainingNow } from "../estimate/present-levels.ts";
import { evaluateScale } from "../search/evaluate.ts";
import { emptyAlert, type RegionAlert } from "../state/alert-state.ts";
import { withEpisode } from "../state/episodes.ts";
import { regionAlerts } from "../state/state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { cellOf, cellOffset } from "../statistics/onset-grid.ts";
import { emit, emitResolved, nextId, rounded } from "./events.ts";
import { clearOfFalls, statisticsBeside } from "./known-falls.ts";
import {
  isRevisionDue,
  OVER_MS,
  OVER_PART,
  onsetReach,
  SLOW_RESTART_MS,
  WELL_DEVELOPED,
  YOUNG_MS,
} from "./lifecycle.ts";
import { applyFit, close, draft, holdBlocks, nameOf, publish } from "./region-draft.ts";
import { followLevels, type OtherRegion } from "./region-levels.ts";
import { isLasting, raisedSeverity, severityOf } from "./severity.ts";
import { witnessEvidenceOf } from "./witness-ratios.ts";

/** For this long after its opening an alert is compared with the finer model of a network-wide fall, ms. */
const CLOSE_MS = HOUR_MS / 2;
/** Log odds above the margin that another region needs to replace one that was named. */
const RENAME = 2;
/** A fall whose loss grew by this factor is still deepening. */
const DEEPER = 1.12;

/**
 * Changes that make an update due: of `lost`, relative; of `drop`, absolute; of the onset, ms.
 * With 0.12 and 0.08 the last published drop was off by .08 in the median of three simulated blackouts, with these by .02.
 */
const LOST_CHANGE = 0.06;
const DROP_CHANGE = 0.04;
const ONSET_CHANGE_MS = HOUR_MS / 2;
/** Least time between two updates, ms, unless the alert is named or its severity rises. */
const REVISION_REST_MS = HOUR_MS / 2;
/** A slow alert stays young this many times as long as a fast one: a week. */
const SLOW_AGES = 28;
/** Time constant with which an alert follows how much of its fall remains. */
const REMAINING_MEMORY_MS = 10 * MINUTE_MS;
/** Least peak that a return is measured against, as a part of the fit. */
const LEAST_PEAK = 0.6;

/** Whether an alert has moved far enough from its published figures for an update. */
function material(alert: RegionAlert): boolean {
  const change = Math.abs(alert.lost.estimate - alert.published.lost);
  return (
    change > LOST_CHANGE * Math.max(alert.published.lost, alert.lost.estimate) ||
    Math.abs(alert.drop.estimate - alert.published.drop) > DROP_CHANGE ||
    Math.abs(alert.startedAt - alert.published.startedAt) > ONSET_CHANGE_MS
  );
}

/** Fits a young alert again. May name, rename or retract it. Returns false when it was closed. */
function revise(context: TickContext, view: ScaleView, alert: RegionAlert): boolean {
  const { state, layout } = context;
  const reach = onsetReach(view.name, view.scale.spec.stepSeconds * 1000);
  // An alert that stood before this one had its own onset: what is left of that is no question of this one's name.
  const before = regionAlerts(state).filter((one) => one !== alert && one.openedAt < alert.openedAt);
  const clear = Math.min(alert.onset, clearOfFalls(view, before));
  const span = { from: Math.max(alert.onset - reach, clear), to: alert.onset + reach };
  const statistics = statisticsBeside(context, view, { except: alert, from: span.from, dipsBefore: alert.onset });
  const evaluated = evaluateScale({
    scale: view.scale,
    state: view.state,
    model: layout.score,
    statistics,
    threshold: view.threshold,
    screening: Number.NEGATIVE_INFINITY,
    span,
    ...(view.name === "fast" && context.at - alert.openedAt <= CLOSE_MS ? { banks: view.banks } : {}),
    witnesses: witnessEvidenceOf(context, view.state),
  });
  const found = evaluated.posterior;
  if (!found || found.regions.length === 0) return true;
  const names = layout.score.regions.map((entry) => entry.region);
  const mine = found.regions.findIndex((entry) => names[entry.index] === alert.leading);
  const doubtful = found.total < Math.max(0, found.rivals - view.scale.spec.margin);
  const surer = view.scale.spec.margin + (alert.region === null ? 0 : RENAME);
  const stronger = mine < 0 || found.regions[0]!.score > found.regions[mine]!.score + surer;
  const other = mine !== 0 && stronger && found.total >= view.threshold;
  alert.doubt = doubtful || (other && alert.region !== null && !alert.renamed) ? alert.doubt + 1 : 0;
  if (alert.doubt >= 3) {
    close(context, alert, "retracted");
    if (doubtful) {
      emitResolved(context, alert, "retracted", context.at);
      return false;
    }
    const next = publish(context, { ...draft(context, view, evaluated, found), renamed: true });
    emitResolved(context, alert, "reattributed", context.at, next.id);
    return false;
  }
  if (other && alert.region !== null) return true;
  const best = alert.region === null ? 0 : Math.max(0, mine);
  const led = alert.leading;
  applyFit(context, view, alert, evaluated, found.regions[best]!);
  alert.candidates = candidatesOf(found, names);
  alert.logOdds = found.total - found.rivals;
  if (led !== alert.leading && state.blocks) {
    context.compiled.blocks?.end(state.blocks, led, { kind: "retracted" });
    holdBlocks(context, alert);
  }
  return true;
}

/** Follows how much of an alert's fall remains. Returns another region when levels are far surer of it. */
function follow(context: TickContext, view: ScaleView, alert: RegionAlert): OtherRegion | null {
  const { compiled, at } = context;
  const now = remainingNow(context, view, alert, WELL_DEVELOPED);
  let other: OtherRegion | null = null;
  if (now) {
    const pull = Math.min(1, compiled.intervalMs / REMAINING_MEMORY_MS);
    alert.remaining += pull * (Math.min(1.5, Math.max(-0.5, now.fraction)) - alert.remaining);
    alert.peak = Math.max(alert.peak * 0.999, Math.min(1.2, alert.remaining));
    other = followLevels(context, view, alert, now);
  }
  const { steady } = alert;
  if (!steady || alert.lost.estimate > DEEPER * steady.lost) alert.steady = { lost: alert.lost.estimate, since: at };
  const complete = alert.onset + view.scale.spec.rampSeconds[alert.ramp]! * 1000;
  if (complete > alert.steady!.since) alert.steady!.since = complete;
  return other;
}

/** Moves a fall to another region. A published name is retracted; an ambiguous alert simply gets its name. */
function moveTo(context: TickContext, alert: RegionAlert, other: OtherRegion): void {
  const { severity } = context.compiled.model.detection;
  const next: RegionAlert =
    alert.region === null
      ? alert
      : {
          ...emptyAlert(nextId(context, "region"), context.at, alert.scale),
          startedAt: alert.startedAt,
          startedAtLow: alert.startedAtLow,
          startedAtHigh: alert.startedAtHigh,
          onset: alert.onset,
          ramp: alert.ramp,
          fall: alert.fall,
          base: alert.base,
          settled: alert.settled,
          logOdds: alert.logOdds,
          renamed: true,
        };
  if (next !== alert) close(context, alert, "retracted");
  next.leading = other.region;
  next.candidates = other.candidates;
  next.region = nameOf(context, other.candidates);
  other.take(next);
  const probability = next.candidates.reduce((sum, entry) => sum + entry.probability, 0);
  next.severity = raisedSeverity(next.severity, severityOf(severity, next.lost.networkShare, probability), false);
  if (next === alert) {
    emit(context, alert, "updated");
    holdBlocks(context, alert);
    return;
  }
  publish(context, next);
  emitResolved(context, alert, "reattributed", context.at, next.id);
}

/** Accepts the fall as the new normal: the region's weights shrink by it, and the slow scale restarts at the new levels. */
function acceptRegime(context: TickContext, alert: RegionAlert): void {
  const { state } = context;
  state.slowRestartAt = context.at + SLOW_RESTART_MS;
  if (alert.region === null) return;
  const left = Math.max(0.02, 1 - alert.drop.estimate * Math.min(1, alert.remaining));
  state.regimes[alert.region] = rounded((state.regimes[alert.region] ?? 1) * left, 3);
  alert.regime = state.regimes[alert.region]!;
}

/** One tick of one open alert. */
export function advanceRegionAlert(
  context: TickContext,
  view: ScaleView,
  fast: ScaleView,
  alert: RegionAlert,
  stepped: boolean,
): void {
  const { state, compiled } = context;
  const { detection } = compiled.model;
  const young = YOUNG_MS * (view.name === "fast" ? 1 : SLOW_AGES);
  if (!alert.settled && context.at - alert.onset <= young) {
    const due = stepped && isRevisionDue(alert.openedAt, context.at, view.scale.spec.stepSeconds * 1000);
    if (due && !revise(context, view, alert)) return;
  } else {
    alert.settled = true;
  }
  const other = follow(context, view, alert);
  if (
    other &&
    !(alert.renamed && alert.region !== null) &&
    !regionAlerts(state).some((entry) => entry.leading === other.region)
  ) {
    moveTo(context, alert, other);
    return;
  }
  if (isOver(context, fast, alert)) {
    close(context, alert, "recovered");
    const { leading: region, startedAt } = alert;
    state.episodes = withEpisode(state.episodes, { region, startedAt, endedAt: context.at });
    if (view.name === "slow") state.slowRestartAt = context.at + SLOW_RESTART_MS;
    emitResolved(context, alert, "recovered", context.at - alert.ending * compiled.intervalMs);
    return;
  }
  // A fall that still deepens is no new normal yet.
  if (context.at - (alert.steady?.since ?? alert.openedAt) >= detection.newRegimeAfterSeconds * 1000) {
    close(context, alert, "new-regime");
    acceptRegime(context, alert);
    emitResolved(context, alert, "new-regime", context.at);
    return;
  }
  const taken = new Set(regionAlerts(state).flatMap((entry) => (entry === alert ? [] : [entry.leading])));
  const name = alert.region === null && !alert.opposed ? nameOf(context, alert.candidates) : null;
  const named = name !== null && taken.has(name) ? null : name;
  if (named !== null) alert.region = named;
  const probability = alert.candidates.reduce((sum, entry) => sum + entry.probability, 0);
  const severity = raisedSeverity(
    alert.severity,
    severityOf(detection.severity, alert.lost.networkShare, probability),
    isLasting(context, alert.openedAt),
  );
  const graver = severity !== alert.severity;
  alert.severity = severity;
  const rested = context.at - alert.updatedAt >= REVISION_REST_MS;
  if (named !== null || graver || (rested && material(alert))) {
    emit(context, alert, "updated");
    holdBlocks(context, alert);
  }
}

/** No fall is called over sooner than this after its onset, ms: slow ramps and long windows hide how much is still to come. */
const OVER_AFTER_MS = 2 * HOUR_MS;
/** Log-likelihood ratio at which a return is believed: a fall that is still there looks over once in twenty (e^3). */
const RETURNED = 3;
/** Most that one row may say for or against a return, nats: pools have outages while a region is down. */
const ROW_BOUND = 2.5;
/** A return that is too slow for the filters is believed after levels have shown it for this long, ms. */
const SLOW_RETURN_MS = 6 * HOUR_MS;
/** Parts of the fall that are tried as returned. */
const PARTS = [1, 0.7] as const;

/**
 * Log-likelihood ratio of "the fall has returned" against "it is still there", the largest over onset, ramp and part. It compares
 * the rows' innovations with the negative of the alert's fall. Innovations are used because levels wander by as much as a small
 * fall within a day.
 */
function returnRatio(context: TickContext, fast: ScaleView, alert: RegionAlert): number {
  const { layout } = context;
  const statistics = statisticsBeside(context, fast, { from: alert.onset + 1 });
  const rows = layout.rows.length;
  let best = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < statistics.slots; s++) {
    if (fast.state.slotAt[s]! <= alert.onset) continue;
    for (let ramp = 0; ramp < statistics.ramps; ramp++) {
      const offset = cellOffset(cellOf(s, ramp, statistics.ramps), rows);
      for (const part of PARTS) {
        let log = 0;
        for (let i = 0; i < rows; i++) {
          const fall = alert.fallHashrate[i] ?? 0;
          if (!(fall > 0) || !layout.score.counted[i]) continue;
          const rise = (-part * fall) / fast.state.reference[i]!;
          const one = rise * statistics.a[offset + i]! - (rise * rise * statistics.b[offset + i]!) / 2;
          log += Math.max(-ROW_BOUND, Math.min(ROW_BOUND, one));
        }
        best = Math.max(best, log);
      }
    }
  }
  return best;
}

/** One tick. Returns true when the alert is over. */
export function isOver(context: TickContext, fast: ScaleView, alert: RegionAlert): boolean {
  const over = alert.remaining < OVER_PART * Math.max(alert.peak, LEAST_PEAK);
  alert.ending = over ? alert.ending + 1 : 0;
  const lasted = alert.ending * context.compiled.intervalMs;
  if (lasted < OVER_MS || context.at - alert.onset < OVER_AFTER_MS) return false;
  return lasted >= SLOW_RETURN_MS || returnRatio(context, fast, alert) >= RETURNED;
}
