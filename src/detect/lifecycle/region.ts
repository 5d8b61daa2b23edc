/** The life of regional alerts: opened, fitted while young, followed until the fall is gone or the new normal. */
import { blockEvidenceOf } from "../block-evidence-of.ts";
import type { FallEnd } from "../blocks/contract.ts";
import { candidatesOf, NAMED, verdict } from "../decide/open.ts";
import { fitRegion, onsetOf } from "../estimate/fit.ts";
import { type KnownFall, sumsWithout } from "../score/effects.ts";
import { type Judgement, judgeScale } from "../score/judge.ts";
import type { Posterior, RegionPosterior } from "../score/posterior.ts";
import { historyShape, medianBetween } from "../state/history.ts";
import { figuresBundle } from "./bundle.ts";
import { nextId, rounded, type TickContext } from "./context.ts";
import { emptyAlert } from "./new-alert.ts";
import type { RegionAlert } from "./open-alert.ts";
import { say, sayResolved } from "./region-events.ts";
import { regionAlerts } from "./region-list.ts";
import { remainingNow } from "./remaining-now.ts";
import type { ScaleView } from "./scale-view.ts";
import { raisedSeverity, severityOf } from "./severity.ts";

const HOUR = 3_600_000;
/** An alert's figures and name may change this long after its onset; then the fit stands. In steps of its scale. */
const YOUNG_STEPS_MS = 6 * HOUR;
/** Fraction of the fitted fall under which an alert is over, and the ticks in a row that must say so. */
const OVER = 0.4;
const OVER_MS = 15 * 60_000;
/** How far from its fitted onset a young alert's may still move, in steps. */
const ONSET_REACH_STEPS = 8;
/** From this age on, in steps, an opening must show in the levels too, by at least this part. */
const LEVEL_CHECK_STEPS = { fast: 9, slow: 1 } as const;
const LEVEL_CHECK = 0.45;
/** After a slow alert's end: the return, and a day that holds nothing but the new level. */
const RETURN_MS = 33 * HOUR;
/** Onsets of two alerts are at least this many steps apart. */
const APART_STEPS = 12;
/** Level before an event: median of this long before its onset. */
const BASE_MS = 3 * HOUR;

function knownFalls(alerts: readonly RegionAlert[], view: ScaleView, except?: RegionAlert): KnownFall[] {
  return alerts.filter((alert) => alert.scale === view.name && alert !== except);
}

/** Level of every row before an onset, H/s. */
function levelsBefore(context: TickContext, view: ScaleView, onset: number): number[] {
  const { state, compiled } = context;
  const rows = state.rows.length;
  const shape = historyShape(compiled.model.intervalSeconds);
  return state.rows.map((_, row) => {
    const level =
      view.name === "fast"
        ? medianBetween(state.history, state.historyHead, state.historyAt, shape, rows, row, onset - BASE_MS, onset)
        : medianBetween(
            state.slowHistory,
            state.slowHead,
            state.slowAt,
            { binMs: view.scale.spec.stepSeconds * 1000, bins: state.slowHistory.length / rows },
            rows,
            row,
            onset - 24 * HOUR,
            onset,
          );
    return level > 0 ? level : view.state.reference[row]!;
  });
}

