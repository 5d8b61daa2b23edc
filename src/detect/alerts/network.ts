/** Alerts of the whole network: everything fell together, so no region is named. */

import type { AlertEvent } from "../../model/alert.ts";
import { isoTime } from "../../model/tick.ts";
import { HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import { type NetworkSize, networkSize } from "../estimate/network-size.ts";
import type { NetworkBundle } from "../evidence/scope-bundles.ts";
import { floatAt, itemAt } from "../model/elements.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { Evaluation } from "../search/evaluate.ts";
import type { NetworkAlert } from "../state/alert-state.ts";
import { knownRegionFalls } from "../state/state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { cellOffset } from "../statistics/onset-grid.ts";
import { eventBase, nextId, rounded } from "./events.ts";
import { MOST_EVIDENCE, OVER_PART, SLOW_RESTART_MS } from "./lifecycle.ts";
import { forgetHeld, holdBack } from "./not-opened.ts";
import { raisedSeverity, severityOf } from "./severity.ts";

/** Network-wide falls under this share of the network happen on ordinary days and open nothing. */
const NETWORK_WORTH = 0.04;
/** A network alert opens after this many agreeing ticks in a row. */
const OPENING_TICKS = 2;
/** From this age on the levels must show the fall too. If they do not, the filters mistook a slow drift for a fall. */
const LEVELS_AFTER_MS = 90 * MINUTE_MS;
/**
 * For this long after its onset a network fall is fitted again, and an update is published when its size moved by
 * NETWORK_CHANGE.
 */
const NETWORK_YOUNG_MS = 2 * HOUR_MS;
const NETWORK_CHANGE = 0.2;
const NETWORK_REST_MS = 15 * MINUTE_MS;
/** The finer fit (`network-size`) is used if its log-likelihood is at most this far below that of the grid's ramps, nats. */
const CLOSE = 15;
/** A network-wide fall that lasts this long is accepted as the network's new size (price, difficulty, season). */
const ACCEPTED_MS = 48 * HOUR_MS;

/** A network alert closes after this many ticks in a row that show the return. */
const CLOSING_TICKS = 3;
/** A new fit whose onset is further away than this, in steps, belongs to another fall. */
const REVISED_ONSET_STEPS = 4;
/** 90 % interval, as factors of the drop, for alerts from stored states that hold no interval. */
const UNFITTED = { low: 0.6, high: 1.6 } as const;

/** Sums of the pools' present levels and of their slow references, H/s. What open regional alerts lost is added back. */
function presentLevels(context: TickContext): { now: number; reference: number } {
  const { state } = context;
  const regional = knownRegionFalls(state);
  let now = 0;
  let reference = 0;
  for (let index = 0; index < state.rows.length; index++) {
    if (itemAt(state.rows, index).region !== null || !(floatAt(state.recent, index) > 0)) continue;
    let away = 0;
    for (const alert of regional) away += (alert.fallHashrate[index] ?? 0) * Math.max(0, alert.remaining);
    now += floatAt(state.recent, index) + away;
    reference += floatAt(state.fast.reference, index);
  }
  return { now, reference };
}

function networkEvent(context: TickContext, alert: NetworkAlert, type: AlertEvent["type"]): AlertEvent {
  const lost = alert.drop * alert.base;
  return {
    ...eventBase(context, alert, "network", type),
    startedAtLow: isoTime(alert.startedAtLow),
    startedAtHigh: isoTime(alert.startedAtHigh),
    lost: {
      hashrate: rounded(lost),
      low: rounded(Math.max(0, alert.dropLow ?? UNFITTED.low * alert.drop) * alert.base),
      high: rounded(Math.min(1, alert.dropHigh ?? UNFITTED.high * alert.drop) * alert.base),
      networkShare: rounded(Math.min(1, alert.drop), 3),
    },
    drop: {
      estimate: rounded(alert.drop, 3),
      low: rounded(Math.max(0, alert.dropLow ?? UNFITTED.low * alert.drop), 3),
      high: rounded(Math.min(1, alert.dropHigh ?? UNFITTED.high * alert.drop), 3),
    },
  };
}

function close(context: TickContext, alert: NetworkAlert, resolution: "recovered" | "new-regime"): void {
  context.state.alerts = context.state.alerts.filter((entry) => entry !== alert);
  // Otherwise the slow scale would take the end of this fall for the onset of a region's, days later.
  context.state.slowRestartAt = context.at + SLOW_RESTART_MS;
  alert.revision += 1;
  context.events.push({ ...networkEvent(context, alert, "resolved"), endedAt: isoTime(context.at), resolution });
}

/** The network-wide fall that explains the newest steps beyond doubt; null where something else may explain them. */
function seenIn(model: ScoreModel, view: ScaleView, evaluated: Evaluation): NetworkSize | null {
  const { posterior, fall } = evaluated;
  if (!posterior) return null;
  const least = Math.max(view.threshold, posterior.total + view.scale.spec.margin);
  if (fall && fall.score >= Math.max(least, posterior.network.score - CLOSE)) {
    const { size, sizeLow, sizeHigh, onset, onsetLow, onsetHigh } = fall;
    return { drop: size, low: sizeLow, high: sizeHigh, onset, onsetLow, onsetHigh };
  }
  if (posterior.network.score < least) return null;
  return networkSize(model, view, evaluated.statistics, posterior.network.summedOver ?? [posterior.network.cell]);
}

function take(alert: NetworkAlert, seen: NetworkSize, at: number): void {
  alert.drop = Math.min(1, seen.drop);
  alert.dropLow = Math.max(0, seen.low);
  alert.dropHigh = Math.min(1, seen.high);
  alert.startedAt = seen.onset;
  alert.startedAtLow = seen.onsetLow;
  alert.startedAtHigh = Math.min(at, seen.onsetHigh);
}

const NETWORK = { scope: "network", region: null, pool: null } as const;

/** Each row's evidence for a network-wide fall of this size, strongest first. */
function evidenceOf(context: TickContext, { posterior, statistics }: Evaluation, drop: number): AlertEvent["evidence"] {
  const { state, layout } = context;
  const { rows, counted } = layout.score;
  if (!posterior) return [];
  const from = cellOffset(posterior.network.cell, rows.length);
  return rows
    .flatMap(({ pool, region }, row) => {
      const score = drop * floatAt(statistics.a, from + row) - (drop ** 2 * floatAt(statistics.b, from + row)) / 2;
      if (region !== null || !counted[row]) return [];
      const expected = rounded(floatAt(state.fast.reference, row));
      return [{ pool, expected, observed: rounded(floatAt(state.recent, row) || expected), score: rounded(score, 3) }];
    })
    .sort((x, y) => y.score - x.score || (x.pool < y.pool ? -1 : 1))
    .slice(0, MOST_EVIDENCE);
}

/** Publishes an opening or an update, with the bundle that it was computed from. */
function tell(
  context: TickContext,
  view: ScaleView,
  alert: NetworkAlert,
  evaluated: Evaluation,
  type: "opened" | "updated",
): void {
  const evidence = evidenceOf(context, evaluated, alert.drop);
  const event = { ...networkEvent(context, alert, type), evidence };
  context.events.push(event);
  const { posterior, fall } = evaluated;
  const bundle: NetworkBundle = {
    kind: "network",
    event,
    base: alert.base,
    drop: { estimate: alert.drop, low: alert.dropLow ?? 0, high: alert.dropHigh ?? 1 },
    everything: Math.max(posterior?.network.score ?? 0, fall?.score ?? 0),
    regions: posterior?.total ?? 0,
    threshold: view.threshold,
    margin: view.scale.spec.margin,
  };
  context.bundles.push({ id: alert.id, revision: alert.revision, bundle });
}

/** Fits a young alert again and publishes an update when its size has moved. */
function revise(context: TickContext, view: ScaleView, alert: NetworkAlert, evaluated: Evaluation): void {
  const { at, compiled } = context;
  if (at - alert.startedAt > NETWORK_YOUNG_MS) return;
  // The grid's four ramps find a fall. Only the finer fit knows its size.
  const seen = evaluated.fall ? seenIn(context.layout.score, view, evaluated) : null;
  const reach = REVISED_ONSET_STEPS * view.scale.spec.stepSeconds * 1000;
  if (!seen || seen.drop < NETWORK_WORTH || Math.abs(seen.onset - alert.startedAt) > reach) return;
  const moved = Math.abs(seen.drop - alert.drop) > NETWORK_CHANGE * alert.drop;
  if (!moved || at - alert.updatedAt < NETWORK_REST_MS) return;
  take(alert, seen, at);
  alert.updatedAt = at;
  alert.revision += 1;
  const graver = severityOf(compiled.model.detection.severity, alert.drop, 1);
  alert.severity = raisedSeverity(alert.severity, graver, false);
  tell(context, view, alert, evaluated, "updated");
}

/** One tick: opens an alert when a network-wide fall explains the figures beyond doubt, and closes it when the fall is over. */
export function followNetwork(context: TickContext, view: ScaleView, evaluated: Evaluation): void {
  const { state, at, compiled } = context;
  const { now, reference } = presentLevels(context);
  const open = state.alerts.find((alert): alert is NetworkAlert => alert.scope === "network");
  if (open) {
    const young = at - open.startedAt < LEVELS_AFTER_MS;
    open.ending = !young && now > open.base * (1 - OVER_PART * open.drop) ? open.ending + 1 : 0;
    if (open.ending >= CLOSING_TICKS) close(context, open, "recovered");
    else if (at - open.openedAt >= ACCEPTED_MS) close(context, open, "new-regime");
    else revise(context, view, open, evaluated);
    return;
  }
  const seen = seenIn(context.layout.score, view, evaluated);
  const shown = seen !== null && (at - seen.onset < LEVELS_AFTER_MS || now < reference * (1 - seen.drop / 2));
  const stands = shown && seen.drop >= NETWORK_WORTH;
  state.networkTicks = stands ? state.networkTicks + 1 : 0;
  if (seen === null) return;
  if (!stands || state.networkTicks < OPENING_TICKS) {
    const reason = stands ? "patience" : shown ? "small" : "levels";
    const needed = reason === "small" ? NETWORK_WORTH : 0;
    holdBack(context, { ...NETWORK, reason, score: seen.drop, needed });
    return;
  }
  state.networkTicks = 0;
  const alert: NetworkAlert = {
    scope: "network",
    id: nextId(context, "network"),
    revision: 1,
    severity: severityOf(compiled.model.detection.severity, seen.drop, 1),
    openedAt: at,
    startedAt: seen.onset,
    startedAtLow: seen.onset,
    startedAtHigh: at,
    updatedAt: at,
    ending: 0,
    base: Math.max(reference, now),
    drop: seen.drop,
  };
  take(alert, seen, at);
  state.alerts.push(alert);
  forgetHeld(context, NETWORK);
  tell(context, view, alert, evaluated, "opened");
}
