/** Alerts of one pool: an outage, an exit, or miners that moved to another pool. Told from levels, regional falls put back. */
import type { AlertEvent } from "../../model/alert.ts";
import { isoTime } from "../../model/tick.ts";
import { isWarm } from "../quality/warm-up.ts";
import type { PoolAlert } from "../state/alert-state.ts";
import { networkLevel } from "../state/history.ts";
import type { TickContext } from "../state/tick-context.ts";
import { eventBase, nextId, rounded } from "./events.ts";
import { severityOf } from "./severity.ts";

/** A pool that lost a quarter: more than any pool's ordinary day, and more than a regional blackout takes from most. */
const FELL = 0.25;
/** It is back within this part of its level; the gap between the two is the hysteresis. */
const BACK = 0.12;
/** Ticks must agree for this long: by then a regional fall has been named, and its effect is put back. */
const AGREE_MS = 30 * 60_000;
/** Another pool's gain explains a loss from this part of it on. */
const MOVED = 0.6;
const FRESH_MS = 3_600_000;

/** Present level with the effects of known regional falls put back, H/s. */
function levelNow(context: TickContext, row: number): number {
  const { state } = context;
  let away = 0;
  for (const alert of state.alerts) {
    if (alert.scope === "region") away += (alert.fallHashrate[row] ?? 0) * Math.max(0, alert.remaining);
  }
  for (const held of state.withheld) away += (held.fallHashrate[row] ?? 0) * Math.max(0, held.remaining);
  return state.recent[row]! + away;
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
  return { hint: "pool-outage", why: "this pool alone fell" };
}

function poolEvent(context: TickContext, alert: PoolAlert, type: AlertEvent["type"]): AlertEvent {
  const { state, layout } = context;
  const network = networkLevel(layout.rows, state.fast.reference);
  const drop = Math.min(1, Math.max(0, alert.lost / alert.base));
  const sd = state.fast.reference[alert.row]! * 0.02;
  return {
    ...eventBase(context, alert, "pool", type),
    pool: alert.pool,
    lost: {
      hashrate: rounded(alert.lost),
      low: rounded(Math.max(0, alert.lost - 1.645 * sd)),
      high: rounded(alert.lost + 1.645 * sd),
      networkShare: rounded(Math.min(1, network > 0 ? alert.lost / network : 0), 3),
    },
    drop: {
      estimate: rounded(drop, 3),
      low: rounded(Math.max(0, drop - 0.03), 3),
      high: rounded(Math.min(1, drop + 0.03), 3),
    },
    cause: alert.cause,
  };
}

function open(context: TickContext, row: number, level: number): void {
  const { state, compiled, layout } = context;
  const base = state.poolBase[row]!;
  const lost = base - level;
  const network = networkLevel(layout.rows, state.fast.reference);
  const startedAt = context.at - AGREE_MS;
  const alert: PoolAlert = {
    scope: "pool",
    id: nextId(context, "pool"),
    revision: 1,
    severity: severityOf(compiled.model.detection.severity, lost / Math.max(network, lost), 1),
    openedAt: context.at,
    startedAt,
    startedAtLow: startedAt - AGREE_MS,
    startedAtHigh: context.at,
    updatedAt: context.at,
    ending: 0,
    row,
    pool: state.rows[row]!.pool,
    base,
    lost,
    cause: causeOf(context, row, lost),
  };
  state.alerts.push(alert);
  context.events.push(poolEvent(context, alert, "opened"));
}

function close(context: TickContext, alert: PoolAlert, resolution: "recovered" | "new-regime"): void {
  const { state, at } = context;
  state.alerts = state.alerts.filter((entry) => entry !== alert);
  state.poolLow[alert.row] = 0;
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

/** One tick of all pools. `wait`: a regional fall may be about to be named. */
export function followPools(context: TickContext, wait: boolean): void {
  const { state, at, compiled } = context;
  for (const alert of [...state.alerts]) if (alert.scope === "pool") follow(context, alert);
  const down = new Set(state.alerts.flatMap((alert) => (alert.scope === "pool" ? [alert.row] : [])));
  for (let row = 0; row < state.rows.length; row++) {
    if (down.has(row) || state.rows[row]!.region !== null || !isWarm(state.gate[row]!, at)) continue;
    if (at - state.recentAt[row]! > FRESH_MS) continue;
    const reference = state.fast.reference[row]!;
    const base = state.poolLow[row]! > 0 ? state.poolBase[row]! : reference;
    const level = levelNow(context, row);
    if (!(level < (1 - FELL) * base)) {
      state.poolLow[row] = 0;
      continue;
    }
    if (state.poolLow[row] === 0) state.poolBase[row] = reference;
    state.poolLow[row]! += 1;
    if (state.poolLow[row]! * compiled.intervalMs >= AGREE_MS && !wait) open(context, row, level);
  }
}
