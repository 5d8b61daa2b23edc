/** Alerts of the whole network: everything fell together, so no region is named. */
import type { AlertEvent } from "../../model/alert.ts";
import { isoTime } from "../../model/tick.ts";
import type { Judgement } from "../search/evaluate.ts";
import type { NetworkAlert } from "../state/alert-state.ts";
import { knownRegionFalls } from "../state/state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { eventBase, nextId, rounded } from "./events.ts";
import { severityOf } from "./severity.ts";

/** The fall is over when less than this part of it is left. */
const OVER = 0.4;
/** A dip of everything under this share is an ordinary day's. */
const WORTH = 0.04;
/** Ticks in a row that must say so. */
const AGREE = 3;
/** A dip of everything that lasts this long is the network's new size (price, difficulty, season). */
const ACCEPTED_MS = 48 * 3_600_000;
/** The return, and a day that holds nothing but the new level: from then on the slow scale begins anew. */
const SLOW_RESTART_MS = 33 * 3_600_000;

/** Sum of the pools' present levels against their slow references; what regions lost is told there, and put back here. */
function sums(context: TickContext): { now: number; reference: number } {
  const { state } = context;
  const regional = knownRegionFalls(state);
  let now = 0;
  let reference = 0;
  for (let index = 0; index < state.rows.length; index++) {
    if (state.rows[index]!.region !== null || !(state.recent[index]! > 0)) continue;
    let away = 0;
    for (const alert of regional) away += (alert.fallHashrate[index] ?? 0) * Math.max(0, alert.remaining);
    now += state.recent[index]! + away;
    reference += state.fast.reference[index]!;
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
      low: rounded(0.6 * lost),
      high: rounded(Math.min(alert.base, 1.6 * lost)),
      networkShare: rounded(Math.min(1, alert.drop), 3),
    },
    drop: {
      estimate: rounded(alert.drop, 3),
      low: rounded(0.6 * alert.drop, 3),
      high: rounded(Math.min(1, 1.6 * alert.drop), 3),
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

/** One tick: opens when a fall of everything is the explanation beyond doubt, closes when it is over. */
export function followNetwork(context: TickContext, view: ScaleView, judged: Judgement): void {
  const { state, at, compiled } = context;
  const { now, reference } = sums(context);
  const open = state.alerts.find((alert): alert is NetworkAlert => alert.scope === "network");
  if (open) {
    open.ending = now > open.base * (1 - OVER * open.drop) ? open.ending + 1 : 0;
    if (open.ending >= 3) close(context, open, "recovered");
    else if (at - open.openedAt >= ACCEPTED_MS) close(context, open, "new-regime");
    return;
  }
  const found = judged.posterior;
  const stands =
    found !== undefined &&
    found.network.drop >= WORTH &&
    now < reference * (1 - found.network.drop / 2) &&
    found.network.score >= Math.max(view.threshold, found.total + view.scale.spec.margin);
  state.wideTicks = stands ? state.wideTicks + 1 : 0;
  if (!stands || state.wideTicks < AGREE) return;
  state.wideTicks = 0;
  const slot = Math.floor(found.network.combo / judged.sums.ramps);
  const onset = view.state.slotAt[slot]!;
  const step = view.scale.spec.stepSeconds * 1000;
  const alert: NetworkAlert = {
    scope: "network",
    id: nextId(context, "network"),
    revision: 1,
    severity: severityOf(compiled.model.detection.severity, found.network.drop, 1),
    openedAt: at,
    startedAt: onset - step / 2,
    startedAtLow: onset - 3 * step,
    startedAtHigh: at,
    updatedAt: at,
    ending: 0,
    base: Math.max(reference, now),
    drop: found.network.drop,
  };
  state.alerts.push(alert);
  context.events.push(networkEvent(context, alert, "opened"));
}
