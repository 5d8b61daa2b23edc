/** Alerts of the whole network: everything fell together, so no region is named. */

import type { AlertEvent } from "../../model/alert.ts";
import { isoTime } from "../../model/tick.ts";
import { HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import { floatAt, itemAt } from "../model/elements.ts";
import type { Evaluation } from "../search/evaluate.ts";
import type { NetworkAlert } from "../state/alert-state.ts";
import { knownRegionFalls } from "../state/state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { onsetOfCell, rampOfCell } from "../statistics/onset-grid.ts";
import { eventBase, nextId, rounded } from "./events.ts";
import { OVER_PART, SLOW_RESTART_MS } from "./lifecycle.ts";
import { raisedSeverity, severityOf } from "./severity.ts";

/** A dip of everything under this share is an ordinary day's. */
const WORTH = 0.04;
/** Ticks in a row that must say so. */
const OPENING_TICKS = 2;
/** From this age on the levels must show it too: what is not there then is a drift that the filters mistook. */
const LEVELS_AFTER_MS = 90 * MINUTE_MS;
/** As long as this after its onset its size and onset are fitted anew, and said again when they moved by this part. */
const NETWORK_YOUNG_MS = 2 * HOUR_MS;
const NETWORK_CHANGE = 0.2;
const NETWORK_REST_MS = 15 * MINUTE_MS;
/** The close look is believed when it explains what is seen nearly as well as the sums' own ramps do, nats. */
const CLOSE = 15;
/** A dip of everything that lasts this long is the network's new size (price, difficulty, season). */
const ACCEPTED_MS = 48 * HOUR_MS;

/** Ticks in a row that must say it is over. */
const CLOSING_TICKS = 3;
/** A new fit whose onset lies further off, in steps, is of another fall. */
const REVISED_ONSET_STEPS = 4;
/**
 * 90 % interval of a size read off the grids alone: sizes are a factor of 1.23 apart and ramps coarse, and an onset lies
 * within so many steps of the truth. Guesses, for the close look has intervals of its own.
 */
const GRID_FACTOR = 1.4;
const GRID_ONSET_STEPS = 3;
/** The same for alerts that were opened before intervals were kept, as parts of the drop. */
const UNFITTED = { low: 0.6, high: 1.6 } as const;

/** Sum of the pools' present levels against their slow references; what regions lost is told there, and put back here. */
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
  // Days later a fall of everything that is over, or accepted, would still be the onset of any region's slow fall.
  context.state.slowRestartAt = context.at + SLOW_RESTART_MS;
  alert.revision += 1;
  context.events.push({ ...networkEvent(context, alert, "resolved"), endedAt: isoTime(context.at), resolution });
}

/** A fall of everything as the sums show it best. */
interface Seen {
  readonly drop: number;
  readonly low: number;
  readonly high: number;
  readonly onset: number;
  readonly onsetLow: number;
  readonly onsetHigh: number;
}

/** What explains the newest steps beyond doubt, if it is a fall of everything; null otherwise. */
function seenIn(view: ScaleView, evaluated: Evaluation): Seen | null {
  const { posterior, fall } = evaluated;
  if (!posterior) return null;
  const least = Math.max(view.threshold, posterior.total + view.scale.spec.margin);
  const step = view.scale.spec.stepSeconds * 1000;
  if (fall && fall.score >= Math.max(least, posterior.network.score - CLOSE)) {
    const { size, sizeLow, sizeHigh, onset, onsetLow, onsetHigh } = fall;
    return { drop: size, low: sizeLow, high: sizeHigh, onset, onsetLow, onsetHigh };
  }
  if (posterior.network.score < least) return null;
  const { cell } = posterior.network;
  const { ramps } = evaluated.statistics;
  const onset = floatAt(view.state.slotAt, onsetOfCell(cell, ramps)) - step / 2;
  const ramp = itemAt(view.scale.spec.rampSeconds, rampOfCell(cell, ramps)) * 1000;
  const reach = GRID_ONSET_STEPS * step;
  const drop = posterior.network.size * Math.min(1, (view.state.at - onset) / Math.max(step, ramp));
  return {
    drop,
    low: drop / GRID_FACTOR,
    high: drop * GRID_FACTOR,
    onset,
    onsetLow: onset - reach,
    onsetHigh: onset + reach,
  };
}

function take(alert: NetworkAlert, seen: Seen, at: number): void {
  alert.drop = Math.min(1, seen.drop);
  alert.dropLow = Math.max(0, seen.low);
  alert.dropHigh = Math.min(1, seen.high);
  alert.startedAt = seen.onset;
  alert.startedAtLow = seen.onsetLow;
  alert.startedAtHigh = Math.min(at, seen.onsetHigh);
}

/** A young alert is fitted anew, and said again when its size has moved. */
function revise(context: TickContext, view: ScaleView, alert: NetworkAlert, evaluated: Evaluation): void {
  const { at, compiled } = context;
  if (at - alert.startedAt > NETWORK_YOUNG_MS) return;
  // The sums' own four ramps find a fall; only the close look knows its size.
  const seen = evaluated.fall ? seenIn(view, evaluated) : null;
  const reach = REVISED_ONSET_STEPS * view.scale.spec.stepSeconds * 1000;
  if (!seen || seen.drop < WORTH || Math.abs(seen.onset - alert.startedAt) > reach) return;
  const moved = Math.abs(seen.drop - alert.drop) > NETWORK_CHANGE * alert.drop;
  if (!moved || at - alert.updatedAt < NETWORK_REST_MS) return;
  take(alert, seen, at);
  alert.updatedAt = at;
  alert.revision += 1;
  const graver = severityOf(compiled.model.detection.severity, alert.drop, 1);
  alert.severity = raisedSeverity(alert.severity, graver, 0);
  context.events.push(networkEvent(context, alert, "updated"));
}

/** One tick: opens when a fall of everything is the explanation beyond doubt, closes when it is over. */
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
  const seen = seenIn(view, evaluated);
  const stands =
    seen !== null && seen.drop >= WORTH && (at - seen.onset < LEVELS_AFTER_MS || now < reference * (1 - seen.drop / 2));
  state.networkTicks = stands ? state.networkTicks + 1 : 0;
  if (!stands || state.networkTicks < OPENING_TICKS) return;
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
  context.events.push(networkEvent(context, alert, "opened"));
}
