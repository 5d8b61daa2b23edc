/**
 * Alerts of one pool, or of one region of one pool where it says figures by region: an outage, an exit, or miners that moved
 * to another pool. Told from levels, regional falls put back.
 */

import type { AlertEvent } from "../../model/alert.ts";
import { isoTime } from "../../model/tick.ts";
import { HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import { SD_PER_MAD, Z_90 } from "../model/normal.ts";
import { REST } from "../model/score-model.ts";
import { isWarm } from "../quality/warm-up.ts";
import type { PoolAlert } from "../state/alert-state.ts";
import { historyShape, medianOf, networkLevel } from "../state/history.ts";
import { regionAlerts } from "../state/state.ts";
import type { TickContext } from "../state/tick-context.ts";
import { eventBase, nextId, rounded } from "./events.ts";
import { severityOf } from "./severity.ts";

/** A pool that lost a quarter: more than any pool's ordinary day, and more than a regional blackout takes from most. */
const FELL = 0.25;
/** It is back within this part of its level; the gap between the two is the hysteresis. */
const BACK = 0.12;
/** Ticks must agree for this long: by then a regional fall has been named, and its effect is put back. */
const AGREE_MS = 30 * MINUTE_MS;
/** A row that lost more than half of itself is told as soon as two ticks say so: no ordinary day does that. */
const HALVED = 0.5;
const HALVED_TICKS = 2;
/** And by so many of its usual steps: the figures of a handful of miners halve and double by chance. */
const HALVED_STEPS = 8;
/** Another pool's gain explains a loss from this part of it on. */
const MOVED = 0.6;
const FRESH_MS = HOUR_MS;

/** A level with the effects of known regional falls put back, H/s. */
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
  const low = Math.max(0, alert.lost - Z_90 * alert.lostSd);
  const high = Math.min(alert.base, alert.lost + Z_90 * alert.lostSd);
  return {
    ...eventBase(context, alert, "pool", type),
    pool: alert.pool,
    region: state.rows[alert.row]?.region ?? null,
    startedAtLow: isoTime(alert.startedAtLow),
    startedAtHigh: isoTime(alert.startedAtHigh),
    lost: {
      hashrate: rounded(alert.lost),
      low: rounded(low),
      high: rounded(high),
      networkShare: rounded(Math.min(1, network > 0 ? alert.lost / network : 0), 3),
    },
    drop: { estimate: part(alert.lost), low: part(low), high: part(high) },
    cause: alert.cause,
  };
}

/** A bin that shows less than this part of the loss lies before the onset; one that shows more than the other, after it. */
const BEFORE = 0.05;
const AFTER = 0.25;
/** Levels of so many bins before the onset say how far the row wanders. */
const CALM_BINS = 72;

interface Onset {
  readonly startedAt: number;
  readonly low: number;
  readonly high: number;
  /** Standard deviation of the row's level before it, H/s. */
  readonly sd: number;
}

/**
 * When a row began to lose what it has lost, read off its history: after the last bin that still shows its base, before the
 * first that shows a quarter of the loss. Times in ms.
 */
function onsetOf(context: TickContext, row: number, base: number, lost: number): Onset {
  const { state, compiled, at } = context;
  const { bins, binMs } = historyShape(compiled.model.intervalSeconds);
  const figure = (back: number): number =>
    state.history[((state.historyHead - back + bins) % bins) * state.rows.length + row]!;
  const timeOf = (back: number): number => state.historyAt - back * binMs;
  let high = at;
  let back = 0;
  for (; back < bins; back++) {
    const shown = (base - figure(back)) / lost;
    if (shown > AFTER) high = timeOf(back);
    if (shown < BEFORE) break;
  }
  const known = back < bins;
  const low = known ? timeOf(back) : high - binMs;
  const calm: number[] = [];
  for (let k = back; k < Math.min(bins, back + CALM_BINS); k++) if (figure(k) > 0) calm.push(figure(k));
  const middle = medianOf(calm);
  const spread = SD_PER_MAD * medianOf(calm.map((each) => Math.abs(each - middle)));
  const least = 0.01 * base;
  const sd = Math.hypot(
    Number.isFinite(spread) ? spread : 0,
    Number.isFinite(middle) ? Math.min(Math.abs(base - middle), 0.1 * base) / 2 : 0,
    least,
  );
  // The first figure that shows a loss covers the interval before it.
  return { startedAt: Math.min(low + binMs / 2, high), low: low - binMs, high: Math.max(high, low), sd };
}