/** Puts a region's fit into an alert. */
function applyFit(
  context: TickContext,
  view: ScaleView,
  alert: RegionAlert,
  judged: Judgement,
  found: RegionPosterior,
): void {
  const { layout } = context;
  const { state } = view;
  context.evidence.set(alert.id, (event) => figuresBundle(alert, event, view, layout.score, judged));
  const fit = fitRegion(layout.score, judged.sums, found, state.reference, view.scale.spec);
  const onset = onsetOf(found, state.slotAt, judged.sums.ramps, view.scale.spec.stepSeconds * 1000);
  alert.startedAt = Math.round(onset.estimate / 60_000) * 60_000;
  alert.startedAtLow = Math.round(onset.low / 60_000) * 60_000;
  alert.startedAtHigh = Math.round(Math.min(onset.high, context.at) / 60_000) * 60_000;
  alert.leading = layout.score.regions[found.index]!.region;
  alert.onset = state.slotAt[fit.slot]!;
  alert.ramp = fit.ramp;
  alert.fall = [...fit.fall];
  alert.fallHashrate = alert.fall.map((fall, row) => fall * state.reference[row]!);
  alert.base = levelsBefore(context, view, alert.onset - view.scale.spec.stepSeconds * 1000);
  const network = alert.base.reduce((sum, level, row) => sum + (layout.rows[row]!.region === null ? level : 0), 0);
  alert.lost = {
    estimate: fit.lost,
    low: Math.max(0, fit.lost - 1.645 * fit.lostSd),
    high: fit.lost + 1.645 * fit.lostSd,
    networkShare: network > 0 ? Math.min(1, fit.lost / network) : 0,
  };
  alert.drop = fit.drop;
  alert.evidence = layout.rows
    .map((row, k) => ({
      pool: row.pool,
      ...(row.region === null ? {} : { region: row.region }),
      expected: rounded(alert.base[k]!),
      observed: rounded(context.state.recent[k]! || alert.base[k]!),
      score: rounded(fit.support[k]!, 3),
    }))
    .filter((entry) => Math.abs(entry.score) >= 0.05)
    .sort((x, y) => y.score - x.score || (x.pool < y.pool ? -1 : 1))
    .slice(0, 24);
}

function nameOf(candidates: readonly { region: string; probability: number }[]): string | null {
  const best = candidates[0];
  return best && best.probability >= NAMED ? best.region : null;
}

/** The alert that a judgement would open. */
function draft(context: TickContext, view: ScaleView, judged: Judgement, found: Posterior, index = 0): RegionAlert {
  const alert = emptyAlert(nextId(context, "region"), context.at, view.name);
  const { severity } = context.compiled.model.detection;
  applyFit(context, view, alert, judged, found.regions[index]!);
  alert.candidates = candidatesOf(
    found,
    context.layout.score.regions.map((entry) => entry.region),
  );
  alert.region = nameOf(alert.candidates);
  alert.logOdds = found.total - found.rivals;
  const probability = alert.candidates.reduce((sum, entry) => sum + entry.probability, 0);
  alert.severity = severityOf(severity, alert.lost.networkShare, probability);
  return alert;
}

function publish(context: TickContext, alert: RegionAlert): RegionAlert {
  context.state.alerts.push(alert);
  holdBlocks(context, alert);
  say(context, alert, "opened");
  return alert;
}

/** Takes an alert's fall out of what blocks are expected to show, so that it teaches their baseline nothing. */
function holdBlocks(context: TickContext, alert: RegionAlert): void {
  const { state, compiled } = context;
  if (!state.blocks) return;
  compiled.blocks?.hold(state.blocks, { region: alert.leading, drop: alert.drop.estimate, since: alert.onset });
}

/** Takes an alert off the open ones; the same region opens again only for what begins later. */
function close(context: TickContext, alert: RegionAlert, how: FallEnd["kind"]): void {
  const { state } = context;
  state.alerts = state.alerts.filter((entry) => entry !== alert);
  state.closedAt[alert.leading] = context.at;
  if (!state.blocks) return;
  const end: FallEnd = how === "recovered" ? { kind: how, endedAt: context.at } : { kind: how };
  context.compiled.blocks?.end(state.blocks, alert.leading, end);
}

