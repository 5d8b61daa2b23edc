/**
 * Alerts of one pool, or of one region of one pool where it publishes figures by region: an outage, an exit, or miners that
 * moved to another pool. Decided from levels, with the effects of known regional falls added back.
 */

import type { AlertEvent } from "../../model/alert.ts";
import { isoTime } from "../../model/tick.ts";
import { HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import type { PoolBundle } from "../evidence/scope-bundles.ts";
import { REST } from "../model/score-model.ts";
import { isWarm } from "../quality/warm-up.ts";
import type { PoolAlert } from "../state/alert-state.ts";
import { networkLevel } from "../state/history.ts";
import { regionAlerts } from "../state/state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import { eventBase, nextId, rounded } from "./events.ts";
import { forgetHeld, holdBack } from "./not-opened.ts";
import { lostNow, type MeasuredFall, measureFall } from "./pool-fall.ts";
import { severityOf } from "./severity.ts";

/** Loss from which a pool has fallen: more than an ordinary day's, and more than a regional blackout takes from most pools. */
const FELL = 0.25;
/** Loss under which it is back. The gap to FELL is the hysteresis. */
const BACK = 0.12;
/** Ticks must agree for this long. By then a regional fall has been named, and its effect is added back. */
const AGREE_MS = 30 * MINUTE_MS;
/** A row that lost more than this part is reported as soon as two ticks agree: no ordinary day does that. */
const HALVED = 0.5;
const HALVED_TICKS = 2;
/** And so many further ticks at most it waits for a region that may be about to be named: what explains it by then has opened. */
const HALVED_WAIT_TICKS = 1;
/** The loss must also be this many of the row's usual steps: the figures of a handful of miners halve and double by chance. */
const HALVED_STEPS = 8;
/** A loss is a migration when another pool gained at least this part of it. */
const MOVED = 0.6;
const FRESH_MS = HOUR_MS;
/** An update is published when the loss moved by this part of the row. */
const TOLD_AGAIN = 0.08;
/**
 * A smaller loss is published only once half an hour moved it by no more than this: a return passes through every smaller
 * size.
 */
const STEADY = 0.03;

/** A row's level with the effects of known regional falls added back, H/s. */
function levelNow(context: TickContext, row: number, level = context.state.recent[row]!): number {
  const { state } = context;
  let away = 0;
  for (const alert of state.alerts) {
    if (alert.scope === "region") away += (alert.fallHashrate[row] ?? 0) * Math.max(0, alert.remaining);
  }
  for (const held of state.withheld) away += (held.fallHashrate[row] ?? 0) * Math.max(0, held.remaining);
  return level + away;
}

function causeOf(context: TickContext, row: number, lost: number): PoolAlert["cause"] {
  const { state } = context;
  for (const [other, gate] of state.gate.entries()) {
    const base = state.fast.reference[other]!;
    if (other === row || state.rows[other]!.region !== null || !isWarm(gate, context.at)) continue;
    const gained = state.recent[other]! - base;
    if (gained >= MOVED * lost && gained <= lost / MOVED && gained > 0.05 * base) {
      return { hint: "pool-migration", why: `${state.rows[other]!.pool} gained about what this pool lost` };
    }
  }
  const { region } = state.rows[row]!;
  return { hint: "pool-outage", why: region === null ? "this pool alone fell" : `this pool alone fell in ${region}` };
}

function poolEvent(context: TickContext, alert: PoolAlert, type: AlertEvent["type"]): AlertEvent {
  const { state, layout } = context;
  const network = networkLevel(layout.rows, state.fast.reference);
  const part = (lost: number): number => rounded(Math.min(1, Math.max(0, lost / alert.base)), 3);
  const { estimate, low, high } = alert.lost;
  const region = state.rows[alert.row]?.region ?? null;
  return {
    ...eventBase(context, alert, "pool", type),
    pool: alert.pool,
    region,
    startedAtLow: isoTime(alert.startedAtLow),
    startedAtHigh: isoTime(alert.startedAtHigh),
    lost: {
      hashrate: rounded(estimate),
      low: rounded(low),
      high: rounded(high),
      networkShare: rounded(Math.min(1, network > 0 ? estimate / network : 0), 3),
    },
    drop: { estimate: part(estimate), low: part(low), high: part(high) },
    evidence: [
      {
        pool: alert.pool,
        ...(region === null ? {} : { region }),
        expected: rounded(alert.base),
        observed: rounded(levelNow(context, alert.row)),
        score: rounded(alert.score, 3),
      },
    ],
    cause: alert.cause,
  };
}

/** Publishes an opening or an update, with the bundle that it was computed from. */
function tell(context: TickContext, alert: PoolAlert, type: "opened" | "updated", measured: MeasuredFall): void {
  alert.published = alert.lost.estimate;
  alert.updatedAt = context.at;
  const event = poolEvent(context, alert, type);
  context.events.push(event);
  const bundle: PoolBundle = {
    kind: "pool",
    event,
    row: { ...context.state.rows[alert.row]! },
    base: alert.base,
    reference: measured.reference,
    fit: measured.input,
  };
  context.bundles.push({ id: alert.id, revision: alert.revision, bundle });
}

const whole = (time: number): number => Math.round(time / MINUTE_MS) * MINUTE_MS;

function takeSize(alert: PoolAlert, { fit, reference }: MeasuredFall): void {
  const lost = (part: number): number => Math.min(alert.base, part * reference);
  alert.lost = { estimate: lost(fit.lost.estimate), low: lost(fit.lost.low), high: lost(fit.lost.high) };
  alert.score = fit.score;
}

function open(context: TickContext, view: ScaleView, row: number, level: number): void {
  const { state, compiled, layout, at } = context;
  const base = state.poolBase[row]!;
  const measured = measureFall(context, view, row, { base, level, startedAt: null });
  const { onset } = measured.fit;
  const { pool, region } = state.rows[row]!;
  const alert: PoolAlert = {
    scope: "pool",
    id: nextId(context, "pool"),
    revision: 1,
    severity: "info",
    openedAt: at,
    startedAt: whole(onset.estimate),
    startedAtLow: whole(onset.low),
    startedAtHigh: whole(onset.high),
    updatedAt: at,
    ending: 0,
    row,
    pool,
    base,
    lost: { estimate: 0, low: 0, high: 0 },
    published: 0,
    score: 0,
    cause: causeOf(context, row, base - level),
  };
  takeSize(alert, measured);
  const network = networkLevel(layout.rows, state.fast.reference);
  const share = alert.lost.estimate / Math.max(network, alert.lost.estimate);
  alert.severity = severityOf(compiled.model.detection.severity, share, 1);
  state.alerts.push(alert);
  forgetHeld(context, { scope: "pool", pool, region });
  tell(context, alert, "opened", measured);
}

function close(context: TickContext, alert: PoolAlert, resolution: "recovered" | "new-regime"): void {
  const { state, at } = context;
  state.alerts = state.alerts.filter((entry) => entry !== alert);
  state.poolLow[alert.row] = 0;
  state.poolHalved[alert.row] = 0;
  alert.revision += 1;
  context.events.push({ ...poolEvent(context, alert, "resolved"), endedAt: isoTime(at), resolution });
}

/** Closes the alerts of rows whose unit changed for good: their earlier figures cannot be compared with the new ones. */
export function endRenewed(context: TickContext, renewed: readonly number[]): void {
  for (const alert of [...context.state.alerts]) {
    if (alert.scope === "pool" && renewed.includes(alert.row)) close(context, alert, "new-regime");
  }
}

function follow(context: TickContext, view: ScaleView, alert: PoolAlert): void {
  const { state, at, compiled } = context;
  const accepted = at - alert.openedAt >= compiled.model.detection.newRegimeAfterSeconds * 1000;
  // A pool that fell and then went silent is not back, but it is not followed for ever either.
  if (at - state.recentAt[alert.row]! > FRESH_MS) {
    if (accepted) close(context, alert, "new-regime");
    return;
  }
  const level = levelNow(context, alert.row);
  const back = level >= (1 - BACK) * alert.base;
  alert.ending = back ? alert.ending + 1 : 0;
  if (alert.ending >= 2 || accepted) {
    close(context, alert, back ? "recovered" : "new-regime");
    return;
  }
  if (alert.ending > 0 || at - Math.max(alert.updatedAt, alert.seen?.at ?? 0) < AGREE_MS) return;
  const levels = { base: alert.base, level, startedAt: alert.startedAt };
  const lost = Math.min(alert.base, lostNow(context, view, alert.row, levels));
  if (Math.abs(lost - alert.published) <= TOLD_AGAIN * alert.base) return;
  // A return passes through every smaller size. One is published only once it has lasted.
  const before = alert.seen;
  alert.seen = { at, lost };
  if (lost < alert.published && !(before && Math.abs(before.lost - lost) <= STEADY * alert.base)) return;
  const measured = measureFall(context, view, alert.row, levels);
  takeSize(alert, measured);
  alert.revision += 1;
  tell(context, alert, "updated", measured);
}

/** Whether a row's newest figure shows that more than half of it is gone, far beyond its usual steps. */
function isHalved(context: TickContext, row: number, base: number): boolean {
  const { steps, acceptedAt } = context.state.gate[row]!;
  if (acceptedAt !== context.at) return false;
  const now = levelNow(context, row, steps.lastGood);
  return now < (1 - HALVED) * base && Math.log(base / Math.max(now, 1e-3 * base)) > HALVED_STEPS * steps.step;
}

/** Whether a row's fall is part of another's: a region of a pool that fell as a whole. */
function isPart(context: TickContext, row: number, fell: readonly boolean[]): boolean {
  const { rows } = context.state;
  const { pool, region } = rows[row]!;
  if (region === null) return false;
  const total = rows.findIndex((each) => each.pool === pool && each.region === null);
  return total >= 0 && fell[total] === true;
}

/** Whether an open ambiguous alert lists the row's own region. The row's alert then waits until the region is named. */
function isDebated(context: TickContext, row: number): boolean {
  const { region } = context.state.rows[row]!;
  return regionAlerts(context.state).some(
    (alert) => alert.region === null && alert.candidates.some((candidate) => candidate.region === region),
  );
}

/** One tick of all pools. `wait`: a regional fall may be about to be named. */
export function followPools(context: TickContext, view: ScaleView, wait: boolean): void {
  const { state, at, compiled } = context;
  for (const alert of [...state.alerts]) if (alert.scope === "pool") follow(context, view, alert);
  const down = new Set(state.alerts.flatMap((alert) => (alert.scope === "pool" ? [alert.row] : [])));
  const fell = state.rows.map((_, row) => down.has(row));
  // Totals come first: what a pool lost as a whole is not reported again region by region.
  const order = state.rows
    .map((_, row) => row)
    .sort((x, y) => Number(state.rows[x]!.region !== null) - Number(state.rows[y]!.region !== null) || x - y);
  for (const row of order) {
    if (
      state.rows[row]!.region === REST ||
      down.has(row) ||
      !isWarm(state.gate[row]!, at) ||
      at - state.recentAt[row]! > FRESH_MS
    )
      continue;
    const reference = state.fast.reference[row]!;
    const base = state.poolLow[row]! > 0 ? state.poolBase[row]! : reference;
    const level = levelNow(context, row);
    const halved = isHalved(context, row, base);
    // A tick without a new figure of the row contradicts nothing.
    const silent = state.gate[row]!.acceptedAt !== at && state.poolHalved[row]! > 0;
    if (!halved && !silent && !(level < (1 - FELL) * base)) {
      state.poolLow[row] = 0;
      state.poolHalved[row] = 0;
      continue;
    }
    fell[row] = true;
    if (state.poolLow[row] === 0) state.poolBase[row] = reference;
    state.poolLow[row]! += 1;
    if (halved) state.poolHalved[row]! += 1;
    else if (!silent) state.poolHalved[row] = 0;
    const sure = state.poolHalved[row]! >= HALVED_TICKS || state.poolLow[row]! * compiled.intervalMs >= AGREE_MS;
    const newest = halved || silent ? levelNow(context, row, state.gate[row]!.steps.lastGood) : level;
    const part = isPart(context, row, fell);
    const waits = wait && state.poolHalved[row]! < HALVED_TICKS + HALVED_WAIT_TICKS;
    const regional = waits || isDebated(context, row);
    if (sure && !regional && !part) open(context, view, row, newest);
    else if (!part) {
      const { pool, region } = state.rows[row]!;
      const reason = sure ? "region" : "patience";
      holdBack(context, { scope: "pool", pool, region, reason, score: 1 - newest / base, needed: 0 });
    }
  }
}