function open(context: TickContext, row: number, level: number): void {
  const { state, compiled, layout } = context;
  const base = state.poolBase[row]!;
  const lost = base - level;
  const network = networkLevel(layout.rows, state.fast.reference);
  const onset = onsetOf(context, row, base, lost);
  const alert: PoolAlert = {
    scope: "pool",
    id: nextId(context, "pool"),
    revision: 1,
    severity: severityOf(compiled.model.detection.severity, lost / Math.max(network, lost), 1),
    openedAt: context.at,
    startedAt: onset.startedAt,
    startedAtLow: onset.low,
    startedAtHigh: onset.high,
    updatedAt: context.at,
    ending: 0,
    row,
    pool: state.rows[row]!.pool,
    base,
    lost,
    lostSd: onset.sd,
    cause: causeOf(context, row, lost),
  };
  state.alerts.push(alert);
  context.events.push(poolEvent(context, alert, "opened"));
}

function close(context: TickContext, alert: PoolAlert, resolution: "recovered" | "new-regime"): void {
  const { state, at } = context;
  state.alerts = state.alerts.filter((entry) => entry !== alert);
  state.poolLow[alert.row] = 0;
  state.poolHalved[alert.row] = 0;
  alert.revision += 1;
  context.events.push({ ...poolEvent(context, alert, "resolved"), endedAt: isoTime(at), resolution });
}

/** Alerts of rows whose unit changed for good: their figures of before say nothing of those that come. */
export function endRenewed(context: TickContext, renewed: readonly number[]): void {
  for (const alert of [...context.state.alerts]) {
    if (alert.scope === "pool" && renewed.includes(alert.row)) close(context, alert, "new-regime");
  }
}

function follow(context: TickContext, alert: PoolAlert): void {
  const { state, at, compiled } = context;
  const accepted = at - alert.openedAt >= compiled.model.detection.newRegimeAfterSeconds * 1000;
  // A pool that fell and then went silent is not back, and not watched for ever either.
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
  const lost = alert.base - level;
  if (lost - alert.lost > 0.15 * alert.base && at - alert.updatedAt >= AGREE_MS) {
    alert.lost = lost;
    alert.revision += 1;
    alert.updatedAt = at;
    context.events.push(poolEvent(context, alert, "updated"));
  }
}

/** Whether a row's newest figure says that more than half of it is gone, far beyond its usual steps. */
function isHalved(context: TickContext, row: number, base: number): boolean {
  const { steps, acceptedAt } = context.state.gate[row]!;
  if (acceptedAt !== context.at) return false;
  const now = levelNow(context, row, steps.lastGood);
  return now < (1 - HALVED) * base && Math.log(base / Math.max(now, 1e-3 * base)) > HALVED_STEPS * steps.step;
}

/** Rows whose fall is told with another's: a region of a pool that fell as a whole. */
function isPart(context: TickContext, row: number, fell: readonly boolean[]): boolean {
  const { rows } = context.state;
  const { pool, region } = rows[row]!;
  if (region === null) return false;
  const total = rows.findIndex((each) => each.pool === pool && each.region === null);
  return total >= 0 && fell[total] === true;
}

/** Whether an open alert that is not sure of its region holds the row's own for possible: then it waits for the name. */
function isDebated(context: TickContext, row: number): boolean {
  const { region } = context.state.rows[row]!;
  return regionAlerts(context.state).some(
    (alert) => alert.region === null && alert.candidates.some((candidate) => candidate.region === region),
  );
}

/** One tick of all pools. `wait`: a regional fall may be about to be named. */
export function followPools(context: TickContext, wait: boolean): void {
  const { state, at, compiled } = context;
  for (const alert of [...state.alerts]) if (alert.scope === "pool") follow(context, alert);
  const down = new Set(state.alerts.flatMap((alert) => (alert.scope === "pool" ? [alert.row] : [])));
  const fell = state.rows.map((_, row) => down.has(row));
  // Totals first: what a pool lost as a whole is not told again region by region.
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
    if (!halved && !(level < (1 - FELL) * base)) {
      state.poolLow[row] = 0;
      state.poolHalved[row] = 0;
      continue;
    }
    fell[row] = true;
    if (state.poolLow[row] === 0) state.poolBase[row] = reference;
    state.poolLow[row]! += 1;
    state.poolHalved[row] = halved ? state.poolHalved[row]! + 1 : 0;
    const sure = state.poolHalved[row]! >= HALVED_TICKS || state.poolLow[row]! * compiled.intervalMs >= AGREE_MS;
    if (sure && !wait && !isPart(context, row, fell) && !isDebated(context, row)) {
      open(context, row, halved ? levelNow(context, row, state.gate[row]!.steps.lastGood) : level);
    }
  }
}