/** Opens what a scale finds, with the effects of what is open taken out. */
export function openRegions(context: TickContext, view: ScaleView, judged: Judgement): void {
  const { state, layout } = context;
  const names = layout.score.regions.map((entry) => entry.region);
  const openNow = new Set(regionAlerts(state).map((alert) => alert.leading));
  const said = verdict(judged.posterior, names, openNow, view.threshold, view.scale.spec.margin);
  state.pending[view.name] = said === "no" ? 0 : state.pending[view.name] + 1;
  if (said === "no" || (said === "weak" && state.pending[view.name] < 2)) return;
  state.pending[view.name] = 0;
  const alert = draft(context, view, judged, judged.posterior!);
  const closed = state.closedAt[alert.leading] ?? 0;
  if (alert.onset <= closed || !levelsAgree(context, view, alert)) return;
  publish(context, alert);
}

/** What was closed once, or is not there in the levels hours after its onset, is a drift that the filter mistook. */
function levelsAgree(context: TickContext, view: ScaleView, alert: RegionAlert): boolean {
  const age = (context.at - alert.onset) / (view.scale.spec.stepSeconds * 1000);
  if (age < LEVEL_CHECK_STEPS[view.name]) return true;
  const now = remainingNow(context, view, alert, 0.1);
  return now === null || now.fraction >= LEVEL_CHECK;
}

/** The judgement of one scale with every open alert's effect taken out. */
export function judgeClean(context: TickContext, view: ScaleView, bar?: number): Judgement {
  const falls = knownFalls(regionAlerts(context.state), view);
  const sums = sumsWithout(view.state, view.scale.spec, view.banks, falls);
  // What is left at the onset of a young alert is the error of its fit, not another fall.
  const from = regionAlerts(context.state)
    .filter((alert) => alert.scale === view.name && !alert.settled)
    .reduce((latest, alert) => Math.max(latest, alert.onset + APART_STEPS * view.scale.spec.stepSeconds * 1000), 0);
  return judgeScale(
    view.scale,
    view.state,
    context.layout.score,
    sums,
    bar,
    { from, to: context.at },
    blockEvidenceOf(context, view.state),
  );
}

function material(alert: RegionAlert): boolean {
  const change = Math.abs(alert.lost.estimate - alert.said.lost);
  return (
    change > 0.12 * Math.max(alert.said.lost, alert.lost.estimate) ||
    Math.abs(alert.drop.estimate - alert.said.drop) > 0.08 ||
    Math.abs(alert.startedAt - alert.said.startedAt) > HOUR / 2
  );
}

/** Fits a young alert anew; may name it, rename it or take it back. Returns false when it was closed. */
function revise(context: TickContext, view: ScaleView, alert: RegionAlert): boolean {
  const { state, layout } = context;
  const alerts = regionAlerts(state);
  const sums = sumsWithout(view.state, view.scale.spec, view.banks, knownFalls(alerts, view, alert));
  const reach = ONSET_REACH_STEPS * view.scale.spec.stepSeconds * 1000;
  const span = { from: alert.onset - reach, to: alert.onset + reach };
  const judged = judgeScale(view.scale, view.state, layout.score, sums, Number.NEGATIVE_INFINITY, span);
  const found = judged.posterior;
  if (!found || found.regions.length === 0) return true;
  const names = layout.score.regions.map((entry) => entry.region);
  const mine = found.regions.findIndex((entry) => names[entry.index] === alert.leading);
  const doubtful = found.total < Math.max(0, found.rivals - view.scale.spec.margin);
  const stronger = mine < 0 || found.regions[0]!.score > found.regions[mine]!.score + view.scale.spec.margin;
  const other = mine !== 0 && stronger && found.total >= view.threshold;
  alert.doubt = doubtful || (other && alert.region !== null) ? alert.doubt + 1 : 0;
  if (alert.doubt >= 3) {
    close(context, alert, "retracted");
    if (doubtful) {
      sayResolved(context, alert, "retracted", context.at);
      return false;
    }
    const next = publish(context, draft(context, view, judged, found));
    sayResolved(context, alert, "reattributed", context.at, next.id);
    return false;
  }
  if (other && alert.region !== null) return true;
  const best = alert.region === null ? 0 : Math.max(0, mine);
  const led = alert.leading;
  applyFit(context, view, alert, judged, found.regions[best]!);
  alert.candidates = candidatesOf(found, names);
  alert.logOdds = found.total - found.rivals;
  if (led !== alert.leading && state.blocks) {
    context.compiled.blocks?.end(state.blocks, led, { kind: "retracted" });
    holdBlocks(context, alert);
  }
  return true;
}

/** Follows how much of an alert's fall is still there. */
function follow(context: TickContext, view: ScaleView, alert: RegionAlert): void {
  const { compiled } = context;
  const now = remainingNow(context, view, alert, 0.5);
  if (!now) return;
  const pull = Math.min(1, compiled.intervalMs / (10 * 60_000));
  alert.remaining += pull * (Math.min(1.5, Math.max(-0.5, now.fraction)) - alert.remaining);
  alert.peak = Math.max(alert.peak * 0.999, Math.min(1.2, alert.remaining));
}

/** Every step while the first hour (of the fast scale) brings news, then every third. */
function dueForRevision(view: ScaleView, alert: RegionAlert, at: number): boolean {
  const step = view.scale.spec.stepSeconds * 1000;
  return at - alert.openedAt <= 12 * step || Math.round(at / step) % 3 === 0;
}

/** The fall is the new normal: the region's weights shrink by it, and the slow scale begins anew at the new levels. */
function acceptRegime(context: TickContext, alert: RegionAlert): void {
  const { state } = context;
  state.slowRestartAt = context.at + RETURN_MS;
  if (alert.region === null) return;
  const left = Math.max(0.02, 1 - alert.drop.estimate * Math.min(1, alert.remaining));
  state.regimes[alert.region] = rounded((state.regimes[alert.region] ?? 1) * left, 3);
  alert.regime = state.regimes[alert.region]!;
}

/** One tick of one open alert. */
export function advanceRegionAlert(context: TickContext, view: ScaleView, alert: RegionAlert, stepped: boolean): void {
  const { state, compiled } = context;
  const { detection } = compiled.model;
  const young = YOUNG_STEPS_MS * (view.name === "fast" ? 1 : 28);
  if (!alert.settled && context.at - alert.onset <= young) {
    if (stepped && dueForRevision(view, alert, context.at) && !revise(context, view, alert)) return;
  } else {
    alert.settled = true;
  }
  follow(context, view, alert);
  const over = alert.remaining < OVER * Math.max(alert.peak, 0.6);
  alert.ending = over ? alert.ending + 1 : 0;
  if (alert.ending * compiled.intervalMs >= OVER_MS && context.at - alert.openedAt >= HOUR / 2) {
    close(context, alert, "recovered");
    if (view.name === "slow") state.slowRestartAt = context.at + RETURN_MS;
    sayResolved(context, alert, "recovered", context.at - alert.ending * compiled.intervalMs);
    return;
  }
  if (context.at - alert.openedAt >= detection.newRegimeAfterSeconds * 1000) {
    close(context, alert, "new-regime");
    acceptRegime(context, alert);
    sayResolved(context, alert, "new-regime", context.at);
    return;
  }
  const taken = new Set(regionAlerts(state).flatMap((entry) => (entry === alert ? [] : [entry.leading])));
  const name = alert.region === null ? nameOf(alert.candidates) : null;
  const named = name !== null && taken.has(name) ? null : name;
  if (named !== null) alert.region = named;
  const probability = alert.candidates.reduce((sum, entry) => sum + entry.probability, 0);
  const severity = raisedSeverity(
    alert.severity,
    severityOf(detection.severity, alert.lost.networkShare, probability),
    (context.at - alert.openedAt) / 1000,
  );
  const graver = severity !== alert.severity;
  alert.severity = severity;
  const rested = context.at - alert.updatedAt >= HOUR / 2;
  if (named !== null || graver || (rested && !alert.settled && material(alert))) {
    say(context, alert, "updated");
    holdBlocks(context, alert);
  }
}
